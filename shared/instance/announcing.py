"""Which events a change makes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from shared.clock import epoch_ms
from shared.instance.history import Happening
from shared.instance.outbox import Announcement
from shared.instance.record import InstanceRecord
from shared.provisioning import State

ENTERED = {
    State.PENDING: "instance.pending",
    State.ACTIVE: "instance.activated",
    State.FROZEN: "instance.frozen",
    State.RELEASED: "instance.released",
}
CREATED, UNFROZEN = "instance.created", "instance.unfrozen"
MADE = {"renew": "instance.renewed", "upgrade": "instance.changed", "undo": "instance.undone"}
COMPLETED, FAILED = "order.completed", "order.failed"
ORDERED = ("create", "renew", "upgrade")

KINDS = (CREATED, *ENTERED.values(), UNFROZEN, *MADE.values(), COMPLETED, FAILED)
"""Every kind of event there is."""


def announced(record: InstanceRecord, happened: Iterable[Happening]) -> InstanceRecord:
    """``record`` with what ``happened`` to it in its outbox."""
    for each in happened:
        for kind in _kinds(each):
            if not (kind == FAILED and _waits(record, kind, each.order_id)):
                record = _with(record, kind, each)
    return record


def _kinds(happening: Happening) -> Iterator[str]:
    """What was done, then the state that was entered, then the order that is through with it."""
    if happening.result in ("done", "pending"):
        if happening.what == "create" and not happening.before:
            yield CREATED
        if happening.what in MADE:
            yield MADE[happening.what]
        if happening.before != happening.after:
            thawed = (happening.before, happening.after) == (State.FROZEN, State.ACTIVE)
            yield UNFROZEN if thawed else ENTERED[State(happening.after)]
    if happening.order_id and happening.what in ORDERED:
        if happening.result == "failed":
            yield FAILED
        elif happening.after != State.PENDING:
            yield COMPLETED


def _waits(record: InstanceRecord, kind: str, order_id: str) -> bool:
    """Is it about to be told already? The marketplace repeats what fails for hours."""
    return any((each.kind, each.order_id) == (kind, order_id) for each in record.outbox)


def _with(record: InstanceRecord, kind: str, happening: Happening) -> InstanceRecord:
    number = record.announced + 1
    new = Announcement(number, kind, epoch_ms(happening.at), record.state, record.expires_at, happening.order_id)
    return replace(record, outbox=(*record.outbox, new), announced=number)
