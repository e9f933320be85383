"""Tells what one instance has in its outbox, in its order, and takes out what was told."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms
from shared.errors import ConfigurationError, Unavailable
from shared.instance.dead_letters import DeadLetter
from shared.instance.record import InstanceRecord
from shared.relay.lanes import Lane
from shared.relay.receiver import NotTaken, Receiver
from shared.store.table import Stale

if TYPE_CHECKING:
    from shared.app import App

GIVEN_UP_AFTER = timedelta(days=3)
FAILURES = 5
"""In a row, with nothing taken in between: the receiver is down, and the rest waits for the next run."""


@dataclass
class RelayRun:
    """One run of the relay: until when, and what became of it. Shared by its threads."""

    app: "App"
    receiver: Receiver
    deadline: Deadline
    sent: int = 0
    refused: int = 0
    dead: int = 0
    in_a_row: int = field(default=0)

    @property
    def over(self) -> bool:
        """Is there no time left, or no sense in going on?"""
        return not self.deadline.left() or self.in_a_row >= FAILURES


@dataclass(frozen=True, slots=True)
class Told:
    """How far a lane has come."""

    number: int
    failed: bool = False


def tell(run: RelayRun, record: InstanceRecord, lane: Lane) -> Told:
    """Send what ``record`` has to tell, as far as it is taken, and while the lane is ours."""
    told = lane.told
    for each in record.outbox:
        if each.number <= told:
            continue
        if run.over or run.app.clock.now() >= lane.until:
            return Told(told)
        try:
            run.receiver.tell(record.instance_id, each, run.deadline.left())
        except (Unavailable, ConfigurationError) as problem:
            return Told(_given_up(run, record, told, problem), failed=True)
        told, run.in_a_row = each.number, 0
        run.sent += 1
    return Told(told)


def taken_out(app: "App", record: InstanceRecord, told: int) -> InstanceRecord | None:
    """``record`` without what was told; ``None`` if somebody is at work on it: who holds its lease is not disturbed."""
    if not any(each.number <= told for each in record.outbox):
        return record
    if record.leased(app.clock.now()):
        return None
    try:
        return app.instances.replace(replace(record, outbox=tuple(e for e in record.outbox if e.number > told)))
    except Stale:
        return None


def _given_up(run: RelayRun, record: InstanceRecord, told: int, problem: Exception) -> int:
    """The number of the last event that is not tried again: those that are too old become dead letters."""
    run.refused += 1
    if isinstance(problem, ConfigurationError):
        run.in_a_row = FAILURES  # no other event would be taken either
        log.alarm("events cannot be told", reason=str(problem))
    elif not isinstance(problem, NotTaken):
        run.in_a_row += 1
    log.event("an event was not taken", instance_id=record.instance_id, reason=str(problem))
    limit = epoch_ms(run.app.clock.now() - GIVEN_UP_AFTER)
    old = [each for each in record.outbox if each.number > told and each.at_ms < limit]
    if not old:
        return told
    run.app.tables.table("instances").put_many(DeadLetter(record.instance_id, each).item() for each in old)
    run.dead += len(old)
    log.alarm("events are given up", instance_id=record.instance_id, dead=len(old), reason="nobody took them for days")
    return old[-1].number
