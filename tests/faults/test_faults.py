"""Fault, told in, healed by: each is played, moves its metric, and ends where it would have ended without it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.commands.cli import main
from emulator.wire.calls import V1Calls, V2Calls
from shared.errors import Unavailable
from shared.metrics.catalogue import METRICS
from shared.provisioning import Access
from shared.watch.findings import MENDED_BY, findings
from shared.watch.risk import risk
from tests.faults.healed import DAY, HOUR, Seen, Shifted, ended, renewal, renewed, swept
from tests.pages import Page, both, named, names_in
from tests.world import ACCESS_KEY, KEY, World

OTHER_KEY = "99999999-2222-3333-4444-555555555555"


def _no(*_: Any) -> None:
    """Nothing happens."""


def unavailable(*_: Any) -> None:
    raise Unavailable("does not answer")


def failing(*_: Any) -> None:
    raise RuntimeError


def empty(folder: Path) -> Path:
    """A folder for a world without the fault."""
    made = folder / "without"
    made.mkdir()
    return made


def bought_without(folder: Path) -> tuple[Any, ...]:
    """How a version 2 purchase ends without a fault."""
    world = World(empty(folder))
    world.buy_v2()
    return ended(world, "business-2")


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


def test_a_purchase_that_the_order_query_cannot_tell_of_completes_by_itself(
    world: World, seen: Seen, tmp_path: Path
) -> None:
    world.orders.error = Unavailable("does not answer")
    assert world.buy_v2()["resultCode"] == "000004"
    assert swept(world, HOUR + timedelta(minutes=1)) == {"pending.long"}
    assert seen("koogallery_findings") == 1
    world.orders.error = None
    assert swept(world) == set()
    assert seen("koogallery_findings") == 0
    assert ended(world, "business-2") == bought_without(tmp_path)


@pytest.mark.parametrize("by", ["the sweep", "the command"])
def test_a_slow_provisioner_is_asked_again(world: World, seen: Seen, tmp_path: Path, by: str) -> None:
    world.provisioner.pending = True
    world.buy_v2()
    assert swept(world, HOUR + timedelta(minutes=1)) == {"pending.long"}
    [found] = findings(world.app)
    world.provisioner.pending = False
    world.provisioner.present = Access("https://business-2.example.com")
    if by == "the command":
        assert main(found.mended_by.split()[1:]) == 0
        assert world.state("business-2") == "ACTIVE"
    assert swept(world) == set()
    assert ended(world, "business-2") == bought_without(tmp_path)
    assert seen("koogallery_findings") == 0


def test_calls_that_are_lost_for_longer_than_the_marketplace_repeats(world: World, seen: Seen, tmp_path: Path) -> None:
    world.buy(expireTime="20261121235959")
    assert swept(world, 3 * DAY) == {"expiry.untold"}
    assert seen("koogallery_findings") == 1
    world.values["KOOGALLERY_FREEZE_EXPIRED"] = "true"
    assert swept(world) == set()
    assert seen("koogallery_findings") == 0
    frozen = ended(world)
    told = World(empty(tmp_path))
    told.buy(expireTime="20261121235959")
    told.clock.advance(2 * DAY)
    assert told.send(told.v1.call("expireInstance", instanceId="business-1"))["resultCode"] == "000000"
    assert frozen == ended(told)


def test_a_key_that_is_rotated_on_one_side_only(world: World, seen: Seen, without: tuple[Any, ...]) -> None:
    world.buy()
    world.values["KOOGALLERY_KEY"] = OTHER_KEY
    for _ in range(20):
        world.clock.advance(10)
        assert b'"000001"' in world.raw(renewal(world.v1)).body
    assert seen("koogallery_refused_calls_total") == 20
    assert risk(world.app).sudden == ["signature"]
    assert swept(world) == {"calls.refused"}
    world.values["KOOGALLERY_KEY"] = f"{OTHER_KEY},{KEY}"
    for key in (KEY, OTHER_KEY):
        assert b'"000000"' in world.raw(renewal(V1Calls(key, world.clock))).body
    assert ended(world) == without


@pytest.mark.parametrize("wrong", [timedelta(minutes=5), timedelta(minutes=-5)], ids=["fast", "slow"])
def test_a_clock_that_is_wrong(world: World, seen: Seen, tmp_path: Path, wrong: timedelta) -> None:
    right, world.v2 = world.v2, V2Calls(ACCESS_KEY, Shifted(world.clock, -wrong))
    assert b'"000001"' in world.raw(world.purchase_v2()).body
    assert seen('koogallery_refused_calls_total{reason="window"}') == 1
    world.v2 = right
    assert world.buy_v2()["resultCode"] == "000000"
    assert ended(world, "business-2") == bought_without(tmp_path)


@pytest.mark.parametrize("by", ["the next call", "the command"])
def test_a_process_that_is_killed_in_a_change(world: World, seen: Seen, without: tuple[Any, ...], by: str) -> None:
    world.buy()

    def killed(method: str) -> None:
        if method == "renew":
            raise KeyboardInterrupt

    world.provisioner.before = killed
    with pytest.raises(KeyboardInterrupt):
        world.raw(renewal(world.v1))
    world.restarted()
    mended(world)
    assert swept(world) == {"product.unsure"}
    assert seen("koogallery_findings") == 1
    if by == "the command":
        [found] = findings(world.app)
        assert main(found.mended_by.split()[1:]) == 0
        assert swept(world) == set()
    assert renewed(world) == "000000"
    assert ended(world) == without
    assert swept(world) == set()


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/runbooks"), ids=named)
def test_the_table_of_faults_names_metrics_and_kinds_that_there_are(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if "FailedCalls" in names_in(table[1][1])]
    told = {name for row in rows for name in names_in(row[1])}
    assert {"OldestEventSeconds", "OldestUsageSeconds"} <= told
    assert told <= {metric.name for metric in METRICS} | set(MENDED_BY)
