"""What there is, as JSON. Times are ISO 8601 in UTC, amounts are texts; texts are in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from emulator.composer import CallWish
from emulator.console.buyer.actions import offers
from emulator.console.language import say
from emulator.console.seller.mails import subject_of
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_entry import described
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.call import ReceivedAnswer, RecordedCall
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.log_lines import LogLine
from emulator.texts import Text

_OF_A_CALL = (
    *("number", "at", "direction", "family", "activity", "version", "order_id", "instance_id"),
    *("fault", "code", "verdict", "source", "request_id"),
)


def members(found: object, *names: str) -> dict[str, Any]:
    """Attributes as members: ``order_id`` is ``orderId``."""
    return {_spelt(name): _plain(getattr(found, name)) for name in names}


def _spelt(name: str) -> str:
    first, *others = name.split("_")
    return "".join([first, *map(str.capitalize, others)])


def _plain(value: Any) -> Any:
    """In a form that JSON has."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, Text):
        return say(value)
    return str(value) if isinstance(value, Decimal) else value


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def call_line(line: TimelineLine) -> dict[str, Any]:
    """A call in a list."""
    return members(line, *_OF_A_CALL, "status", "milliseconds") | _occasion(line)


def call(found: RecordedCall, logged: Sequence[LogLine]) -> dict[str, Any]:
    """All of a call, with what the seller's side logged."""
    sent = found.sent
    return {
        **members(found, *_OF_A_CALL, "message_id"),
        **members(found.received, "status", "milliseconds"),
        **_occasion(found),
        "request": {**members(sent, "method", "path", "query", "headers"), "body": _text(sent.body)},
        "answer": answer(found.received.withheld or found.received),
        "findings": [
            {"check": each.id, "verdict": each.verdict, "reason": say(each.reason)} for each in found.findings
        ],
        "log": [log_line(each) for each in logged],
    }


def _occasion(found: TimelineLine | RecordedCall) -> dict[str, str]:
    return {"occasion": say(found.occasion), "problem": say(found.problem)}


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def log_line(line: LogLine) -> dict[str, Any]:
    """What the seller's side logged."""
    return members(line, "text", "fields")


def answer(received: ReceivedAnswer) -> dict[str, Any] | None:
    """``None`` if there is none."""
    if not received.status:
        return None
    return {**members(received, "status", "headers"), "body": _text(received.body)}


def message(found: Message) -> dict[str, Any]:
    """A message to the seller with its attempts."""
    shown = members(found, "id", "purpose", "version", "activity", "order_id", "instance_id", "about", "state")
    shown |= members(found, "attempts", "created_at", "next_at", "code", "calls")
    return {**shown, "problem": say(found.problem)}


def instance(found: Subscription, product: ListedProduct) -> dict[str, Any]:
    """A subscription, and what can be done with it now."""
    shown = members(found, "id", "instance_id", "customer_id", "product", "plan", "quantity", "frozen_for")
    shown |= members(found, "order_id", "trial", "opened_at", "expires_at", "closed_at")
    return {**shown, "state": found.status, "actions": [each.name for each in offers(found, product)]}


def order(found: PlacedOrder) -> dict[str, Any]:
    """A line of an order."""
    named = {
        "orderId": found.number,
        "orderLineId": found.line_id,
        "type": found.kind,
        "instance": found.subscription_id,
    }
    shown = members(found, "customer_id", "product", "plan", "quantity", "amount", "state", "placed_at", "expires_at")
    return named | shown


def mail(found: Mail) -> dict[str, Any]:
    """``to`` is ``seller`` or a customer's id; what it is about are ids, empty where it is about no such thing."""
    about = subject_of(found)
    named = {"messageId": about.message, "orderId": about.order, "instance": about.instance, "product": about.product}
    return members(found, "id", "at", "to", "about", "subject", "text") | named


def customer(found: Customer) -> dict[str, Any]:
    """A buyer; what the seller may be told of one is not here."""
    return members(found, "id", "name", "enterprise", "arrears")


def product(found: ListedProduct) -> dict[str, Any]:
    """A product as in a file, with the revision that is sold and how it stands."""
    return described(found, name_of(found.id)) | {"revision": found.id, "shelf": found.shelf}


def interface(wish: CallWish) -> dict[str, Any]:
    """A call and its fields, with what stands in them."""
    shown = [
        {
            **members(each, "name", "kind", "most", "needed"),
            "meaning": say(each.meaning),
            "value": wish.values.get(each.name, ""),
        }
        for each in wish.call.fields
    ]
    return {**members(wish.call, "version", "name"), "fields": shown}
