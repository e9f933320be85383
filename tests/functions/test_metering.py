"""The scheduled upload in the whole bundle: what instances do, and what is billed for them."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from functions import metering
from shared import app as composition
from shared.metering.events import Stored, UsageEvent
from shared.metering.slots import slot_of
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.provisioning import Package
from tests.fakes import CountingTables
from tests.logs import LogLines
from tests.shared.metering.market import FakeUsageApi
from tests.world import FakeProvisioner, World

TIMER = {"version": "v1.0", "time": "2026-11-20T09:02:00+08:00", "trigger_type": "TIMER", "user_event": ""}
NOTHING = {"oldest_seconds": 0}
"""What a run says that finds nothing to do."""


class Metered(World):
    """A bundle with one pay-per-use instance, ``business-1``, and a usage API in memory."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(folder, settings)
        self.api = FakeUsageApi()
        self.install_api()
        assert self.buy(chargingMode=0, expireTime=None, periodType=None, periodNumber=None)["resultCode"] == "000000"

    def install_api(self) -> None:
        """With the usage API in place of the client."""
        self.app.__dict__["usage_push"] = self.api
        composition.install(self.app)

    def use(self, event_id: str, value: str, time: datetime | None = None, daily: bool = False) -> None:
        """Something was used, just now unless ``time`` says otherwise."""
        event = UsageEvent(event_id, "business-1", time or self.clock.now(), Decimal(value))
        self.app.usage_events.add([Stored(event, slot_of(event.time, daily=daily))])

    def upload(self, event: Any = None, context: Any = None) -> dict[str, int]:
        """One scheduled run."""
        return dict(metering.handler(event or {}, context or LocalLambdaContext("metering", seconds=300)))

    def windows(self) -> list[tuple[str, str, Decimal]]:
        """(begin, end, value) of what was accepted."""
        return [(r.begin_time, r.end_time, r.usage_value) for r in self.api.accepted.values()]


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


def test_a_closed_hour_is_uploaded_once(world: Metered) -> None:
    world.use("a", "1.5")
    world.use("b", "2")
    assert world.upload() == NOTHING, "the hour is not over"

    world.clock.advance(timedelta(minutes=33))
    assert world.upload() == NOTHING | {"sealed": 1, "calls": 1, "accepted": 1}
    assert world.upload() == NOTHING
    assert world.windows() == [("20261120T083000Z", "20261120T090000Z", Decimal("3.5"))]


@pytest.mark.parametrize("context", [LocalLambdaContext, LocalFunctionGraphContext])
def test_both_platforms_run_it(world: Metered, context: Any) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(minutes=40))

    assert world.upload(TIMER, context("metering", seconds=300))["accepted"] == 1


def test_a_late_event_gets_a_window_of_its_own(world: Metered) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(minutes=40))
    world.upload()
    world.use("late", "0.25", time=world.clock.now() - timedelta(minutes=20))
    world.clock.advance(timedelta(minutes=10))
    world.upload()

    assert world.windows()[1] == ("20261120T083001Z", "20261120T090000Z", Decimal("0.25"))


def test_late_events_are_uploaded_by_the_next_run_however_soon_that_is(world: Metered) -> None:
    world.clock.advance(timedelta(hours=2))
    for number in range(3):
        world.use(f"late-{number}", "1", time=world.clock.now() - timedelta(hours=1))
        assert world.upload()["accepted"] == 1
    world.clock.advance(timedelta(minutes=10))

    assert world.upload() == NOTHING
    assert len(set(world.windows())) == 3


def test_a_release_ends_the_slot_at_once(world: Metered) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(minutes=10, seconds=5))
    assert world.send(world.v1.call("releaseInstance", instanceId="business-1"))["resultCode"] == "000000"
    world.clock.advance(timedelta(minutes=7))
    world.upload()

    assert world.windows() == [("20261120T083000Z", "20261120T084005Z", Decimal(1))]


