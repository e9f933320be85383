"""Tasks: in order, once, over restarts, and in spite of those that fail."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from emulator.marketplace.storage.agenda import AGAIN, MarketAgenda
from emulator.marketplace.storage.database import Database
from tests.emulator.marketplace.seller import DAY, HOUR, START
from tests.emulator.marketplace.still_clock import StillClock


class AgendaWorld:
    """An agenda whose tasks called ``note`` are written down with their time."""

    def __init__(self, path: Path) -> None:
        self.clock = StillClock(START)
        self.database = Database(path)
        self.agenda = MarketAgenda(self.database, self.clock)
        self.noted: list[tuple[str, datetime]] = []
        self.agenda.handle("note", lambda subject: self.noted.append((subject, self.clock.now())))

    def subjects(self) -> list[str]:
        return [subject for subject, _ in self.noted]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AgendaWorld]:
    made = AgendaWorld(tmp_path / "book.sqlite")
    yield made
    made.database.close()


def test_tasks_are_done_in_their_order_at_their_time(world: AgendaWorld) -> None:
    for subject, hours in (("c", 3), ("a", 1), ("b", 2), ("b2", 2)):
        world.agenda.put("note", subject, START + hours * HOUR)
    stops: list[datetime] = []
    world.agenda.advance_to(START + 2.5 * HOUR, stops.append)
    assert world.noted == [("a", START + HOUR), ("b", START + 2 * HOUR), ("b2", START + 2 * HOUR)]
    assert stops == [START + HOUR, START + 2 * HOUR]
    assert world.clock.now() == START + 2.5 * HOUR
    assert [(task.subject, task.at) for task in world.agenda.ahead()] == [("c", START + 3 * HOUR)]


def test_a_task_is_moved_and_dropped(world: AgendaWorld) -> None:
    world.agenda.put("note", "a", START + HOUR)
    world.agenda.put("note", "a", START + DAY)
    world.agenda.put("note", "b", START + HOUR)
    world.agenda.drop("note", "b")
    assert world.agenda.due_at("note", "a") == START + DAY
    assert world.agenda.due_at("note", "b") is None
    world.agenda.advance_to(START + 2 * DAY)
    assert world.noted == [("a", START + DAY)]


def test_a_task_that_puts_itself_again_to_the_same_moment_stays(world: AgendaWorld) -> None:
    times = []

    def again(subject: str) -> None:
        times.append(world.clock.now())
        if len(times) < 3:
            world.agenda.put("again", subject, world.clock.now())

    world.agenda.handle("again", again)
    world.agenda.put("again", "a", START)
    assert world.agenda.run_due() == 3
    assert times == [START] * 3
    assert world.agenda.ahead() == []


def test_a_task_that_fails_is_done_later_and_holds_up_no_other(world: AgendaWorld) -> None:
    failures = [OSError("once"), OSError("twice")]

    def fails(_subject: str) -> None:
        if failures:
            raise failures.pop(0)

    world.agenda.handle("fails", fails)
    world.agenda.put("fails", "a", START)
    world.agenda.put("note", "b", START)
    with pytest.raises(OSError, match="once"):
        world.agenda.run_due()
    assert world.agenda.due_at("fails", "a") == START + AGAIN
    world.agenda.run_due()
    assert world.subjects() == ["b"]
    with pytest.raises(OSError, match="twice"):
        world.agenda.advance_to(START + HOUR)
    world.agenda.advance_to(START + HOUR)
    assert world.agenda.ahead() == []


def test_a_task_stays_until_its_handler_has_returned(world: AgendaWorld, tmp_path: Path) -> None:
    """Whoever opens the file after the process died in the middle does it again."""
    seen: list[str] = []

    def middle(_subject: str) -> None:
        database = Database(tmp_path / "book.sqlite")
        again = MarketAgenda(database, world.clock)
        again.handle("middle", seen.append)
        again.run_due()
        database.close()

    world.agenda.handle("middle", middle)
    world.agenda.put("middle", "a", START)
    world.agenda.run_due()
    assert seen == ["a"]


def test_tasks_are_done_side_by_side(world: AgendaWorld) -> None:
    """Each waits for the others: alone none would end."""
    barrier = Barrier(4, timeout=20)

    def meet(_subject: str) -> None:
        barrier.wait()

    world.agenda.handle("meet", meet)
    for number in range(8):
        world.agenda.put("meet", str(number), START)
    with ThreadPoolExecutor(4) as executor:
        assert world.agenda.run_due(executor) == 8
    assert world.agenda.ahead() == []


def test_side_by_side_too_one_failure_holds_up_no_other(world: AgendaWorld) -> None:
    def fails(_subject: str) -> None:
        raise OSError("no")

    world.agenda.handle("fails", fails)
    world.agenda.put("fails", "a", START)
    for number in range(100):
        world.agenda.put("note", str(number), START)
    with ThreadPoolExecutor(4) as executor:
        with pytest.raises(OSError, match="no"):
            world.agenda.run_due(executor)
        world.agenda.run_due(executor)
    assert sorted(world.subjects(), key=int) == [str(number) for number in range(100)]


def test_what_becomes_due_by_a_task_is_done_at_once(world: AgendaWorld) -> None:
    world.agenda.handle("begin", lambda subject: world.agenda.put("note", subject, START))
    world.agenda.put("begin", "a", START)
    assert world.agenda.run_due() == 2
    assert world.subjects() == ["a"]


def test_the_clock_is_never_put_back(world: AgendaWorld) -> None:
    world.agenda.put("note", "late", START - DAY)
    world.agenda.advance_to(START - HOUR)
    assert world.noted == [("late", START)]
    assert world.clock.now() == START


def test_a_year_has_as_many_stops_as_tasks(world: AgendaWorld) -> None:
    def daily(_subject: str) -> None:
        world.agenda.put("daily", "", world.clock.now() + timedelta(hours=12))

    world.agenda.handle("daily", daily)
    world.agenda.put("daily", "", START + HOUR)
    stops: list[datetime] = []
    world.agenda.advance_to(START + 365 * DAY, stops.append)
    assert len(stops) == 730
