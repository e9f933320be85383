"""The stops in an instance's life, from the messages about it: bought, active, renewed, frozen, released."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from emulator.console.times import to_millisecond
from emulator.marketplace.delivery.messages import Delivery, Message, Purpose, schedule
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import SubscriptionStatus
from shared.instance.history import Happening

OPENING, ACTIVE, FROZEN, RELEASED, REFUNDED = SubscriptionStatus
_ORDERED = {
    Purpose.PURCHASE: "active",
    Purpose.RENEWAL: "renewed",
    Purpose.TRIAL_TO_FORMAL: "converted",
    Purpose.UPGRADE: "upgraded",
    Purpose.RETURN: "returned",
}
"""Reached once the seller has done it."""
_AT_ONCE = {
    Purpose.EXPIRY: ("frozen", FROZEN),
    Purpose.FREEZE: ("frozen", FROZEN),
    Purpose.UNFREEZE: ("unfrozen", ACTIVE),
    Purpose.RELEASE: ("released", RELEASED),
}
"""True from the moment on in which the marketplace says so."""


class Stage(NamedTuple):
    """A stop at ``at``, and how the instance stands from then on. ``order`` led to it, if any did."""

    at: datetime
    name: str
    status: str
    order: PlacedOrder | None = None
    plan: str = ""
    quantity: int = 0
    expires_at: datetime | None = None


def stages(
    orders: Sequence[PlacedOrder], messages: Sequence[Message], ended: Mapping[str, datetime]
) -> Sequence[Stage]:
    """The stops, by time.

    :param orders: of the instance, in the order in which they were placed.
    :param ended: when each message had its last attempt, by id.
    """
    if not orders:
        return ()
    first = orders[0]
    found = [Stage(to_millisecond(first.placed_at), "bought", OPENING, first, first.plan, first.quantity)]
    for at, message in sorted(_turns(messages, ended), key=lambda each: each[0]):
        if stage := _after(found[-1], at, message, {order.id: order for order in orders}):
            found.append(stage)
    return found


def _turns(messages: Iterable[Message], ended: Mapping[str, datetime]) -> Iterator[tuple[datetime, Message]]:
    for message in messages:
        if message.purpose in _AT_ONCE:
            yield to_millisecond(message.created_at), message
        elif message.purpose in _ORDERED and message.state in (Delivery.DELIVERED, Delivery.GIVEN_UP):
            yield ended.get(message.id, message.created_at), message


def _after(before: Stage, at: datetime, message: Message, orders: Mapping[str, PlacedOrder]) -> Stage | None:
    """The stop that a message leads to, if it changes anything."""
    if before.status in (RELEASED, REFUNDED):
        return None
    if message.purpose in _AT_ONCE:
        name, status = _AT_ONCE[message.purpose]
        return before._replace(at=at, name=name, status=status, order=None) if status != before.status else None
    order = orders.get(message.order_id)
    if message.state is Delivery.GIVEN_UP:
        lost = message.purpose is Purpose.PURCHASE and schedule(message.purpose).refunds
        return before._replace(at=at, name="refunded", status=REFUNDED, order=order) if lost else None
    reached = before._replace(at=at, name=_ORDERED[message.purpose], status=_thawed(before), order=order)
    return (
        reached._replace(plan=order.plan, quantity=order.quantity, expires_at=order.expires_at or before.expires_at)
        if order
        else reached
    )


def _thawed(before: Stage) -> str:
    """What was frozen for another reason than its end stays so (production interfaces, section 2.3)."""
    ended = before.expires_at is not None and before.expires_at <= before.at
    return FROZEN if before.status == FROZEN and not ended else ACTIVE


def told_stages(history: Sequence[Happening]) -> Sequence[Stage]:
    """The stops as far as the seller's side alone knows them."""
    turned = (each for each in history if each.after and (each.before != each.after or each.what == "renew"))
    return [Stage(each.at, _told_name(each), each.after.lower()) for each in turned if each.result != "failed"]


def _told_name(happened: Happening) -> str:
    named = {"create": "active", "renew": "renewed", "unfreeze": "unfrozen"}
    return "bought" if happened.after == "PENDING" else named.get(happened.what, happened.after.lower())