def test_a_freeze_ends_the_slot_at_once_and_use_after_it_comes_on_top(world: Metered) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(minutes=1))
    world.send(world.v1.call("instanceStatus", instanceId="business-1", instanceStatus="FREEZE"))
    world.clock.advance(timedelta(minutes=8))
    world.upload()
    world.send(world.v1.call("instanceStatus", instanceId="business-1", instanceStatus="NORMAL"))
    world.use("b", "2")
    world.clock.advance(timedelta(minutes=60))
    world.upload()

    assert [value for _, _, value in world.windows()] == [Decimal(1), Decimal(2)]
    assert len(set(world.windows())) == 2


def test_a_daily_product_is_billed_by_beijing_days(tmp_path: Path) -> None:
    world = Metered(tmp_path, {"KOOGALLERY_DAILY_PRODUCTS": "00301-666666-0--0"})
    world.use("a", "1", daily=True)
    world.clock.advance(timedelta(hours=5))
    world.use("b", "2", daily=True)
    world.upload()
    assert world.windows() == []

    world.clock.advance(timedelta(hours=3))
    world.upload()
    assert world.windows() == [("20261120T083000Z", "20261120T160000Z", Decimal(3))]


def test_the_query_tells_what_the_ledger_billed(world: Metered) -> None:
    world.use("a", "1.5")
    world.clock.advance(timedelta(hours=1))
    world.upload()

    (info,) = world.send(world.v1.call("queryInstance", instanceId="business-1"))["info"]
    assert info["usageInfo"] == [{"usageValue": 1.5, "statisticalTime": "20261120090000000"}]


def test_shards_are_chosen_by_the_schedule_or_the_queue(world: Metered) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(hours=1))
    mine = world.app.usage_events.shard_of("business-1")
    others = [shard for shard in range(4) if shard != mine]

    assert [world.upload({"shard": shard}) for shard in others] == [NOTHING] * 3
    assert world.upload({"Records": [{"body": f'{{"shard": {mine}}}'}]})["accepted"] == 1
    world.use("b", "1")
    world.clock.advance(timedelta(hours=1))
    assert world.upload(TIMER | {"user_event": f'{{"shard": {others[0]}}}'}) == NOTHING
    assert world.upload(TIMER | {"user_event": f'{{"shard": {mine}}}'})["accepted"] == 1
    with pytest.raises(Exception, match="KOOGALLERY_SHARDS"):
        world.upload({"shard": 4})


def test_only_one_run_works_on_a_shard(world: Metered) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(hours=1))
    inner: list[dict[str, int]] = []

    def meanwhile(records: list[UsageRecord]) -> PushAnswer | None:
        world.api.fault = lambda records: None
        inner.append(world.upload())
        return None

    world.api.fault = meanwhile
    assert world.upload()["accepted"] == 1
    assert inner == [NOTHING | {"busy": 1}]


def test_a_run_that_died_holds_its_shard_for_a_quarter_of_an_hour_at_most(world: Metered) -> None:
    class Death(BaseException):
        pass

    def die(records: list[UsageRecord]) -> PushAnswer | None:
        raise Death

    world.use("a", "1")
    world.clock.advance(timedelta(hours=1))
    world.api.fault = die
    with pytest.raises(Death):
        world.upload()
    world.api.fault = lambda records: None
    assert "accepted" not in world.upload()
    world.clock.advance(timedelta(minutes=16))
    assert world.upload()["accepted"] == 1


def test_a_refused_seller_stops_at_once_and_keeps_everything(world: Metered, log_lines: LogLines) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(hours=3))
    world.api.fault = lambda records: PushAnswer("0154", 401)

    counts = world.upload()
    assert (counts["stopped"], counts["calls"]) == (1, 1)
    assert counts["oldest_seconds"] == 2.5 * 3600
    assert any("refuses this seller" in str(line) for line in log_lines())
    world.api.fault = lambda records: None
    assert world.upload()["accepted"] == 1


