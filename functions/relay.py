"""Scheduled: tells whoever receives events (``KOOGALLERY_EVENTS_URL``) what happened to instances and their orders.

Of one instance, time running down::

    call      hint with the version it replaces ──▶ change and events in one conditional write
    relay     hint ──▶ lane taken ──▶ instance read ──▶ each event sent, in order, until one is not taken
              ──▶ what was told leaves the instance ──▶ lane and hints go

It may die behind each step: the hints are still there, and the next run goes on. What was sent and not yet noted is
sent once more, with the same id.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any

from shared import log
from shared.app import App
from shared.clock import Deadline, epoch_ms
from shared.instance.record import InstanceRecord
from shared.instance.waiting import WAITING, Hint, read_hint
from shared.pipelines.schedule import job
from shared.relay.lanes import Lanes
from shared.relay.receiver import SECONDS, Receiver
from shared.relay.telling import RelayRun, taken_out, tell
from shared.store.paging import chunks, every
from shared.store.table import Item, Stale
from shared.timeouts import each_within

__all__ = ["handler", "relay"]

SIDE_BY_SIDE = 8
AT_ONCE = 100
GRACE = 2.0
"""Seconds for what ends with the deadline to be noted."""
SETTLED_AFTER = timedelta(days=1)
"""A write that has not come by then is made to be refused, so that its hint can go."""
ABANDONED_AFTER = timedelta(days=7)
"""An instance that was not stored by then never will be."""
TOO_LATE = timedelta(hours=1)


def relay(app: App, _event: Mapping[str, Any], deadline: Deadline) -> dict[str, int]:
    """Tell what there is to tell while time is left.

    :returns: how many events were ``sent``, ``rejected`` and given up (``dead``), how many instances still have some
        (``left``), and how old the oldest of these is (``waiting_seconds``).
    :raises ConfigurationError: nobody can be told: the settings are wrong.
    """
    if not app.settings.events_url:
        return {"sent": 0}
    run = RelayRun(app, Receiver(app.settings, app.clock), deadline)
    left: list[int] = []
    for by_instance in _portions(app):
        left += _portion(run, by_instance)
        if run.over:
            break
    oldest = max(epoch_ms(app.clock.now()) - min(left), 0) // 1000 if left else 0
    if oldest > TOO_LATE.total_seconds():
        log.alarm("events wait for their receiver", count=len(left))
    return {"sent": run.sent, "rejected": run.refused, "dead": run.dead, "left": len(left), "waiting_seconds": oldest}


def _portions(app: App) -> Iterator[Mapping[str, list[Hint]]]:
    """All hints by instance, some instances at a time."""
    hints = map(read_hint, every(app.tables.table("instances"), WAITING, at_once=AT_ONCE))
    own = ((name, list(each)) for name, each in groupby(hints, key=lambda hint: hint.instance_id))
    yield from map(dict, chunks(own, AT_ONCE))


def _portion(run: RelayRun, by_instance: Mapping[str, list[Hint]]) -> list[int]:
    """When the oldest event came about of each instance that still has some (UTC epoch milliseconds)."""
    app = run.app
    records = app.instances.get_many(by_instance)
    telling = [each for each in records.values() if each.outbox]
    lanes = Lanes(app.tables.table("agenda"), app.clock)
    free = lanes.free([each.instance_id for each in telling])
    work = partial(_tell, run, lanes, free)
    after = dict(records)
    if free:
        for record in each_within(run.deadline.later(GRACE), work, list(free), SIDE_BY_SIDE):
            if record is not None:
                after[record.instance_id] = record
    gone = [each.key for name, own in by_instance.items() for each in own if _done_with(app, each, after.get(name))]
    app.tables.table("instances").delete_many(gone)
    return [each.outbox[0].at_ms for each in after.values() if each.outbox]


def _tell(run: RelayRun, lanes: Lanes, seen: Mapping[str, Item | None], instance_id: str) -> InstanceRecord | None:
    """Tell what one instance has to tell; the instance afterwards, if that is known."""
    if run.over:
        return None
    try:
        lane = lanes.take(instance_id, seen[instance_id], run.deadline.left() + SECONDS)
        record = run.app.instances.get(instance_id) if lane else None
        if lane is None or record is None:
            return None
        told = tell(run, record, lane)
        after = taken_out(run.app, record, told.number)
        if after is None or after.outbox:
            lanes.leave(lane, told.number, failed=told.failed)
        else:
            lanes.close(lane)
    except Exception as error:  # noqa: BLE001 - one instance must not stop the events of the others
        log.failure("the events of an instance cannot be told", error, instance_id=instance_id)
        return None
    return after


def _done_with(app: App, hint: Hint, record: InstanceRecord | None) -> bool:
    """May the hint go? Not before everything is told, nor before its write was made or refused."""
    now = app.clock.now()
    if record is None:
        return hint.at_ms < epoch_ms(now - ABANDONED_AFTER)
    if record.outbox:
        return False
    if hint.decided(record):
        return True
    if hint.at_ms >= epoch_ms(now - SETTLED_AFTER) or record.leased(now):
        return False
    try:
        app.instances.replace(record)
    except Stale:
        return False
    return True


handler = job("relay", relay)
