"""What there is, as JSON. Times are ISO 8601 in UTC, amounts are texts; texts are in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from emulator.composer import CallWish
from emulator.console.language import say
from emulator.console.seller.mails import subject_of
from emulator.marketplace.catalogue.catalogue import name_of
from emulator.marketplace.catalogue.product_entry import described
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.call import ReceivedAnswer, RecordedCall
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.log_lines import LogLine


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def call_line(line: TimelineLine) -> dict[str, Any]:
    """A call in a list."""
    return {
        "number": line.number,
        "at": line.at,
        "direction": line.direction,
        "family": line.family,
        "activity": line.activity,
        "version": line.version,
        "orderId": line.order_id,
        "instanceId": line.instance_id,
        "occasion": say(line.occasion),
        "fault": line.fault,
        "status": line.status,
        "code": line.code,
        "milliseconds": line.milliseconds,
        "verdict": line.verdict,
        "problem": say(line.problem),
        "source": line.source,
        "requestId": line.request_id,
    }


def call(found: RecordedCall, logged: Sequence[LogLine]) -> dict[str, Any]:
    """All of a call, with what the seller's side logged."""
    line = {name: getattr(found, name) for name in ("number", "direction", "family", "activity", "version", "fault")}
    about = {"orderId": found.order_id, "instanceId": found.instance_id, "messageId": found.message_id}
    outcome = {"status": found.received.status, "code": found.code, "milliseconds": found.received.milliseconds}
    sent = found.sent
    return {
        **line,
        "at": moment(found.at),
        **about,
        "occasion": say(found.occasion),
        **outcome,
        "verdict": found.verdict,
        "problem": say(found.problem),
        "source": found.source,
        "requestId": found.request_id,
        "request": {
            "method": sent.method,
            "path": sent.path,
            "query": [list(pair) for pair in sent.query],
            "headers": [list(pair) for pair in sent.headers],
            "body": sent.body.decode("utf-8", "replace"),
        },
        "answer": answer(found.received.withheld or found.received),
        "findings": [
            {"check": each.id, "verdict": each.verdict.value, "reason": say(each.reason)} for each in found.findings
        ],
        "log": [log_line(each) for each in logged],
    }


def log_line(line: LogLine) -> dict[str, Any]:
    """What the seller's side logged."""
    return {"text": line.text, "fields": dict(line.fields)}


def answer(received: ReceivedAnswer) -> dict[str, Any] | None:
    """``None`` if there is none."""
    if not received.status:
        return None
    headers = [list(pair) for pair in received.headers]
    return {"status": received.status, "headers": headers, "body": received.body.decode("utf-8", "replace")}


def message(found: Message) -> dict[str, Any]:
    """A message to the seller with its attempts."""
    return {
        "id": found.id,
        "purpose": found.purpose.value,
        "version": found.version.value,
        "activity": found.activity,
        "orderId": found.order_id,
        "instanceId": found.instance_id,
        "about": found.about,
        "state": found.state.value,
        "attempts": found.attempts,
        "createdAt": moment(found.created_at),
        "nextAt": moment(found.next_at),
        "code": found.code,
        "problem": say(found.problem),
        "calls": list(found.calls),
    }


def instance(found: Subscription, product: ListedProduct) -> dict[str, Any]:
    """A subscription, and what can be done with it now."""
    actions = [name for name, each in ACTIONS.items() if found.live and each.possible(found, product)]
    return {
        "id": found.id,
        "instanceId": found.instance_id,
        "customerId": found.customer_id,
        "product": found.product,
        "plan": found.plan,
        "quantity": found.quantity,
        "state": found.status.value,
        "frozenFor": found.frozen_for,
        "orderId": found.order_id,
        "trial": found.trial,
        "openedAt": moment(found.opened_at),
        "expiresAt": moment(found.expires_at),
        "closedAt": moment(found.closed_at),
        "actions": actions,
    }


def order(found: PlacedOrder) -> dict[str, Any]:
    """A line of an order."""
    return {
        "orderId": found.number,
        "orderLineId": found.line_id,
        "type": found.kind.value,
        "instance": found.subscription_id,
        "customerId": found.customer_id,
        "product": found.product,
        "plan": found.plan,
        "quantity": found.quantity,
        "amount": str(found.amount),
        "state": found.state.value,
        "placedAt": moment(found.placed_at),
        "expiresAt": moment(found.expires_at),
    }


def mail(found: Mail) -> dict[str, Any]:
    """``to`` is ``seller`` or a customer's id; what it is about are ids, empty where it is about no such thing."""
    about = subject_of(found)
    return {
        "id": found.id,
        "at": moment(found.at),
        "to": found.to,
        "about": found.about,
        "messageId": about.message,
        "orderId": about.order,
        "instance": about.instance,
        "product": about.product,
        "subject": say(found.subject),
        "text": say(found.text),
    }


def customer(found: Customer) -> dict[str, Any]:
    """A buyer; what the seller may be told of one is not here."""
    return {"id": found.id, "name": found.name, "enterprise": found.enterprise, "arrears": found.arrears}


def product(found: ListedProduct) -> dict[str, Any]:
    """A product as in a file, with the revision that is sold and how it stands."""
    return described(found, name_of(found.id)) | {"revision": found.id, "shelf": found.shelf.value}


def fields(wish: CallWish) -> list[dict[str, Any]]:
    """The fields of a call with what stands in them."""
    return [
        {
            "name": each.name,
            "kind": each.kind,
            "most": each.most,
            "needed": each.needed,
            "meaning": say(each.meaning),
            "value": wish.values.get(each.name, ""),
        }
        for each in wish.call.fields
    ]
