"""What one record can say is limited, what is used is not; and no begin and end that could be billed is lost."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metering.due import MOST_PENDING
from shared.metering.events import UsageEvent
from shared.metering.meter import Meter
from shared.metering.records import Record, RecordState
from shared.metering.slots import slot_of
from shared.openapi.usage_push import UsageRecord
from shared.provisioning import Package
from shared.usage_limits import MOST
from tests.examples import examples
from tests.logs import captured
from tests.shared.metering.market import START, Death, Metering
from tests.shared.metering.test_upload_crashes import deaths

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    world = Metering(tmp_path)
    world.open("meter")
    return world


def use(world: Metering, *values: str, back: timedelta = timedelta(0), name: str = "event") -> None:
    time = world.clock.now() - back
    world.use(*(UsageEvent(f"{name}-{n}", "meter", time, Decimal(value)) for n, value in enumerate(values)))


def hour_passes(world: Metering) -> Counter[str]:
    world.clock.advance(HOUR + timedelta(minutes=5))
    return world.upload()


def sent(world: Metering) -> list[UsageRecord]:
    return sorted(world.api.accepted.values(), key=lambda each: (each.begin_time, each.end_time))


def windows(world: Metering) -> list[tuple[str, str]]:
    return [(each.begin_time[9:15], each.end_time[9:15]) for each in sent(world)]


def stored(world: Metering, time: timedelta = timedelta(0)) -> list[Record]:
    meter = world.meters["meter"]
    return world.records().of_slot("meter", slot_of(START - time, daily=meter.daily))


def test_an_hour_above_the_cap_becomes_several_records_that_do_not_overlap(world: Metering) -> None:
    use(world, "60000000", "60000000")
    hour_passes(world)
    assert [each.usage_value for each in sent(world)] == [MOST, Decimal("20000000.0001")]
    assert windows(world) == [("000000", "003000"), ("003000", "010000")]


def test_the_carry_goes_into_the_first_part_and_out_of_the_last(world: Metering) -> None:
    use(world, "0.00006")
    hour_passes(world)
    use(world, "99999999.9999", "99999999.99995")
    hour_passes(world)
    assert [each.usage_value for each in sent(world)] == [MOST, MOST, Decimal("0.0001")]
    assert world.ledger().account("meter").carried(None) == Decimal("0.00001")


def test_exactly_the_cap_is_one_record_and_its_remainder_is_carried(world: Metering) -> None:
    use(world, "99999999.99999999")
    hour_passes(world)
    assert [(each.usage_value, each.end_time) for each in sent(world)] == [(MOST, "20261101T010000Z")]
    assert [each.state for each in stored(world)] == [RecordState.ACCEPTED]


def test_late_events_above_the_cap(world: Metering) -> None:
    use(world, "1")
    hour_passes(world)
    use(world, "60000000", "60000000", "60000000", back=HOUR + timedelta(minutes=5), name="late")
    world.clock.advance(timedelta(minutes=15))
    world.upload()
    assert world.api.total("meter") == Decimal(180000001)
    assert windows(world) == [("000000", "010000"), ("000001", "010000"), ("000002", "010000")]


def test_a_daily_product_has_a_beijing_day_to_share(world: Metering) -> None:
    world.meters["meter"] = replace(world.meters["meter"], daily=True)
    use(world, "60000000", "60000000")
    world.clock.set(START.replace(hour=16, minute=5))
    world.upload()
    assert world.api.total("meter") == Decimal(120000000)
    assert [(each.begin_time, each.end_time) for each in sent(world)] == [
        ("20261031T160000Z", "20261101T040000Z"),
        ("20261101T040000Z", "20261101T160000Z"),
    ]


def test_packages_are_split_by_the_cap_too(world: Metering) -> None:
    packages = Package("small", Decimal(5), START), Package("large", Decimal(150000000))
    world.meters["meter"] = replace(world.meters["meter"], packages=packages)
    use(world, "60000000", "60000000")
    hour_passes(world)
    by_package: Counter[str | None] = Counter()
    for each in sent(world):
        by_package[each.relate_pkg_instance] += each.usage_value  # type: ignore[assignment]
    assert by_package == {"small": 5, "large": Decimal(119999995)}
    assert len(set(windows(world))) == 3
    assert world.ledger().used_of("large")[0][1] == Decimal(119999995)


def test_six_portions_after_a_release_three_seconds_into_the_hour_are_all_billed(world: Metering) -> None:
    world.clock.set(START.replace(hour=1, minute=0, second=3))
    world.close("meter")
    for number in range(6):
        use(world, "1.5", back=world.clock.now() - START.replace(hour=1, minute=0, second=1), name=f"portion-{number}")
        world.clock.advance(timedelta(minutes=10))
        world.upload()
    assert world.api.total("meter") == 9
    assert len(set(windows(world))) == 6


def test_the_seventh_is_told_why_it_cannot_be_billed(world: Metering) -> None:
    test_six_portions_after_a_release_three_seconds_into_the_hour_are_all_billed(world)
    use(world, "1", back=world.clock.now() - START.replace(hour=1, minute=0, second=1), name="portion-7")
    world.clock.advance(timedelta(minutes=10))
    with captured() as lines:
        assert world.upload()["dead"] == 1
    assert [each.code for each in stored(world, -HOUR) if each.state is RecordState.DEAD] == ["no window"]
    assert [line["code"] for line in lines("usage cannot be billed") if line["level"] == "ERROR"] == ["no window"]


def test_more_than_the_windows_can_carry_is_one_dead_record(world: Metering) -> None:
    world.clock.set(START.replace(hour=1, minute=0, second=1))
    world.close("meter")
    use(world, *["99999999"] * 50, back=SECOND)
    world.clock.advance(timedelta(minutes=10))
    assert world.upload()["dead"] == 1
    assert world.api.total("meter") == MOST
    dead = [each for each in stored(world, -HOUR) if each.state is RecordState.DEAD]
    assert [(each.code, each.exact) for each in dead] == [("no window", 50 * Decimal(99999999) - MOST)]


def test_what_is_only_carried_takes_no_window(world: Metering) -> None:
    world.clock.set(START.replace(hour=1, minute=0, second=1))
    world.close("meter")
    use(world, "0.00001", back=SECOND)
    world.clock.advance(timedelta(minutes=10))
    world.upload()
    use(world, "2", back=timedelta(minutes=10, seconds=1), name="late")
    world.clock.advance(timedelta(minutes=10))
    world.upload()
    assert world.api.total("meter") == 2


def test_a_record_made_while_frozen_does_not_end_in_the_future(world: Metering) -> None:
    """An hour cut short by a freeze is billed before it is over; the rest of it later (section 2.4, rule 3)."""
    use(world, "1", back=SECOND)
    world.freeze("meter")
    world.clock.advance(timedelta(minutes=3))
    world.upload()
    assert windows(world) == [("000000", "003300")]
    world.unfreeze("meter")
    use(world, "2", name="again")
    hour_passes(world)
    assert windows(world) == [("000000", "003300"), ("003300", "010000")]
    assert world.api.total("meter") == 3


def above_the_cap(world: Metering) -> None:
    world.open("meter")
    use(world, "60000000", "60000000", "60000000.00009")
    world.clock.advance(HOUR)


def test_a_run_that_dies_anywhere_leaves_the_same_records(tmp_path: Path) -> None:
    for world in deaths(tmp_path, above_the_cap):
        world.clock.advance(timedelta(minutes=15))
        world.upload()
        assert world.api.total("meter") == Decimal(180000000)
        assert windows(world) == [("000000", "003000"), ("003000", "010000")]


def backlog(world: Metering) -> None:
    """More hours of one instance than its account holds records."""
    world.open("meter")
    for hour in range(MOST_PENDING * 2 + 5):
        use(world, "1.5", back=HOUR * hour, name=f"event-{hour}")
    world.clock.advance(timedelta(hours=1, minutes=5))


def test_more_hours_than_an_account_holds_records(world: Metering) -> None:
    backlog(world)
    assert world.upload()["accepted"] == MOST_PENDING * 2 + 5
    assert world.api.total("meter") == Decimal("1.5") * (MOST_PENDING * 2 + 5)
    assert list(world.records().open_keys(0)) == list(world.records().open_keys(1)) == []


def test_a_record_that_an_earlier_release_left_in_the_account(world: Metering) -> None:
    """It had one there, and not a list of them."""
    use(world, "1.5")
    world.clock.advance(HOUR + timedelta(minutes=5))
    world.api.lose = die
    with pytest.raises(Death):
        world.upload()
    world.api.lose = lambda: False
    table = world.tables.table("billing")
    account = table.get("meter", "account")
    assert account is not None
    table.replace({**account, "pending": account["pending"][0]})
    world.upload()
    world.upload()
    assert world.api.total("meter") == Decimal("1.5")


def die() -> bool:
    raise Death


amounts = st.sampled_from(
    [Decimal(text) for text in ("1", "0.00003", "60000000", "99999999.99999999", "99999999.9999", "0.00007", "12.5")]
)


@pytest.mark.sweep
@settings(max_examples=examples(60), deadline=None)
@given(
    started=st.integers(-3, 3),
    life=st.integers(1, 4),
    portions=st.lists(st.lists(amounts, min_size=1, max_size=4), min_size=1, max_size=12),
)
def test_as_much_is_billed_as_there_are_windows_and_the_rest_is_accounted_for(
    started: int, life: int, portions: list[list[Decimal]]
) -> None:
    with TemporaryDirectory() as folder:
        world = Metering(Path(folder))
        begin = START.replace(hour=1, minute=0) + started * SECOND
        world.meters["meter"] = Meter("meter", begin)
        world.clock.set(begin + life * SECOND)
        world.close("meter")
        used = Decimal(0)
        for number, values in enumerate(portions):
            use(world, *map(str, values), back=world.clock.now() - begin, name=f"portion-{number}")
            used += sum(values)
            world.clock.advance(timedelta(minutes=10))
            world.upload()
        slot = slot_of(begin, daily=False)
        ledger, records = world.ledger().account("meter"), world.records().of_slot("meter", slot)
        dead = [each for each in records if each.state is RecordState.DEAD]
        assert ledger.total["-"] == used == sum(each.exact for each in records)
        billed = world.api.total("meter")
        assert billed + sum(each.value for each in dead) == used.quantize(Decimal("0.0001"), ROUND_FLOOR)
        there = life if started >= 0 else min(life, -started)
        assert not dead or len(world.api.accepted) == there * (there + 1) // 2, "given up while a window was left"
