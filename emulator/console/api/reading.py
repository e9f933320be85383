"""What can be read."""

from pathlib import Path
from typing import Any

from flask import Response, jsonify, request

from emulator.composer import INTERFACES, CallWish, prefilled
from emulator.console.api import documents
from emulator.console.api.blueprint import api, limit, listed, market, missing, the
from emulator.console.builder.sending import factory
from emulator.console.check.index import runs
from emulator.console.console_context import context, number
from emulator.console.language import language
from emulator.console.seller.mails import chosen_mails
from emulator.console.seller.messages import chosen_messages
from emulator.console.usage.instances import look_up
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.usage.usage_records import Abnormal
from emulator.texts import speaking

DESCRIPTION = Path(__file__).with_name("openapi.json")
_AHEAD = 20


@api.get("/openapi.json")
def description() -> Response:
    """What there is, as OpenAPI 3.1."""
    return Response(DESCRIPTION.read_text(encoding="utf-8"), mimetype="application/json")


@api.get("/calls")
def calls() -> dict[str, Any]:
    """The calls of both sides, newest first; ``next`` is the ``before`` of the page behind. What is searched for is
    looked for in some thousand calls at once: there may be more behind even an empty page.
    """
    found = market().timeline.page(Filter.of(request.args), before=number("before") or None, limit=limit())
    return {"calls": [documents.call_line(each) for each in found.lines], "next": found.further}


@api.get("/calls/<int:place>")
def call(place: int) -> dict[str, Any]:
    """All of one."""
    return shown_call(market().timeline.get(place) or missing())


def shown_call(found: RecordedCall) -> dict[str, Any]:
    """With what the seller's side logged."""
    seller = context().seller
    return documents.call(found, seller.logged(found.request_id) if seller and found.request_id else ())


@api.get("/interfaces")
def interfaces() -> dict[str, Any]:
    """The calls that can be composed, with their fields."""
    makes = factory(market())
    wishes = [CallWish(each, prefilled(makes, each)) for each in INTERFACES.values()]
    return {"interfaces": [documents.interface(each) for each in wishes]}


@api.get("/messages")
def messages() -> dict[str, Any]:
    """Messages to the seller, newest first, of one ``state`` if asked for."""
    return listed("messages", chosen_messages(market().database.all(Message)[::-1]), documents.message)


@api.get("/messages/<message_id>")
def message(message_id: str) -> dict[str, Any]:
    """One message."""
    return documents.message(the(Message, message_id))


@api.get("/instances")
def instances() -> dict[str, Any]:
    """What was bought, newest first, of one ``customer`` if asked for."""
    found = market().database.all(Subscription, request.args.get("customer") or None)[::-1]
    return listed("instances", found, shown_instance)


@api.get("/instances/<instance_id>")
def instance(instance_id: str) -> dict[str, Any]:
    """One, by its id here or the seller's."""
    return shown_instance(found_instance(instance_id))


def found_instance(instance_id: str) -> Subscription:
    """By either id, or 404."""
    return market().instances.named(instance_id) or missing()


def shown_instance(found: Subscription) -> dict[str, Any]:
    """With what can be done with it."""
    ordered = market().shop.as_ordered(found)
    return documents.instance(found, market().database.the(ListedProduct, ordered.product))


@api.get("/orders")
def orders() -> dict[str, Any]:
    """The orders, newest first."""
    return listed("orders", market().database.all(PlacedOrder)[::-1], documents.order)


@api.get("/mails")
def mails() -> dict[str, Any]:
    """What the marketplace would have sent, newest first, of one ``box`` and with the words ``q`` if asked for."""
    return listed("mails", chosen_mails(market().database.all(Mail)[::-1]), documents.mail)


@api.get("/customers")
def customers() -> dict[str, Any]:
    """The buyers."""
    return listed("customers", market().database.all(Customer), documents.customer)


@api.get("/products")
def products() -> dict[str, Any]:
    """What is offered."""
    return listed("products", market().catalogue.current(), documents.product)


@api.get("/products/<name>")
def product(name: str) -> dict[str, Any]:
    """One product, by its name or revision."""
    found = market().catalogue.get(name)
    return documents.product(found) if found else missing()


@api.get("/usage/<instance_id>")
def usage(instance_id: str) -> dict[str, Any]:
    """What was used, as far as this process knows it, what was accepted and billed of it, what is not uploaded yet, and
    the newest refusals.
    """
    shown = context()
    if shown.usage is None:
        missing()
    sums = look_up(shown, instance_id).sums
    refused = [_refused(each) for each in shown.usage.records.abnormal(limit(), instance_id=instance_id)]
    return {
        "instanceId": instance_id,
        "used": None if sums.used is None else f"{sums.used:f}",
        "accepted": f"{sums.accepted:f}",
        "billed": f"{sums.billed:f}",
        "notUploaded": None if sums.unsent is None else f"{sums.unsent:f}",
        "verdict": sums.verdict,
        "refused": refused,
    }


def _refused(found: Abnormal) -> dict[str, Any]:
    window = {"begin": found.sent.begin_time, "end": found.sent.end_time, "value": found.sent.usage_value}
    return documents.members(found, "code", "at") | window


@api.get("/clock")
def clock() -> dict[str, Any]:
    """What time it is in the marketplace, and what happens next."""
    moving = context().mover.moving  # first: when it has arrived, all else is of the end
    coming = market().agenda.ahead(_AHEAD)
    ahead = [documents.members(each, "at", "subject") | {"task": each.name} for each in coming]
    return {"now": documents.moment(market().clock.now()), "moving": moving, "ahead": ahead}


@api.get("/check")
def check() -> Response:
    """The latest run of the checker; ``report`` is there at its end."""
    run = runs().latest
    with speaking(language()):
        report = run.report.document() if run and run.report else None
    return jsonify({"going": bool(run and run.going), "counts": dict(run.counts) if run else {}, "report": report})
