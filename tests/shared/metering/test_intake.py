"""Intake: what is new, what is known, what is refused, what it costs, and how a race ends."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidParameter, Unavailable
from shared.metering.event_rules import AHEAD, LATEST, Reason
from shared.metering.events import MARK_MINUTES, SETTLE
from shared.metering.intake import MOST, Intake, Rejection
from shared.provisioning import Charging
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.dynamodb.client import Client, shared_client
from tests.engines import ENVIRONMENT
from tests.examples import examples
from tests.fakes import FakeClock
from tests.market import V2, freezing, release, unfreezing
from tests.shared.metering.metered import METER, Metered
from tests.world import order


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


def reasons(intake: Intake) -> list[str]:
    return [each.reason.value for each in intake.rejected]


def marks(world: Metered) -> int:
    table = world.app.tables.table("usage")
    return sum(len(table.query(f"due#{shard}").items) for shard in range(world.app.settings.shards))


def test_new_events_are_taken_in_and_billed(world):
    events = [world.event(f"e{number}", "0.25") for number in range(40)]
    assert world.take_in(*events) == Intake(40, 0, [])
    world.hour_passes()
    world.upload()
    assert world.billed == 10


def test_the_answer_as_json(world):
    intake = world.take_in(world.event("a"), world.event("a"), world.event("a", "2"), {"id": 5}, "event")
    assert intake.members() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [
            {"id": "a", "reason": "conflict"},
            {"id": None, "reason": "invalid id"},
            {"id": None, "reason": "invalid event"},
        ],
    }
    assert intake.rejected[0] == Rejection(2, "a", Reason.CONFLICT)


def test_nothing_is_nothing(world):
    world.tables.reset()
    assert world.take_in() == Intake(0, 0, [])
    assert world.tables.calls["usage", "put_many"] == 0


def test_a_repeat_is_a_duplicate_also_later_and_in_another_process(world):
    event = world.event("a", "1.50", package="package-1")
    assert world.take_in(event, event) == Intake(1, 1, [])
    world.clock.advance(600)
    world.restarted()
    assert world.take_in({**event, "value": "1.5"}, {**event, "value": "001.500"}) == Intake(0, 2, [])


@pytest.mark.parametrize("change", [{"value": "2"}, {"package": "package-2"}, {"package": None}])
def test_the_first_one_wins(world, change):
    event = world.event("a", "1.5", package="package-1")
    assert reasons(world.take_in(event, {**event, **change})) == ["conflict"]
    assert reasons(world.take_in({**event, **change}, event)) == ["conflict"]
    world.hour_passes()
    world.upload()
    assert [(record.usage_value, record.relate_pkg_instance) for record in world.api.accepted.values()] == [
        (Decimal("1.5"), "package-1")
    ]


def test_an_event_is_known_by_instance_slot_and_id(world):
    world.sell("meter-2")
    now = world.clock.now()
    same = [world.event("a", time=now), world.event("a", time=now - timedelta(minutes=20))]
    others = [world.event("a", time=now - timedelta(hours=1)), world.event("a", instanceId="meter-2")]
    assert world.take_in(*same, *others) == Intake(3, 1, [])


def test_daily_products_have_one_slot_a_day(tmp_path):
    world = Metered(tmp_path, {"KOOGALLERY_DAILY_PRODUCTS": "OFFI1"})
    now = world.clock.now()
    assert world.take_in(world.event("a"), world.event("a", time=now - timedelta(hours=5))) == Intake(1, 1, [])


def test_a_duplicate_is_marked_again(world):
    event = world.event("a")
    world.take_in(event)
    world.hour_passes()
    world.upload()
    assert marks(world) == 0
    world.take_in(event)
    assert marks(world) == 1
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("1.5")
    assert marks(world) == 0


def test_a_slot_is_marked_once_a_minute_and_anew_after_five(world):
    def writes(event_id: str) -> int:
        world.tables.reset()
        world.take_in(world.event(event_id))
        return int(world.tables.calls["usage", "put_many"]) - 1

    assert [writes(event_id) for event_id in "abc"] == [1, 0, 0]
    world.clock.advance(SETTLE)
    assert [writes(event_id) for event_id in "de"] == [1, 0]
    assert marks(world) == 1
    world.clock.advance(timedelta(minutes=MARK_MINUTES) - SETTLE)
    assert writes("f") == 1
    assert marks(world) == 2


def test_a_mark_that_could_not_be_written_is_written_by_the_next_call(world):
    def fail(table: str, method: str) -> None:
        if (table, method) == ("usage", "put_many"):
            raise Unavailable("the store could not be reached")

    before, world.tables.before = world.tables.before, fail
    with pytest.raises(Unavailable):
        world.take_in(world.event("a"))
    world.tables.before = before
    world.take_in(world.event("a"))
    assert marks(world) == 1


def test_events_whose_marks_were_lost_are_billed_once_they_are_sent_again(world):
    event = world.event("a")
    world.take_in(event)
    for shard in range(world.app.settings.shards):
        table = world.app.tables.table("usage")
        for item in table.query(f"due#{shard}").items:
            table.delete(item)
    world.take_in(event)
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("1.5")


def test_instances(world):
    world.sell("yearly", Charging.PERIOD)
    world.provisioner.pending = True
    world.orders.orders["pending"] = order("pending", charging=Charging.ON_DEMAND)
    world.buy_v2("pending", "pending")
    found = world.take_in(*(world.event(instanceId=name) for name in ("nobody", "yearly", "pending", METER)))
    assert reasons(found) == ["unknown instance", "instance is not pay-per-use", "instance has not started"]
    assert found.accepted == 1


def test_before_the_start(world):
    world.sell("fresh")
    start = world.clock.now()
    event = world.event(instanceId="fresh")
    before = world.event("b", instanceId="fresh", time=start - timedelta(seconds=1))
    assert reasons(world.take_in(event, before)) == ["before the instance started"]


def test_frozen_and_released(world):
    before = world.clock.now() - timedelta(minutes=1)
    world.send(freezing(world, V2, METER))
    frozen = world.clock.now()
    world.clock.advance(60)
    stopped = [world.event("a", time=before), world.event("b", time=frozen), world.event("c")]
    assert reasons(world.take_in(*stopped)) == ["after the instance was frozen or released"] * 2
    world.send(unfreezing(world, V2, METER))
    assert world.take_in(world.event("c")).accepted == 1
    world.clock.advance(60)
    world.send(release(world, V2, METER))
    assert reasons(world.take_in(world.event("d"))) == ["after the instance was frozen or released"]
    assert world.take_in(world.event("d", time=world.clock.now() - timedelta(seconds=30))).accepted == 1


def test_between_freezing_and_release_nothing_is_used(world):
    world.send(freezing(world, V2, METER))
    world.clock.advance(60)
    between = world.event("a")
    world.clock.advance(60)
    world.send(release(world, V2, METER))
    assert reasons(world.take_in(between)) == ["after the instance was frozen or released"]


def test_usage_of_a_frozen_time_is_refused_after_the_unfreeze_too(world):
    """From the moment of freezing on, up to but not including that of unfreezing; whichever freezing it was."""
    times = []
    for _ in range(2):
        begin = world.clock.now()
        world.send(freezing(world, V2, METER))
        world.clock.advance(90)
        times.append((begin, world.clock.now()))
        world.send(unfreezing(world, V2, METER))
        world.clock.advance(90)
    tick = timedelta(microseconds=1)
    inside = [moment for begin, end in times for moment in (begin, begin + tick, end - tick)]
    outside = [moment for begin, end in times for moment in (begin - tick, end, end + tick)]
    stopped = [world.event(f"in-{number}", time=time) for number, time in enumerate(inside)]
    running = [world.event(f"out-{number}", time=time) for number, time in enumerate(outside)]
    assert reasons(world.take_in(*stopped)) == ["after the instance was frozen or released"] * 6
    assert world.take_in(*running).accepted == 6


def test_frozen_times_are_kept_as_long_as_usage_may_be_told(world):
    for _ in range(3):
        world.send(freezing(world, V2, METER))
        world.clock.advance(60)
        world.send(unfreezing(world, V2, METER))
        world.clock.advance(timedelta(days=11))
    assert len(world.app.instances.get(METER).frozen_times) == 2


def test_the_service_runs_again_from_when_the_provisioner_is_asked(world):
    world.send(freezing(world, V2, METER))
    world.clock.advance(60)
    asked = world.clock.now()
    world.provisioner.before = lambda _method: world.clock.advance(2)
    world.send(unfreezing(world, V2, METER))
    assert world.take_in(world.event(time=asked)).accepted == 1


def test_the_future_and_the_distant_past(world, log_lines):
    now = world.clock.now()
    times = [now + AHEAD, now + AHEAD + timedelta(seconds=1), now - LATEST, now - LATEST - timedelta(seconds=1)]
    events = [world.event(f"e{number}", time=time) for number, time in enumerate(times)]
    assert reasons(world.take_in(*events)) == ["in the future", "too late"]
    [line] = log_lines("usage came too late to be billed")
    assert (line["level"], line["count"]) == ("ERROR", 1)


def test_a_rehearsal_stores_nothing_and_alarms_nobody(world, log_lines):
    from shared.metering.intake import take_in

    world.take_in(world.event("stored"))
    late = world.event("late", time=world.clock.now() - timedelta(days=21))
    events = [world.event("stored"), world.event("new"), world.event("new", "9"), late]
    world.tables.reset()
    rehearsed = take_in(world.app, events, store=False)
    assert (rehearsed.accepted, rehearsed.duplicates, reasons(rehearsed)) == (1, 1, ["conflict", "too late"])
    assert {method for _, method in world.tables.calls} == {"get_many"}
    assert log_lines("usage came too late to be billed") == []


def test_too_many_at_once(world):
    assert world.take_in(*[world.event()] * MOST).duplicates == MOST - 1
    with pytest.raises(InvalidParameter, match="at most 1000 events"):
        world.take_in(*[world.event()] * (MOST + 1))


def test_a_store_that_fails_half_way_leaves_nothing_a_repeat_does_not_heal(world):
    events = [world.event(f"e{number}", "1") for number in range(10)]

    left = 0

    def fail(table, method):
        nonlocal left
        left -= method == "put_many"
        if left == 0:
            raise Unavailable("the store is gone")

    for hook, left in product(("before", "after"), (1, 2)):  # noqa: B007 - what is left is read by the hook
        world.clock.advance(SETTLE)  # until no mark is taken for written
        setattr(world.tables, hook, fail)
        with pytest.raises(Unavailable):
            world.take_in(*events)
        setattr(world.tables, hook, lambda table, method: None)
    again = world.take_in(*events)
    assert again.accepted + again.duplicates == 10
    world.hour_passes()
    world.upload()
    assert world.billed == 10


# --- the race of two values under one id: shared/metering/events.py tells how it ends --------------------------------


def contents() -> st.SearchStrategy[tuple[str, str | None]]:
    return st.tuples(st.sampled_from(["1", "2.5", "0.5"]), st.sampled_from([None, "package-1", "package-2"]))


@settings(max_examples=examples(60), deadline=None)
@given(first=contents(), second=contents(), seal_between=st.booleans(), again=st.sampled_from([None, 0, 1]))
def test_of_two_values_at_once_never_more_than_one_is_billed(first, second, seal_between, again):
    """Both callers have found the id free before either writes; whoever writes last stays."""
    with TemporaryDirectory() as folder:
        world = Metered(Path(folder))
        time = world.clock.now()
        one, other = (world.event("a", value, time, package=package) for value, package in (first, second))

        def overtaken(table: str, method: str) -> None:
            if (table, method) == ("usage", "get_many"):
                world.tables.after = lambda table, method: None
                assert world.take_in(one).accepted == 1
                if seal_between:
                    world.hour_passes()
                    world.upload()

        world.tables.after = overtaken
        assert world.take_in(other).accepted == 1
        if again is not None:
            world.take_in((one, other)[again])
        for _ in range(2):
            world.hour_passes()
            world.upload()

        values = [Decimal(value) for value, _ in (first, second)]
        assert world.billed == (max(values) if seal_between else values[1])


@pytest.mark.parametrize(("first", "second", "billed"), [("1", "2.5", "2.5"), ("2.5", "1", "2.5")])
def test_a_race_with_a_record_sealed_in_between_bills_the_larger_value(world, first, second, billed):
    one, other = world.event("a", first), world.event("a", second)

    def overtaken(table: str, method: str) -> None:
        if (table, method) == ("usage", "get_many"):
            world.tables.after = lambda table, method: None
            world.take_in(one)
            world.hour_passes()
            assert world.upload()["sealed"] == 1

    world.tables.after = overtaken
    world.take_in(other)
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal(billed)


# --- what it costs ----------------------------------------------------------------------------------------------------

PREFIX = "intake-"


class Requests(Counter[str]):
    """Requests of a DynamoDB client, by operation."""

    def of(self, client: Client) -> Client:
        """``client``, whose requests are counted here."""

        def counted(operation: str) -> Callable[..., Any]:
            def ask(**parameters: Any) -> Any:
                self[operation.title().replace("_", "")] += 1
                return getattr(client, operation)(**parameters)

            return ask

        names = [name for name in dir(Client) if not name.startswith("_")]
        return cast(Client, SimpleNamespace(**{name: counted(name) for name in names}))


@pytest.fixture
def requests(ministack: str, tmp_path: Path) -> Iterator[tuple[Metered, Requests]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        prefix = f"{PREFIX}{tmp_path.name[:40]}-".replace("_", "-")
        ensure_tables(administration(ministack), prefix)
        counted = Requests()
        client = counted.of(shared_client(ministack))
        yield Metered(tmp_path, tables=DynamoTables(prefix, FakeClock(), client_factory=lambda: client)), counted


@pytest.mark.engines
@pytest.mark.parametrize(
    ("instances", "events", "most"),
    [(1, 100, 7), (1, 1000, 53), (10, 1000, 53), (100, 1000, 57)],
    ids=str,
)
def test_store_calls(requests, instances, events, most):
    """About 6 for 100 events: 1 reads the instances, 1 for 100 looks for duplicates, 1 for 25 writes."""
    world, counted = requests
    names = [f"meter-of-{number}" for number in range(instances)]
    for name in names:
        world.sell(name)
    batch = [world.event(f"e{number}", instanceId=names[number % instances]) for number in range(events)]
    counted.clear()
    assert world.take_in(*batch).accepted == events
    assert set(counted) == {"BatchGetItem", "BatchWriteItem"}
    assert counted.total() <= most

    counted.clear()
    assert world.take_in(*batch).duplicates == events
    assert counted["BatchWriteItem"] == -(-instances // 25)
    assert counted["BatchGetItem"] <= 1 + -(-events // 100)
