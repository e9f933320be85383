"""``releaseInstance``: retention is over, or the buyer unsubscribed (production interfaces, sections 2.4 and 3.5)."""

from shared.app import App
from shared.call import Call
from shared.commands import Done, Outcome, Release, Version
from shared.instance.at_work import at_work
from shared.instance.change import Change
from shared.instance.changes import make
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.login.session_end import end_sessions
from shared.orders.told import ToldOrder, signed
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import OrderType, ReleaseReason, State

__all__ = ["handler"]


def release(command: Release, call: Call, app: App) -> Outcome:
    """Delete the instance, whatever state it is in."""

    told = _given_back(command, call)

    def carry_out(held: InstanceRecord, _sent_ms: int, key: str) -> InstanceRecord:
        order = told.summary(app.settings.currency) if told else None
        at_work(app, held).release(held.instance(order, _reason(held, command, call)), key)
        return held.released(app.clock.now())

    record = make(app, call, command.instance_id, Change(Event.RELEASE, "release", carry_out, told=told))
    end_sessions(app, record.instance_id, never_entered=record.never_entered)
    return Done()


def _given_back(command: Release, call: Call) -> ToldOrder | None:
    """The unsubscription: V2 names its order, V1 only has an amount that goes back (section 2.4)."""
    if command.order_id and (call.version is Version.V2 or command.amount or command.unread_amount):
        amount = signed(OrderType.UNSUBSCRIBE, command.amount)
        return ToldOrder(
            command.order_id, command.order_part, OrderType.UNSUBSCRIBE, amount, unread=command.unread_amount
        )
    return None


def _reason(held: InstanceRecord, command: Release, call: Call) -> ReleaseReason:
    """V2 names an order only if the buyer unsubscribed (section 3.5). V1 tells no reason: it is the end of the
    retention time if the instance is frozen, or over, and no money goes back.
    """
    if call.version is Version.V2:
        return ReleaseReason.UNSUBSCRIBED if command.order_id else ReleaseReason.EXPIRED
    over = held.state is State.FROZEN or (held.expires_at is not None and held.expires_at <= call.sent_at)
    return ReleaseReason.EXPIRED if over and not command.amount else ReleaseReason.UNSUBSCRIBED


INTERFACE = Interface("release", frozenset({"releaseInstance"}), release)
handler = endpoint(INTERFACE)
