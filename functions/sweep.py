"""Scheduled: carries on with pending creations, undoes those whose order must be lost by now, asks what orders cost,
tells of those that could not be asked for when they were notified, and removes what has expired and who was unbound.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.directory.clearing_up import clear_up
from shared.instance.at_work import at_work
from shared.instance.history import Happening, created
from shared.instance.pending import resume
from shared.instance.record import InstanceRecord
from shared.orders.notice import tell_what_waits
from shared.orders.pricing import price
from shared.pipelines.schedule import job
from shared.provisioning import ReleaseReason, State
from shared.store.agenda import Entry
from shared.store.table import Stale
from shared.watch.look import look

__all__ = ["handler", "sweep"]

PORTION, PORTIONS = 500, 40
"""Expired items removed in one transaction, and how many of these a run makes at most."""


def sweep(app: App, _event: Mapping[str, Any], deadline: Deadline) -> dict[str, int]:
    """Look at everything on the agenda while time is left.

    :returns: how many creations were ``completed``, are still ``pending``, were ``undone``, or had been settled
        otherwise.
    """
    counts = {"completed": 0, "pending": 0, "undone": 0, "settled": 0}
    waiting = _look_at_all(app, deadline, counts)
    price(app, deadline)
    tell_what_waits(app, deadline)
    _remove_expired(app, deadline)
    clear_up(app, deadline)
    look(app, deadline, waiting)
    return counts


def _remove_expired(app: App, deadline: Deadline) -> None:
    """In small portions, so that no call waits long for the store; what is left is for the next run."""
    removed = 0
    for _ in range(PORTIONS):
        portion = app.tables.remove_expired(PORTION) if deadline.left() else 0
        removed += portion
        if portion < PORTION:
            break
    if removed:
        log.event("expired items were removed", count=removed)


def _look_at_all(app: App, deadline: Deadline, counts: dict[str, int]) -> list[Entry] | None:
    """What is still pending after that; ``None`` if time ran out before all were looked at."""
    waiting = []
    for entry in app.agenda.due():
        if not deadline.left():
            return None
        outcome = _look_at(app, entry, deadline)
        counts[outcome] += 1
        if outcome == "pending":
            waiting.append(entry)
    return waiting


def _look_at(app: App, entry: Entry, deadline: Deadline) -> str:
    lost = app.clock.now() - entry.since > app.settings.give_up
    record = app.instances.get(entry.instance_id)
    try:
        if record and record.state is State.PENDING:
            if not lost:
                record = resume(app, record, deadline)
                outcome = "pending" if record.state is State.PENDING else "completed"
            else:
                outcome = _undo(app, record)
        else:
            outcome = "settled" if record or lost else "pending"
    except Exception as error:  # noqa: BLE001 - one instance must not stop the sweep of the others
        log.failure("a pending creation failed again", error, instance_id=entry.instance_id)
        outcome = "pending"
    if outcome != "pending":
        app.agenda.remove(entry)
    return outcome


def _undo(app: App, record: InstanceRecord) -> str:
    """The marketplace has given up and refunded (section 2.1: after 3 hours); nothing half-made must stay behind."""
    if record.leased(app.clock.now()):
        return "pending"
    try:
        held = app.instances.replace(record.held(app.clock.now() + app.lease))
        at_work(app, held).release(held.instance(reason=ReleaseReason.UNDONE), f"{held.key}:undo")
        undone = replace(held.released(app.clock.now()).free(), undone=True)
        app.instances.replace(undone, _undone(app, held, undone))
    except Stale:
        return "pending"
    log.alarm(
        "a creation was undone: its order has failed for good", instance_id=record.instance_id, order_id=record.order_id
    )
    return "undone"


def _undone(app: App, held: InstanceRecord, undone: InstanceRecord) -> Happening:
    """``held`` alone knows what its order told."""
    why = "its order has failed for good"
    made = created(undone, app.clock.now(), before=State.PENDING, reason=why)
    return replace(made, what="undo", order=held.told_order())


handler = job("sweep", sweep)
