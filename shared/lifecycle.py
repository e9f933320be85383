"""The life of an instance: how a change is made safely.

What an event does in which state stands in :mod:`shared.transitions`. An order that was applied before, and a command
sent before the latest change, answer success without an effect in every state. A freeze or unfreeze that has no effect
leaves its sending time behind, so that one it has overtaken is known to be late.

A change is: read the instance, spend the nonce, take the lease by a conditional write, call the provisioner, store the
new state and drop the lease in one conditional write. Whoever dies in between leaves a lease that runs out, and the
next call does it again with the same key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from shared.call import Call
from shared.clock import epoch_ms
from shared.commands import Renew, Upgrade
from shared.errors import Conflict, InProcess, UnknownInstance
from shared.provisioning import Access, Instance, State
from shared.store.instances import InstanceRecord
from shared.store.table import Stale
from shared.transitions import RULES, Event, Rule
from shared.work import within

if TYPE_CHECKING:
    from shared.app import App

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """The order behind a change: applied once, and only with the same ``digest`` of its content."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one instance.

    ``effect`` asks the provisioner and is given the instance and an idempotency key; ``result`` is the record
    afterwards.
    """

    event: Event
    effect: Callable[[Instance, str], None]
    result: Callable[[InstanceRecord], InstanceRecord]
    order: Order | None = None


def digest(command: Renew | Upgrade) -> str:
    """What an order asks for, as a digest that tells it from other content under the same id (hex SHA-256)."""
    return hashlib.sha256(repr(command).encode()).hexdigest()


def released(record: InstanceRecord, now: datetime) -> InstanceRecord:
    """The record of a released instance: credentials and the buyer's data are gone, the address stays for late
    queries.
    """
    access = Access(record.access.front_end_url) if record.access else None
    return replace(record, state=State.RELEASED, closed_at=now, access=access, content=None)


def make(app: "App", call: Call, instance_id: str, change: Change) -> InstanceRecord:
    """Make ``change`` happen once; return the instance as it then is.

    :raises UnknownInstance: there is no such instance, or it is released and cannot take the change.
    :raises Conflict: the order was applied before with other content.
    :raises InProcess: someone else is at work on the instance, or the provisioner takes longer than the call may.
    """
    fresh = True
    while True:
        record = app.instances.get(instance_id)
        if record is None:
            raise UnknownInstance("instance id does not exist")
        if settled(record, change, call, fresh=fresh) and not overtakes(record, change, call):
            return record
        if not record.leased(app.clock.now()):
            fresh = app.nonces.spend(call) and fresh
            try:
                if settled(record, change, call, fresh=fresh):
                    return _remembered(app, record, change, call)
                held = app.instances.replace(record.held(app.clock.now() + app.lease))
            except Stale:
                continue
            return within(call.deadline, lambda: _carry_out(app, call, held, change))  # noqa: B023 - the loop ends here
        if call.deadline.left() <= POLL_SECONDS:
            raise InProcess("in process, ask again")
        app.clock.sleep(POLL_SECONDS)


def settled(record: InstanceRecord, change: Change, call: Call, *, fresh: bool) -> bool:
    """Is there nothing left to do? Pure; raises what the call must be refused with. ``fresh``: its nonce is new."""
    order = change.order
    if order is not None and order.key in record.applied:
        if record.applied[order.key] != order.digest:
            raise Conflict("the order was already processed with other content")
        return True
    rule = RULES[record.state][change.event]
    if rule is Rule.GONE:
        raise UnknownInstance("instance was released")
    if rule is Rule.WAIT:
        raise InProcess("the instance is being created, ask again")
    sent = epoch_ms(call.sent_at)
    late = sent < record.changed_ms or (not fresh and sent == record.changed_ms)
    return rule is Rule.NOTHING or (late and change.event is not Event.RELEASE and order is None)


def overtakes(record: InstanceRecord, change: Change, call: Call) -> bool:
    """Has the call no effect, but must be remembered, since one sent before it may still come and would have one? An
    unfreeze of what is not frozen (yet), say. Pure.
    """
    states = change.event in (Event.FREEZE, Event.UNFREEZE) and record.state in (State.ACTIVE, State.FROZEN)
    nothing = RULES[record.state][change.event] is Rule.NOTHING
    return states and nothing and epoch_ms(call.sent_at) > record.changed_ms


def _remembered(app: "App", record: InstanceRecord, change: Change, call: Call) -> InstanceRecord:
    if not overtakes(record, change, call):
        return record
    return app.instances.replace(replace(record, changed_ms=_sent_ms(app, record, call)))


def _sent_ms(app: "App", record: InstanceRecord, call: Call) -> int:
    """When the latest command was sent; a clock that is ahead must not outdo those to come."""
    return max(record.changed_ms, min(epoch_ms(call.sent_at), epoch_ms(app.clock.now())))


def _carry_out(app: "App", call: Call, held: InstanceRecord, change: Change) -> InstanceRecord:
    order = change.order
    key = f"{held.instance_id}:{change.event.name.lower()}:{order.key if order else held.changed_ms}"
    try:
        change.effect(held.instance(), key)
    except Exception:
        _give_back(app, held)
        raise
    after = replace(change.result(held).free(), changed_ms=_sent_ms(app, held, call))
    try:
        return app.instances.replace(after.with_applied(order.key, order.digest) if order else after)
    except Stale:
        # The lease ran out while the provisioner worked, and another call carries on with the same key.
        raise InProcess("in process, ask again") from None


def _give_back(app: "App", held: InstanceRecord) -> None:
    try:
        app.instances.replace(held.free())
    except Stale:
        return
