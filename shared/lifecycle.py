"""The life of an instance: which command does what in which state, and how a change is made safely.

Every transition there is::

                 renew        upgrade      freeze       unfreeze     release
    PENDING      wait         wait         wait         nothing      -> RELEASED (undo)
    ACTIVE       -> ACTIVE    -> ACTIVE    -> FROZEN    nothing      -> RELEASED
    FROZEN       -> ACTIVE    -> FROZEN    nothing      -> ACTIVE    -> RELEASED
    RELEASED     gone         gone         nothing      gone         nothing

*nothing* answers success without an effect, *wait* answers ``000004``, *gone* ``000003``. An order that was applied
before, and a command sent before the latest change, answer success without an effect in every state.

A change is: read the instance, spend the nonce, take the lease by a conditional write, call the provisioner, store the
new state and drop the lease in one conditional write. Whoever dies in between leaves a lease that runs out, and the
next call does it again with the same key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from shared.call import Call
from shared.clock import epoch_ms
from shared.commands import Renew, Upgrade
from shared.errors import Conflict, InProcess, UnknownInstance
from shared.provisioning import Access, Instance, State
from shared.store.instances import InstanceRecord
from shared.store.table import Stale
from shared.work import within

if TYPE_CHECKING:
    from shared.app import App

POLL_SECONDS = 0.1


class Event(Enum):
    """What may happen to an instance once it exists."""

    RENEW = auto()
    UPGRADE = auto()
    FREEZE = auto()
    UNFREEZE = auto()
    RELEASE = auto()


class Rule(Enum):
    """What an event does in a state."""

    APPLY = auto()
    NOTHING = auto()
    WAIT = auto()
    GONE = auto()


RULES: dict[State, dict[Event, Rule]] = {
    State.PENDING: {
        Event.RENEW: Rule.WAIT,
        Event.UPGRADE: Rule.WAIT,
        Event.FREEZE: Rule.WAIT,
        Event.UNFREEZE: Rule.NOTHING,
        Event.RELEASE: Rule.APPLY,
    },
    State.ACTIVE: {
        Event.RENEW: Rule.APPLY,
        Event.UPGRADE: Rule.APPLY,
        Event.FREEZE: Rule.APPLY,
        Event.UNFREEZE: Rule.NOTHING,
        Event.RELEASE: Rule.APPLY,
    },
    State.FROZEN: {
        Event.RENEW: Rule.APPLY,
        Event.UPGRADE: Rule.APPLY,
        Event.FREEZE: Rule.NOTHING,
        Event.UNFREEZE: Rule.APPLY,
        Event.RELEASE: Rule.APPLY,
    },
    State.RELEASED: {
        Event.RENEW: Rule.GONE,
        Event.UPGRADE: Rule.GONE,
        Event.FREEZE: Rule.NOTHING,
        Event.UNFREEZE: Rule.GONE,
        Event.RELEASE: Rule.NOTHING,
    },
}


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
        if settled(record, change, call, fresh=fresh):
            return record
        if not record.leased(app.clock.now()):
            fresh = app.nonces.spend(call) and fresh
            if settled(record, change, call, fresh=fresh):
                return record
            try:
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


def _carry_out(app: "App", call: Call, held: InstanceRecord, change: Change) -> InstanceRecord:
    order = change.order
    key = f"{held.instance_id}:{change.event.name.lower()}:{order.key if order else held.changed_ms}"
    try:
        change.effect(held.instance(), key)
    except Exception:
        _give_back(app, held)
        raise
    changed_ms = max(held.changed_ms, min(epoch_ms(call.sent_at), epoch_ms(app.clock.now())))
    after = replace(change.result(held).free(), changed_ms=changed_ms)
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
