"""What can be done. Whatever calls the seller waits for the first answer, a few seconds at most."""

from datetime import datetime, timedelta
from typing import Any

from emulator.composer import CallWish, NotComposed, interface, of_product, prefilled
from emulator.console.api import documents
from emulator.console.api.blueprint import ApiRefused, api, body, market, missing, text_in, texts_in, the
from emulator.console.api.reading import check, clock, found_instance, shown_call, shown_instance
from emulator.console.builder.sending import factory, sent
from emulator.console.buyer.actions import ActionRefused
from emulator.console.buyer.actions import do as act_on
from emulator.console.buyer.delivery import await_tasks, delivered
from emulator.console.check.index import runs
from emulator.console.check.run import CheckRefused, WishedCheck
from emulator.console.clock.mover import Busy
from emulator.console.console_context import context
from emulator.console.language import say
from emulator.console.replay import resigned
from emulator.console.seller.messages import try_all
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_rules import ProductsRefused
from emulator.marketplace.catalogue.product_rules import product as described_product
from emulator.marketplace.delivery.call import Direction, Family
from emulator.marketplace.delivery.messages import DELIVER, Message
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.buyers import Customer
from shared.errors import InvalidParameter


@api.post("/calls")
def compose() -> tuple[dict[str, Any], int]:
    """Send any call; fields that are not given have the checker's values, or those of a product's plan."""
    members = body()
    call = interface(text_in(members, "version") or "v2", text_in(members, "name")) or missing()
    makes, product = factory(market()), market().catalogue.get(text_in(members, "product"))
    values = (
        of_product(makes, call, product, product.plan(text_in(members, "plan"))) if product else prefilled(makes, call)
    )
    wish = CallWish(call, values | texts_in(members, "values"), members.get("real") is True, text_in(members, "expect"))
    try:
        return shown_call(sent(market(), wish)), 201
    except NotComposed as refusal:
        raise ApiRefused(400, "not-composed", say(refusal.what)) from None


@api.post("/calls/<int:place>/resend")
def resend(place: int) -> tuple[dict[str, Any], int]:
    """The same message, signed now."""
    call = market().timeline.get(place) or missing()
    if call.direction is not Direction.OUT or call.family not in (Family.PRODUCTION, Family.SYNC):
        raise ApiRefused(409, "not-ours", "only calls of the marketplace can be sent again")
    try:
        return shown_call(resigned(market(), call)), 201
    except (ValueError, InvalidParameter) as error:
        raise ApiRefused(409, "unsigned", str(error)) from None


@api.post("/messages/<message_id>/try")
def try_message(message_id: str) -> dict[str, Any]:
    """Try a message now: one that waits, or one that was given up."""
    the(Message, message_id)
    try:
        market().deliveries.again(message_id)
    except ValueError as error:
        raise ApiRefused(409, "no-restart", str(error)) from None
    await_tasks(market(), lambda: [(DELIVER, message_id)])
    return documents.message(the(Message, message_id))


@api.post("/messages/retry")
def retry() -> dict[str, Any]:
    """Try all messages now that have one ``failure`` in common, see ``failures`` of the overview."""
    tried = try_all(market(), text_in(body(), "failure"))
    return {"messages": [documents.message(the(Message, each)) for each in tried]}


@api.post("/instances")
def buy() -> tuple[dict[str, Any], int]:
    """Buy or try a product; without a customer, the first one does."""
    members = body()
    customer = text_in(members, "customer") or market().database.all(Customer)[0].id
    product = market().catalogue.get(text_in(members, "product")) or missing()
    filled, plan, trial = texts_in(members, "parameters"), text_in(members, "plan"), members.get("trial") is True
    with delivered(market()):
        bought = market().shop.buy(the(Customer, customer).id, product.id, plan, trial=trial, parameters=filled)
    return shown_instance(found_instance(bought.id)), 201


@api.post("/instances/<instance_id>/<action>")
def act(instance_id: str, action: str) -> dict[str, Any]:
    """What a buyer or the marketplace does with it: see ``actions`` of the instance."""
    found = found_instance(instance_id)
    if action not in ACTIONS:
        missing()
    try:
        with delivered(market()):
            act_on(market(), action, found.id, text_in(body(), "plan"))
    except ActionRefused:
        raise ApiRefused(409, "not-agreed", "the seller did not agree to the change") from None
    return shown_instance(found_instance(found.id))


@api.put("/products/<name>")
def put_product(name: str) -> dict[str, Any]:
    """Offer a product, described as in a file, under this name."""
    try:
        entry = described_product({**body(), "id": name_of(name)})
    except ProductsRefused as refusal:
        wrong = [{"field": each.where, "message": say(each.what)} for each in refusal.problems]
        raise ApiRefused(400, "product", str(refusal), wrong) from None
    return documents.product(market().catalogue.put(entry.listed()))


@api.delete("/products/<name>")
def withdraw(name: str) -> tuple[str, int]:
    """Offer it no longer."""
    market().catalogue.withdraw((market().catalogue.get(name) or missing()).id)
    return "", 204


@api.post("/clock")
def move() -> tuple[dict[str, Any], int]:
    """Let time pass in the background: so many ``seconds``, or up to a moment ``to``."""
    members, now = body(), market().clock.now()
    try:
        seconds = members.get("seconds", 0)
        target = datetime.fromisoformat(text_in(members, "to")) if "to" in members else now + timedelta(seconds=seconds)
        context().mover.start(target)
    except Busy:
        raise ApiRefused(409, "busy", "the clock is being moved") from None
    except (ValueError, TypeError, OverflowError):
        raise ApiRefused(400, "moment", "no moment ahead, or one too far away") from None
    return clock(), 202


@api.post("/check")
def start_check() -> tuple[Any, int]:
    """Check the seller's server in the background."""
    members = body()
    only = members.get("only", [])
    if not isinstance(only, list) or not all(isinstance(each, str) for each in only):
        raise ApiRefused(400, "body", "only must be a list of texts")
    wish = WishedCheck(only=tuple(only), sync=members.get("sync") is True, real=members.get("real") is True)
    try:
        runs().start(wish)
    except CheckRefused as refusal:
        raise ApiRefused(409, refusal.reason, refusal.reason) from None
    return check(), 202
