"""When a timer is due, and who runs it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.server.schedule import GRACE, RELAY, TIMERS, Timer, Turns, timers
from shared.server.timekeeper import run_due
from shared.store.sqlite.table import SqliteTables
from tests.event_receiver import receiving, settings_of
from tests.fakes import FakeClock
from tests.world import World, together

SWEEP, UPLOAD = TIMERS
YEAR = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(*YEAR, timezones=st.just(UTC))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 20, 8, 31, tzinfo=UTC))


@pytest.fixture
def turns(tmp_path: Path, clock: FakeClock) -> Iterator[Turns]:
    tables = SqliteTables(str(tmp_path / "store.sqlite"), clock, synchronous="OFF")
    yield Turns(tables.table("agenda"), clock)
    tables.close()


@given(MOMENTS, st.sampled_from(TIMERS))
def test_due_is_the_latest_of_its_minutes(now: datetime, timer: Timer) -> None:
    due = timer.due(now)
    later = [due + timedelta(minutes=n) for n in range(1, 61)]

    assert due <= now
    assert (due.minute in timer.minutes, due.second, due.microsecond) == (True, 0, 0)
    assert next(each for each in later if each.minute in timer.minutes) > now


@pytest.mark.parametrize(
    ("now", "due"), [("08:01:59", "07:11"), ("08:02:00", "08:02"), ("08:10:59", "08:08"), ("08:59:59", "08:11")]
)
def test_usage_is_uploaded_before_the_marketplace_collects(now: str, due: str) -> None:
    assert UPLOAD.due(datetime.fromisoformat(f"2026-11-20T{now}+00:00")) == datetime.fromisoformat(
        f"2026-11-20T{due}:00+00:00"
    )


def test_one_of_many_gets_the_turn_and_no_second_one_for_the_same_moment(turns: Turns, clock: FakeClock) -> None:
    [turn] = [each for each in together(8, lambda _: turns.take(SWEEP)) if each]
    assert turn.moment == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    turns.done(turn)

    assert turns.take(SWEEP) is None
    clock.set(datetime(2026, 11, 20, 8, 35, tzinfo=UTC))
    assert len([each for each in together(8, lambda _: turns.take(SWEEP)) if each]) == 1


def test_the_turn_of_a_machine_that_died_goes_to_another_and_no_run_is_skipped(turns: Turns, clock: FakeClock) -> None:
    assert turns.take(UPLOAD)
    clock.advance(UPLOAD.seconds)
    assert turns.take(UPLOAD) is None, "it may still be at work"
    clock.advance(GRACE)
    turn = turns.take(UPLOAD)

    assert turn
    assert turn.moment == datetime(2026, 11, 20, 8, 11, tzinfo=UTC)


def test_who_was_taken_for_dead_does_not_end_the_turn_of_the_next(turns: Turns, clock: FakeClock) -> None:
    first = turns.take(SWEEP)
    clock.advance(SWEEP.seconds + GRACE.total_seconds())
    second = turns.take(SWEEP)
    assert first
    assert second
    turns.done(first)

    assert turns.take(SWEEP) is None, "the second is at work"
    turns.give_back(second)
    assert turns.take(SWEEP), "and nothing is done yet"


# --- runs -------------------------------------------------------------------------------------------------------------


def test_a_run_is_logged_with_its_counts_and_comes_once(world: World, log_lines) -> None:
    assert [run_due(world.app, timer, lambda: False) for timer in (*TIMERS, *TIMERS)] == [True, True, False, False]
    assert [line["interface"] for line in log_lines("run")] == ["sweep", "metering"]
    assert [line["interface"] for line in log_lines("timer")] == ["sweep", "metering"]


def test_events_have_a_timer_where_somebody_receives_them(world: World, tmp_path: Path) -> None:
    assert timers(world.app.settings) == TIMERS
    with receiving() as receiver:
        (tmp_path / "events").mkdir()
        told = World(tmp_path / "events", settings_of(receiver))
        assert timers(told.app.settings) == (*TIMERS, RELAY)
        told.buy()
        assert run_due(told.app, RELAY, lambda: False)
        assert receiver.told("business-1")[0] == "instance.created"
        assert not run_due(told.app, RELAY, lambda: False)
        told.clock.advance(60)
        assert run_due(told.app, RELAY, lambda: False)


def test_a_run_that_fails_is_told_and_the_next_moment_runs_again(world: World, log_lines) -> None:
    def broken(table: str, method: str) -> None:
        if method == "query":
            raise RuntimeError

    world.tables.before = broken
    assert run_due(world.app, SWEEP, lambda: False)
    assert not run_due(world.app, SWEEP, lambda: False)
    assert len(log_lines("a scheduled run failed")) == 1
    world.clock.advance(timedelta(minutes=5))
    assert run_due(world.app, SWEEP, lambda: False)


def test_a_run_that_the_end_cuts_short_is_for_the_next_process_at_once(world: World) -> None:
    assert run_due(world.app, SWEEP, lambda: True)
    assert run_due(world.app, SWEEP, lambda: False)
    assert not run_due(world.app, SWEEP, lambda: False)


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", range(40))
def test_wherever_a_process_dies_in_a_run_another_one_runs_it(world: World, at: int) -> None:
    left = iter(range(at, -1, -1))

    def dying(table: str, method: str) -> None:
        if next(left, None) == 0:
            raise Crash

    world.tables.after = dying
    try:
        run_due(world.app, SWEEP, lambda: False)
        ended = True
    except Crash:
        ended = False
    world.tables.after = lambda table, method: None
    world.clock.advance(SWEEP.seconds + GRACE.total_seconds())

    moment = SWEEP.due(world.clock.now())
    run_due(world.app, SWEEP, lambda: False)
    item = Turns(world.app.tables.table("agenda"), world.clock).read(SWEEP)
    assert item
    assert item["done_ms"] == int(moment.timestamp() * 1000)
    assert ended or at < world.tables.total
