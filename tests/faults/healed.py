"""What is asked of a bundle after a fault: what the metrics said, what the sweep finds, and how an instance ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from emulator.wire.calls import V1Calls
from functions import sweep
from shared.clock import Clock, Deadline
from shared.http import HttpRequest
from shared.metrics.counts import Counts
from shared.watch.findings import findings
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Seen:
    """What the metrics say since the test began."""

    counts: Counts

    def __call__(self, series: str) -> float:
        lines = [line for line in self.counts.text().splitlines() if line.startswith(series)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)


@dataclass
class Shifted:
    """A clock that is wrong."""

    inner: Clock
    by: timedelta = timedelta(minutes=5)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def now(self) -> Any:
        return self.inner.now() + self.by


def swept(world: World, after: timedelta = timedelta(minutes=5)) -> set[str]:
    """The kinds of findings after the next sweep."""
    world.clock.advance(after)
    sweep.sweep(world.app, {}, Deadline(world.clock, 200))
    return {each.check for each in findings(world.app)}


def ended(world: World, instance_id: str = "business-1") -> tuple[Any, ...]:
    """The state of an instance, without what tells when and how often it was tried."""
    record = world.app.instances.get(instance_id)
    assert record is not None
    return record.state, record.expires_at, record.specification, sorted(record.applied), record.unsure, record.tried


def renewal(calls: V1Calls) -> HttpRequest:
    """A renewal of ``business-1``."""
    return calls.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959")


def renewed(world: World) -> str:
    """What the marketplace is answered to it."""
    return str(world.send(renewal(world.v1))["resultCode"])
