"""The life of an instance: how a change is made safely.

What an event does in which state stands in :mod:`shared.instance.transitions`, what counts when calls overtake each
other in :mod:`shared.instance.precedence`.

A change is: read the instance, take the lease by a conditional write, call the provisioner, store the new state and
drop the lease in one conditional write. The write that takes the lease remembers when the wish was sent first, so that
its repeat is not newer than what was sent in between. Whoever dies in between leaves a lease that runs out, and the
next call does it again with the same key. What was done is remembered in the instance by the order, or by the wish and
the nonce of its call, so the very same call again changes nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from shared import log
from shared.call import Call
from shared.clock import epoch_ms, moment_of
from shared.errors import InProcess, UnknownInstance
from shared.instance.at_work import begin, was_asked
from shared.instance.change import Change, overdue, released_by, settled, told_by
from shared.instance.history import Happening, created, reason_of
from shared.instance.in_service import wishes_of
from shared.instance.precedence import SKEW
from shared.instance.record import InstanceRecord
from shared.instance.transitions import RULES, Event, Rule
from shared.instance.unfinished import first_sent
from shared.orders.book import BookedOrder
from shared.provisioning import State
from shared.store.table import Stale
from shared.timeouts import within

if TYPE_CHECKING:
    from shared.app import App

POLL_SECONDS = 0.1


def make(app: "App", call: Call, instance_id: str, change: Change) -> InstanceRecord:
    """Make ``change`` happen once; return the instance as it then is.

    :raises UnknownInstance: there is no such instance, or it is released and cannot take the change.
    :raises Conflict: the order was applied before with other content.
    :raises InProcess: someone else is at work on the instance, or the provisioner takes longer than the call may.
    """
    while True:
        record = app.instances.get(instance_id)
        if record is None:
            raise _refused(app, call, instance_id, change, "instance id does not exist")
        sent_ms = first_sent(record.tried, change.name, _sent_ms(app, call), order=change.order is not None)
        if _is_over(app, call, record, change) or _known(app, record, change, sent_ms):
            return record
        if not record.leased(app.clock.now()):
            app.nonces.note(call)
            with suppress(Stale):
                return _begun(app, call, record, change, sent_ms)
        elif call.deadline.left() <= POLL_SECONDS:
            raise InProcess("in process, ask again")
        else:
            app.clock.sleep(POLL_SECONDS)


def _is_over(app: "App", call: Call, record: InstanceRecord, change: Change) -> bool:
    if settled(record, change):
        if overdue(record, change):
            why = "it was returned or released before"
            _book(app, call, record.instance_id, change, outcome="no effect", why=why)
        return True
    if RULES[record.state][change.event] is Rule.GONE:
        raise _refused(app, call, record.instance_id, change, "instance was released")
    return False


def _refused(app: "App", call: Call, instance_id: str, change: Change, why: str) -> UnknownInstance:
    """The marketplace will give up an order of an instance that is not there; the order book says why."""
    _book(app, call, instance_id, change, outcome="refused", why=why)
    return UnknownInstance(why)


def _book(app: "App", call: Call, instance_id: str, change: Change, *, outcome: str, why: str) -> None:
    if change.told:
        sent = moment_of(_sent_ms(app, call))
        app.instances.book(BookedOrder(change.told, instance_id, "", "", sent, app.clock.now(), outcome, why))


def _sent_ms(app: "App", call: Call) -> int:
    """When the call was sent; a clock that is far ahead must not outdo the calls to come."""
    return min(epoch_ms(call.sent_at), epoch_ms(app.clock.now() + SKEW))


def _known(app: "App", record: InstanceRecord, change: Change, sent_ms: int) -> bool:
    """Was this very call answered before? What comes before the instance is there must wait, but counts from now on."""
    unfinished = change.name in record.tried
    if RULES[record.state][change.event] is not Rule.WAIT:
        return not unfinished and change.unnoticed(record, sent_ms) == record
    if not unfinished and not record.leased(app.clock.now()):  # whoever creates it must not be disturbed
        with suppress(Stale):
            app.instances.replace(record.trying(change.name, sent_ms))
    raise InProcess("the instance is being created, ask again")


def _begun(app: "App", call: Call, record: InstanceRecord, change: Change, sent_ms: int) -> InstanceRecord:
    if (after := change.unnoticed(record, sent_ms)) is not None:
        done = after.tried_out(change.name)
        return app.instances.replace(done, _happened(app, change, sent_ms, record, done))
    held = _taken(app, record, change, sent_ms)
    return within(call.deadline, lambda: _carry_out(app, held, change, sent_ms))


def _taken(app: "App", record: InstanceRecord, change: Change, sent_ms: int) -> InstanceRecord:
    """``record`` with a lease. As long as the provisioner has not done its work, it is stored as ``unsure``."""
    known = record if record.state is State.PENDING else replace(record, wishes=wishes_of(record))
    marked = known.held(app.clock.now() + app.lease).trying(change.name, sent_ms)
    stored = app.instances.replace(replace(marked, unsure=record.unsure | told_by(record, change)))
    return replace(stored, unsure=record.unsure)


def _carry_out(app: "App", held: InstanceRecord, change: Change, sent_ms: int) -> InstanceRecord:
    order = change.order
    begin()
    try:
        after = change.carry_out(held, sent_ms, _key(held, change)).free().tried_out(change.name)
    except Exception as error:
        failed = _happened(app, change, sent_ms, held, held, error=error)
        _give_back(app, held, change, failed)
        raise
    after = replace(after, changed_ms=max(held.changed_ms + 1, sent_ms))
    if order:
        after = after.with_applied(order.key, order.words)
    elif change.told:
        after = after.with_applied(released_by(change.told), "")
    try:
        return app.instances.replace(
            after, *_never_opened(app, change, held), _happened(app, change, sent_ms, held, after)
        )
    except Stale:
        _doubt(app, held, change)
        raise InProcess("in process, ask again") from None


def _key(held: InstanceRecord, change: Change) -> str:
    """The same for each attempt at the same change; once another attempt came between, its effect may be another."""
    kind = f"{held.instance_id}:{change.event.name.lower()}"
    if change.order is None:
        return f"{kind}:{held.changed_ms}"
    between = held.tried[change.name].changed_ms != held.changed_ms
    return f"{kind}:{change.order.key}:{held.changed_ms}" if between else f"{kind}:{change.order.key}"


def _happened(
    app: "App",
    change: Change,
    sent_ms: int,
    before: InstanceRecord,
    after: InstanceRecord,
    *,
    error: Exception | None = None,
) -> Happening:
    told = change.event is Event.RESYNC or before.instance() != after.instance()
    changed = "done" if told else "no effect"
    return Happening(
        app.clock.now(),
        change.event.name.lower(),
        sent_ms,
        wish=change.name,
        by=log.occasion(),
        before=before.state.value,
        after=after.state.value,
        order_id=change.told.order_id if change.told else "",
        result="failed" if error else changed,
        reason=reason_of(error) if error else "",
        order=change.told,
    )


def _never_opened(app: "App", change: Change, held: InstanceRecord) -> Iterator[Happening]:
    """A creation that a release ends has failed, unless what was paid for it is given back."""
    if held.state is State.PENDING and change.told is None:
        why = "it was released before it was there"
        yield replace(created(held, app.clock.now()), after=State.RELEASED.value, result="failed", reason=why)


def _give_back(app: "App", held: InstanceRecord, change: Change, failed: Happening) -> None:
    """What failed before the provisioner was asked, as where the order query is down, leaves nobody unsure."""
    told = told_by(held, change) if was_asked() else frozenset()
    try:
        app.instances.replace(replace(held.free(), unsure=held.unsure | told), failed)
    except Stale:
        _doubt(app, held, change)


def _doubt(app: "App", held: InstanceRecord, change: Change) -> None:
    """The lease ran out while the provisioner worked, and another call took over: nobody knows which of the two was
    heard last. Whoever is still at work on the instance is refused by this write, and doubts as well.
    """
    record = app.instances.get(held.instance_id)
    if record and record.state is not State.RELEASED:
        with suppress(Stale):
            app.instances.replace(replace(record, unsure=record.unsure | told_by(held, change)))
