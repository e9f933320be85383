"""Fault, told in, healed by: each is played, moves its metric, and ends where it would have ended without it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from emulator.wire.calls import V1Calls
from functions import sweep
from shared import log
from shared.clock import Deadline
from shared.errors import Unavailable
from shared.metrics.catalogue import METRICS
from shared.metrics.counts import Counts
from shared.provisioning import Access
from shared.watch.findings import MENDED_BY, findings
from shared.watch.risk import risk
from tests.pages import Page, both, named, names_in
from tests.world import KEY, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RENEWAL = {"instanceId": "business-1", "orderId": "R1", "expireTime": "20281120235959"}
OTHER_KEY = "99999999-2222-3333-4444-555555555555"


def _no(*_: Any) -> None:
    """Nothing happens."""


def unavailable(*_: Any) -> None:
    raise Unavailable("does not answer")


def failing(*_: Any) -> None:
    raise RuntimeError


@dataclass
class Seen:
    """What the metrics say since the test began."""

    counts: Counts

    def __call__(self, series: str) -> float:
        lines = [line for line in self.counts.text().splitlines() if line.startswith(series)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    counts = Counts(tmp_path)
    monkeypatch.setattr(log, "_ears", [counts.line])
    return Seen(counts)


def swept(world: World, after: timedelta = timedelta(minutes=5)) -> set[str]:
    world.clock.advance(after)
    sweep.sweep(world.app, {}, Deadline(world.clock, 200))
    return {each.check for each in findings(world.app)}


def ended(world: World, instance_id: str = "business-1") -> tuple[Any, ...]:
    """The state of an instance, without what tells when and how often it was tried."""
    record = world.app.instances.get(instance_id)
    assert record is not None
    return record.state, record.expires_at, record.specification, sorted(record.applied), record.unsure, record.tried


def renewed(world: World) -> str:
    return str(world.send(world.v1.call("refreshInstance", **RENEWAL))["resultCode"])


@pytest.fixture
def without(tmp_path: Path) -> tuple[Any, ...]:
    """What it comes to without a fault."""
    folder = tmp_path / "without"
    folder.mkdir()
    world = World(folder)
    world.buy()
    assert renewed(world) == "000000"
    return ended(world)


FAULTS: dict[str, Callable[[World], None]] = {
    "store down": lambda world: setattr(world.tables, "before", unavailable),
    "provisioner failing": lambda world: setattr(world.provisioner, "before", failing),
    "provisioner not there": lambda world: setattr(world.provisioner, "before", unavailable),
}


def mended(world: World) -> None:
    world.tables.before, world.provisioner.before = _no, None


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_is_told_and_healed_by_the_next_call(
    world: World, seen: Seen, without: tuple[Any, ...], fault: str
) -> None:
    world.buy()
    FAULTS[fault](world)
    assert renewed(world) == "000005"
    assert seen("koogallery_failed_calls_total") == 1
    mended(world)
    world.clock.advance(HOUR - timedelta(minutes=1))
    world.buy("CS2", "b2")
    swept(world, timedelta(0))
    assert seen("koogallery_open_messages") == 1
    assert renewed(world) == "000000"
    assert ended(world) == without
    swept(world)
    assert seen("koogallery_open_messages") == 0


def test_a_purchase_that_the_order_query_cannot_tell_of_completes_by_itself(world: World, seen: Seen) -> None:
    world.orders.error = Unavailable("does not answer")
    assert world.buy_v2()["resultCode"] == "000004"
    assert swept(world, HOUR + timedelta(minutes=1)) == {"pending.long"}
    assert seen("koogallery_findings") == 1
    world.orders.error = None
    assert swept(world) == set()
    assert seen("koogallery_findings") == 0
    assert world.state("business-2") == "ACTIVE"


def test_a_slow_provisioner_is_asked_again_by_the_command(world: World, seen: Seen) -> None:
    world.provisioner.pending = True
    world.buy_v2()
    assert swept(world, HOUR + timedelta(minutes=1)) == {"pending.long"}
    [found] = findings(world.app)
    world.provisioner.pending = False
    world.provisioner.present = Access("https://business-2.example.com")
    assert main(found.mended_by.split()[1:]) == 0
    assert world.state("business-2") == "ACTIVE"
    assert swept(world) == set()
    assert seen("koogallery_findings") == 0


def test_calls_that_are_lost_for_longer_than_the_marketplace_repeats(world: World, seen: Seen) -> None:
    world.buy(expireTime="20261121235959")
    assert swept(world, 3 * DAY) == {"expiry.untold"}
    assert seen("koogallery_findings") == 1
    world.values["KOOGALLERY_FREEZE_EXPIRED"] = "true"
    assert swept(world) == set()
    assert world.state("business-1") == "FROZEN"


def test_a_key_that_is_rotated_on_one_side_only(world: World, seen: Seen) -> None:
    marketplace = world.v1
    world.values["KOOGALLERY_KEY"] = OTHER_KEY
    for _ in range(20):
        world.clock.advance(10)
        world.raw(world.v1.call("newInstance", orderId="CS1", businessId="b"))
    assert seen("koogallery_refused_calls_total") == 20
    assert risk(world.app).sudden == ["signature"]
    assert swept(world) == {"calls.refused"}
    world.values["KOOGALLERY_KEY"] = f"{OTHER_KEY},{KEY}"
    world.v1 = marketplace
    assert b'"000000"' in world.raw(world.purchase()).body
    world.v1 = V1Calls(OTHER_KEY, world.clock)
    assert world.send(world.purchase(), OTHER_KEY)["resultCode"] == "000000"


def test_a_clock_that_is_wrong(world: World, seen: Seen) -> None:
    request = world.purchase_v2()
    world.clock.advance(timedelta(minutes=5))
    assert b'"000001"' in world.raw(request).body
    assert seen('koogallery_refused_calls_total{reason="window"}') == 1
    assert world.buy_v2()["resultCode"] == "000000"


def test_a_timer_that_is_off(world: World, seen: Seen) -> None:
    at = int(world.clock.now().timestamp() * 1000)
    world.tables.table("agenda").create({"pk": "timer#metering", "sk": "-", "done_ms": at, "until_ms": 0})
    assert swept(world, 3 * HOUR) == {"schedule.silent"}
    assert seen("koogallery_findings") == 1
    item = world.tables.table("agenda").get("timer#metering")
    assert item
    world.tables.table("agenda").replace(item | {"done_ms": int(world.clock.now().timestamp() * 1000)})
    assert swept(world) == set()


def test_a_process_that_is_killed_in_a_change(world: World, seen: Seen, without: tuple[Any, ...]) -> None:
    world.buy()

    def killed(method: str) -> None:
        if method == "renew":
            raise KeyboardInterrupt

    world.provisioner.before = killed
    with pytest.raises(KeyboardInterrupt):
        world.raw(world.v1.call("refreshInstance", **RENEWAL))
    world.restarted()
    mended(world)
    assert swept(world) == {"product.unsure"}
    assert seen("koogallery_findings") == 1
    assert renewed(world) == "000000"
    assert ended(world) == without
    assert swept(world) == set()


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/runbooks"), ids=named)
def test_the_table_of_faults_names_metrics_and_kinds_that_there_are(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if "FailedCalls" in names_in(table[1][1])]
    told = {name for row in rows for name in names_in(row[1])}
    assert told <= {metric.name for metric in METRICS} | set(MENDED_BY)