def test_what_cannot_be_billed_is_alarmed_and_kept(world: Metered, log_lines: LogLines) -> None:
    world.use("a", "1")
    world.clock.advance(timedelta(hours=1))
    world.api.fault = lambda records: PushAnswer("94060999", 200, {records[0].metering_sn: "012"})

    assert world.upload()["dead"] == 1
    assert any("usage cannot be billed" in str(line) for line in log_lines())
    (record,) = world.app.billing_records.of_slot(
        "business-1", slot_of(world.clock.now() - timedelta(hours=1), daily=False)
    )
    assert (record.state.value, record.code) == ("DEAD", "012")


class Keeper(FakeProvisioner):
    """A provisioner with one package of ten."""

    def packages(self, instance: Any) -> list[Package]:
        return [Package("package-1", Decimal(10))]

    def used_up(self, instance: Any, key: str) -> None:
        self.calls.append(("used_up", instance.instance_id, key))


def test_a_used_up_package_stops_the_service_and_is_shown(world: Metered) -> None:
    world.provisioner = Keeper()
    world.restarted()
    world.install_api()
    world.buy("CS9", "package-1", chargingMode=5)
    world.use("a", "12")
    world.clock.advance(timedelta(hours=1))
    world.upload()

    assert world.provisioner.calls[-1][:2] == ("used_up", "business-1")
    assert [record.relate_pkg_instance for record in world.api.accepted.values()] == ["package-1"]
    (info,) = world.send(world.v1.call("queryInstance", instanceId="package-1"))["info"]
    assert info["usageInfo"] == [
        {"relatedInstanceId": "business-1", "usageValue": 10.0, "statisticalTime": "20261120090000000"}
    ]


def test_an_hour_above_the_cap_is_billed_in_full_and_shown_in_full(world: Metered) -> None:
    world.use("a", "60000000")
    world.use("b", "60000000.5")
    world.clock.advance(timedelta(hours=1))
    assert world.upload()["accepted"] == 2

    assert world.api.total("business-1") == Decimal("120000000.5")
    (info,) = world.send(world.v1.call("queryInstance", instanceId="business-1"))["info"]
    assert info["usageInfo"][0]["usageValue"] == 120000000.5


def test_packages_that_are_wrong_are_named_and_the_usage_waits(world: Metered, log_lines: LogLines) -> None:
    world.provisioner = keeper = Keeper()
    world.restarted()
    world.install_api()
    keeper.packages = lambda instance: [Package("package-1", Decimal("NaN"))]  # type: ignore[method-assign]
    world.use("a", "12")
    world.clock.advance(timedelta(hours=1))
    world.upload()

    (line,) = log_lines("usage of an instance was not sealed")
    assert line["reason"] == "packages[0]: quota must be a decimal number, 0 or more"
    keeper.packages = lambda instance: [Package("package-1", Decimal(12))]  # type: ignore[method-assign]
    assert world.upload()["accepted"] == 1


def calls_of_a_run(world: Metered) -> dict[str, int]:
    tables: CountingTables = world.tables
    tables.reset()
    world.upload({"shard": world.app.usage_events.shard_of("business-1")})
    return {f"{table} {method}": count for (table, method), count in sorted(tables.calls.items())}


def test_a_closed_hour_costs_few_store_calls(world: Metered) -> None:
    """Three for each record: its events, the account with the record in it, the record with its verdict."""
    world.use("a", "1")
    world.clock.advance(timedelta(hours=1))

    # Once a run: the lease (2), marks, the open list before and after. Once a page: instances, accounts,
    # days. Once a batch: the ends of marks.
    expected = {
        "billing create": 1 + 2,
        "billing delete": 1,
        "billing get_many": 1,
        "billing put_many": 1,
        "billing query": 2,
        "instances get_many": 1,
        "usage delete_many": 1,
        "usage query": 1 + 1,
    }
    assert calls_of_a_run(world) == expected
    world.use("b", "1")
    world.clock.advance(timedelta(hours=1))

    # The account is replaced, its record before looked for, and the day listed already.
    again = expected | {"billing create": 1 + 1, "billing replace": 1, "billing get_many": 2}
    del again["billing put_many"]
    assert calls_of_a_run(world) == again
