"""The scheduled upload under load, among failures of the seller's side, and where nothing is sold by use."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from emulator.platforms.contexts import LocalLambdaContext
from functions import metering
from shared.metering.lease import ShardLease
from shared.metering.sealing import FIRST_PAGE
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.provisioning import Charging, Instance, Package
from tests.fakes import FakeClock
from tests.logs import LogLines
from tests.shared.metering.metered import METER, Metered
from tests.world import FakeProvisioner, World

INSTANCES = [f"meter-{number:02}" for number in range(40)]


class Keeper(FakeProvisioner):
    """A provisioner that does not know the packages of one instance."""

    def packages(self, instance: Instance) -> list[Package]:
        if instance.instance_id == METER:
            raise OSError("the backend is away")
        return [Package("package-1", Decimal(100))]

    def used_up(self, instance: Instance, key: str) -> None:
        self.calls.append(("used_up", instance.instance_id, key))


def slow(world: Metered) -> None:
    """From now on each access to the store takes a second."""
    clock: FakeClock = world.clock
    world.tables.before = lambda table, method: clock.advance(1)


def run(world: World, seconds: float = 115) -> dict[str, int]:
    """One run over the only shard, which ends in time."""
    return dict(
        metering.handler({"shard": 0}, LocalLambdaContext("metering", seconds=seconds, clock=world.clock.monotonic))
    )


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path, {"KOOGALLERY_SHARDS": "1"})


def test_a_backlog_is_worked_off_by_run_after_run_and_its_age_is_told(world: Metered) -> None:
    for instance_id in INSTANCES:
        world.sell(instance_id)
        world.take_in(world.event(instanceId=instance_id))
    world.clock.advance(timedelta(hours=1, minutes=2))
    slow(world)

    first = run(world)
    assert 0 < first["accepted"] < len(INSTANCES), "time is left for pushing what is sealed"
    assert first["oldest_seconds"] > 3600 / 2, "what is not sealed yet is waiting too"
    for _ in range(10):
        last = run(world)
    assert last["oldest_seconds"] == 0
    assert {instance_id: world.api.total(instance_id) for instance_id in INSTANCES} == dict.fromkeys(
        INSTANCES, Decimal("1.5")
    )


def test_a_slot_that_was_marked_often_is_looked_at_once(world: Metered) -> None:
    for number in range(6):
        world.take_in(world.event(f"event-{number}", "1"))
        world.clock.advance(timedelta(minutes=5))
    world.hour_passes()
    world.tables.reset()

    run(world)
    assert world.billed == 6
    assert world.tables.calls["usage", "delete_many"] == 1
    assert world.tables.calls["usage", "query"] == 1 + 1, "the marks, and the events of the slot"
    assert world.tables.calls["billing", "create"] == 1 + 2, "the lease; the account and the record"
    assert not list(world.app.usage_events.marks(0))


def test_a_run_without_work_makes_four_requests(world: Metered) -> None:
    world.tables.reset()
    assert run(world) == {"oldest_seconds": 0}
    assert world.tables.calls == {
        ("billing", "create"): 1,
        ("billing", "query"): 1,
        ("usage", "query"): 1,
        ("billing", "delete"): 1,
    }, "the lease, what is open, what is marked, the lease"


def test_what_is_due_for_an_instance_is_sealed_at_once(world: Metered) -> None:
    """Else a run would meet its own records on their way, and store each of them twice."""
    for instance_id in INSTANCES:
        world.sell(instance_id)
    for hour in range(3):
        for instance_id in INSTANCES:
            world.take_in(world.event(f"event-{hour}", instanceId=instance_id))
        world.hour_passes()
    world.tables.reset()

    assert run(world)["accepted"] == 3 * len(INSTANCES)
    writes = world.tables.calls["billing", "create"] + world.tables.calls["billing", "replace"]
    lease, between_two_pages = 1, 6
    assert writes <= lease + len(INSTANCES) * (1 + 3) + between_two_pages, "an account, three records each"


def test_a_run_that_is_cut_short_repeats_nothing(world: Metered) -> None:
    """However short the runs are: what one did is done, and in all they do as much as one long run."""
    for instance_id in INSTANCES:
        world.sell(instance_id)
        world.take_in(world.event(instanceId=instance_id))
    world.clock.advance(timedelta(hours=1, minutes=2))
    slow(world)
    world.tables.reset()
    runs = 0
    while sum(world.api.total(each) for each in INSTANCES) < len(INSTANCES) * Decimal("1.5"):
        assert run(world)["accepted"] > 0
        world.clock.advance(timedelta(minutes=10))
        runs += 1
    assert runs > 1
    assert world.tables.calls["usage", "query"] <= len(INSTANCES) + 2 * runs, "events are read once"
    writes = world.tables.calls["billing", "create"] + world.tables.calls["billing", "replace"]
    assert writes <= 2 * len(INSTANCES) + 2 * runs
    assert world.api.calls <= runs + 1


def test_the_next_page_is_sealed_while_one_is_pushed(tmp_path: Path) -> None:
    world = Metered(tmp_path, {"KOOGALLERY_SHARDS": "1", "KOOGALLERY_USAGE_BATCH": "10"})
    for instance_id in INSTANCES:
        world.sell(instance_id)
        world.take_in(world.event(instanceId=instance_id))
    world.hour_passes()
    going_on = Event()
    accounts = 0

    def count(table: str, method: str) -> None:
        nonlocal accounts
        accounts += (table, method) == ("billing", "create")
        if accounts > FIRST_PAGE + 1:
            going_on.set()

    def push(records: list[UsageRecord]) -> PushAnswer | None:
        assert going_on.wait(10), "nothing is sealed meanwhile"
        return None

    world.tables.before, world.api.fault = count, push
    assert run(world)["accepted"] == len(INSTANCES)


def test_a_full_batch_waits_for_no_other_page(tmp_path: Path) -> None:
    """So that what was pushed is written down before more than the next page is sealed."""
    world = Metered(tmp_path, {"KOOGALLERY_SHARDS": "1", "KOOGALLERY_USAGE_BATCH": str(FIRST_PAGE)})
    for number in range(3 * FIRST_PAGE + 5):
        world.sell(f"more-{number:03d}")
        world.take_in(world.event(instanceId=f"more-{number:03d}"))
    world.hour_passes()
    pages, writes = 0, Counter[int]()

    def note(table: str, method: str) -> None:
        nonlocal pages
        pages += (table, method) == ("billing", "get_many")
        writes[pages] += (table, method) == ("billing", "create")

    world.tables.before = note
    assert run(world)["accepted"] == 3 * FIRST_PAGE + 5
    second = 2 * FIRST_PAGE
    assert (writes[1], writes[2]) == (FIRST_PAGE, second + FIRST_PAGE), "sealed; sealed, and the first written down"


def test_what_is_sealed_behind_a_refusal_of_the_seller_stays_open(tmp_path: Path) -> None:
    world = Metered(tmp_path, {"KOOGALLERY_SHARDS": "1", "KOOGALLERY_USAGE_BATCH": "10"})
    for instance_id in INSTANCES:
        world.sell(instance_id)
        world.take_in(world.event(instanceId=instance_id))
    world.hour_passes()
    world.api.fault = lambda records: PushAnswer("0154", 401)
    counts = run(world)
    assert (counts["stopped"], counts["calls"]) == (1, 1)
    assert counts["left"] == counts["sealed"] == len(list(world.app.billing_records.open_keys(0)))
    world.api.fault = lambda records: None
    assert run(world)["accepted"] == len(INSTANCES)


def test_every_run_begins_with_another_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Metered(tmp_path, {"KOOGALLERY_SHARDS": "8"})
    begun = set()

    def first(each: ShardLease) -> bool:
        begun.add(each._pk)
        raise KeyboardInterrupt

    monkeypatch.setattr(ShardLease, "__enter__", first)
    for _ in range(200):
        with pytest.raises(KeyboardInterrupt):
            world.upload()
    assert len(begun) == 8


def test_one_instance_that_fails_does_not_stop_the_others(world: Metered, log_lines: LogLines) -> None:
    world.provisioner = Keeper()
    world.restarted()
    world.sell("package-1", charging=Charging.ON_DEMAND_PACKAGE)
    world.sell("meter-2")
    world.take_in(world.event(), world.event(instanceId="meter-2"))
    world.hour_passes()

    assert run(world)["accepted"] == 1
    assert world.api.total("meter-2") == Decimal("1.5")
    (line,) = [line for line in log_lines() if line["message"] == "usage of an instance was not sealed"]
    assert (line["instance_id"], line["error"]) == (METER, "OSError")

    world.provisioner.packages = lambda instance: []  # type: ignore[method-assign]
    assert run(world)["accepted"] == 1, "it is still marked"


def test_a_run_that_died_holds_its_shard_no_longer_than_it_could_have_run(world: Metered) -> None:
    class Death(BaseException):
        pass

    def die(table: str, method: str) -> None:
        if table == "usage":
            raise Death

    world.take_in(world.event())
    world.hour_passes()
    world.tables.before = die
    with pytest.raises(Death):
        run(world)
    world.tables.before = lambda table, method: None
    assert run(world) == {"busy": 1}
    world.clock.advance(timedelta(minutes=3))
    assert run(world)["accepted"] == 1


def test_a_seller_without_metered_products_needs_no_key_of_the_usage_api(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_SHARDS": "1"})

    assert run(world) == {"oldest_seconds": 0}
