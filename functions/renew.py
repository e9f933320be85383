"""``refreshInstance``: renewal, trial to formal, a renewal returned (production interfaces, sections 2.2 and 3.3)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Renew, Version
from shared.instance.at_work import at_work
from shared.instance.change import Change, ChangeOrder
from shared.instance.changes import make
from shared.instance.choices import chosen
from shared.instance.doubt import cleared
from shared.instance.in_service import stand, wishes_of
from shared.instance.order_words import order_key, returned, words_of
from shared.instance.ordered import created_ms, order_if_known, ordered
from shared.instance.precedence import Stamp, Wish, WishKind, expiry, overtaken, placed
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect
from shared.orders.told import ToldOrder, merged, said_of
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import Charging, OrderType, Renewal, RenewalScene

if TYPE_CHECKING:
    from shared.openapi.order import Order

__all__ = ["handler"]

RETURN = RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
BOUGHT = frozenset({Aspect.PERIOD, Aspect.SPECIFICATION})
TYPES = {
    RenewalScene.RENEWAL: OrderType.RENEW,
    RenewalScene.RENEWAL_CHANGE: OrderType.RENEW,
    RenewalScene.TRIAL_TO_FORMAL: OrderType.TRIAL_TO_FORMAL,
    RETURN: OrderType.UNSUBSCRIBE_RENEWAL_PERIOD,
}
NEW_SPECIFICATION = (RenewalScene.TRIAL_TO_FORMAL, RenewalScene.RENEWAL_CHANGE)
"""Scenes whose order may buy something else than before."""
ENDLESS = (Charging.ON_DEMAND, Charging.ONE_TIME)
"""What has no end: ``expireTime`` is not sent for it (section 2.1)."""


@dataclass(frozen=True, slots=True)
class _Bought:
    """What a renewal is about: a wish for the period, and the parts of the specification it chooses."""

    wish: Wish
    parts: dict[str, Any]
    order: ToldOrder


def renew(command: Renew, call: Call, app: App) -> Outcome:
    """Extend the period, or set its end if a renewal is returned; lift what the end of a period froze."""

    def carry_out(held: InstanceRecord, sent_ms: int, key: str) -> InstanceRecord:
        bought = _bought(app, command, call, sent_ms, held)
        wishes, wish = cleared(app, wishes_of(held), bought.wish, call)
        wishes = placed(wishes, wish)
        picked = chosen(held, bought.parts, wish.stamp)
        after = replace(
            picked,
            expires_at=expiry(wishes),
            trial=held.trial and command.scene is not RenewalScene.TRIAL_TO_FORMAL,
            wishes=wishes,
        )
        if overtaken(wishes, wish) and _same(held, after) and not held.unsure & BOUGHT:
            log.event("no effect: a newer order counts", instance_id=held.instance_id, order_id=command.order_id)
        else:
            renewal = Renewal(command.scene, command.order_id, after.expires_at, after.specification, command.amount)
            instance = held.instance(bought.order.summary(app.settings.currency))
            at_work(app, held).renew(instance, renewal, key)
            after = replace(after, unsure=after.unsure - BOUGHT)
        return stand(app, held, after.tried_out(order.returns), f"{key}:unfreeze")

    order = _order(command)
    change = Change(Event.RENEW, order.key, carry_out, order, told=_placed(command))
    make(app, call, command.instance_id, change)
    return Done()


def _order(command: Renew) -> ChangeOrder:
    """A return may carry the id of the renewal it gives back (section 14); it is a wish of its own all the same."""
    name, line = order_key(command.order_id), command.order_part or ""
    words = words_of({"expiry": command.expires_at, **_told(command)})
    if command.scene is RETURN:
        return ChangeOrder(returned(name), line, words, returns=f"{name}{line}")
    return ChangeOrder(name, line, words, returned_as=returned(name))


def _placed(command: Renew) -> ToldOrder:
    kind, amount = TYPES[command.scene], command.amount
    return ToldOrder(command.order_id, command.order_part, kind, amount, unread=command.unread_amount)


def _told(command: Renew) -> dict[str, Any]:
    parts = {
        "product_id": command.product_id,
        "period_type": command.period_type,
        "period_number": command.period_number,
        "charging": command.charging,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _order_behind(app: App, command: Renew, call: Call, held: InstanceRecord) -> "Order | None":
    """The order, where only that says what was bought: calls of V2 tell no quantity, and the one that is known is of
    the product before. A plain renewal does not wait for it.
    """
    if call.version is Version.V2 and command.scene in NEW_SPECIFICATION:
        return ordered(app, command, call.deadline)
    another = command.product_id not in (None, held.specification.product_id)
    if call.version is Version.V2 and command.scene is RenewalScene.RENEWAL and another:
        return order_if_known(app, command, call.deadline)
    return None


def _bought(app: App, command: Renew, call: Call, sent_ms: int, held: InstanceRecord) -> _Bought:
    stamp, parts, told, placed_order = Stamp(sent_ms), _told(command), command.expires_at, _placed(command)
    if order := _order_behind(app, command, call, held):
        line = order.line(command.order_part)
        stamp, told = Stamp(sent_ms, created_ms(order)), told or line.expires_at
        parts = line.specification.parts()
        placed_order = merged(placed_order, said_of(placed_order, order))
    endless = command.scene is RenewalScene.TRIAL_TO_FORMAL and parts.get("charging") in ENDLESS
    if command.scene is RETURN:
        kind = WishKind.RETURN
    elif endless and (command.expires_at is None or call.version is Version.V2):
        kind, told = WishKind.OPEN_END, None
        parts |= {"period_type": None, "period_number": None}
    else:
        kind = WishKind.RENEWAL
    return _Bought(Wish(kind, stamp, told, command.order_id), parts, placed_order)


def _same(one: InstanceRecord, other: InstanceRecord) -> bool:
    return (one.expires_at, one.specification, one.trial) == (other.expires_at, other.specification, other.trial)


INTERFACE = Interface("renew", frozenset({"refreshInstance"}), renew)
handler = endpoint(INTERFACE)
