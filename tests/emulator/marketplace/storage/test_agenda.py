"""Tasks: in order, once, over restarts, and in spite of those that fail."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from emulator.clock import StillClock
from emulator.marketplace.storage.agenda import AGAIN, MarketAgenda
from emulator.marketplace.storage.database import Database
from tests.emulator.marketplace.seller import DAY, HOUR, START


class Desk:
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
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "book.sqlite")
    yield made
    made.database.close()


def test_tasks_are_done_in_their_order_at_their_time(desk: Desk) -> None:
    for subject, hours in (("c", 3), ("a", 1), ("b", 2), ("b2", 2)):
        desk.agenda.put("note", subject, START + hours * HOUR)
    stops: list[datetime] = []
    desk.agenda.advance_to(START + 2.5 * HOUR, stops.append)
    assert desk.noted == [("a", START + HOUR), ("b", START + 2 * HOUR), ("b2", START + 2 * HOUR)]
    assert stops == [START + HOUR, START + 2 * HOUR]
    assert desk.clock.now() == START + 2.5 * HOUR
    assert [(task.subject, task.at) for task in desk.agenda.ahead()] == [("c", START + 3 * HOUR)]


def test_a_task_is_moved_and_dropped(desk: Desk) -> None:
    desk.agenda.put("note", "a", START + HOUR)
    desk.agenda.put("note", "a", START + DAY)
    desk.agenda.put("note", "b", START + HOUR)
    desk.agenda.drop("note", "b")
    assert desk.agenda.due_at("note", "a") == START + DAY
    assert desk.agenda.due_at("note", "b") is None
    desk.agenda.advance_to(START + 2 * DAY)
    assert desk.noted == [("a", START + DAY)]


def test_a_task_that_puts_itself_again_to_the_same_moment_stays(desk: Desk) -> None:
    times = []

    def again(subject: str) -> None:
        times.append(desk.clock.now())
        if len(times) < 3:
            desk.agenda.put("again", subject, desk.clock.now())

    desk.agenda.handle("again", again)
    desk.agenda.put("again", "a", START)
    assert desk.agenda.run_due() == 3
    assert times == [START] * 3
    assert desk.agenda.ahead() == []


def test_a_task_that_fails_is_done_later_and_holds_up_no_other(desk: Desk) -> None:
    failures = [OSError("once"), OSError("twice")]

    def fails(_subject: str) -> None:
        if failures:
            raise failures.pop(0)

    desk.agenda.handle("fails", fails)
    desk.agenda.put("fails", "a", START)
    desk.agenda.put("note", "b", START)
    with pytest.raises(OSError, match="once"):
        desk.agenda.run_due()
    assert desk.agenda.due_at("fails", "a") == START + AGAIN
    desk.agenda.run_due()
    assert desk.subjects() == ["b"]
    with pytest.raises(OSError, match="twice"):
        desk.agenda.advance_to(START + HOUR)
    desk.agenda.advance_to(START + HOUR)
    assert desk.agenda.ahead() == []


def test_a_task_stays_until_its_handler_has_returned(desk: Desk, tmp_path: Path) -> None:
    """Whoever opens the file after the process died in the middle does it again."""
    seen: list[str] = []

    def middle(_subject: str) -> None:
        database = Database(tmp_path / "book.sqlite")
        again = MarketAgenda(database, desk.clock)
        again.handle("middle", seen.append)
        again.run_due()
        database.close()

    desk.agenda.handle("middle", middle)
    desk.agenda.put("middle", "a", START)
    desk.agenda.run_due()
    assert seen == ["a"]


def test_tasks_are_done_side_by_side(desk: Desk) -> None:
    """Each waits for the others: alone none would end."""
    barrier = Barrier(4, timeout=20)

    def meet(_subject: str) -> None:
        barrier.wait()

    desk.agenda.handle("meet", meet)
    for number in range(8):
        desk.agenda.put("meet", str(number), START)
    with ThreadPoolExecutor(4) as executor:
        assert desk.agenda.run_due(executor) == 8
    assert desk.agenda.ahead() == []


def test_side_by_side_too_one_failure_holds_up_no_other(desk: Desk) -> None:
    def fails(_subject: str) -> None:
        raise OSError("no")

    desk.agenda.handle("fails", fails)
    desk.agenda.put("fails", "a", START)
    for number in range(100):
        desk.agenda.put("note", str(number), START)
    with ThreadPoolExecutor(4) as executor:
        with pytest.raises(OSError, match="no"):
            desk.agenda.run_due(executor)
        desk.agenda.run_due(executor)
    assert sorted(desk.subjects(), key=int) == [str(number) for number in range(100)]


def test_what_becomes_due_by_a_task_is_done_at_once(desk: Desk) -> None:
    desk.agenda.handle("begin", lambda subject: desk.agenda.put("note", subject, START))
    desk.agenda.put("begin", "a", START)
    assert desk.agenda.run_due() == 2
    assert desk.subjects() == ["a"]


def test_the_clock_is_never_put_back(desk: Desk) -> None:
    desk.agenda.put("note", "late", START - DAY)
    desk.agenda.advance_to(START - HOUR)
    assert desk.noted == [("late", START)]
    assert desk.clock.now() == START


def test_a_year_has_as_many_stops_as_tasks(desk: Desk) -> None:
    def daily(_subject: str) -> None:
        desk.agenda.put("daily", "", desk.clock.now() + timedelta(hours=12))

    desk.agenda.handle("daily", daily)
    desk.agenda.put("daily", "", START + HOUR)
    stops: list[datetime] = []
    desk.agenda.advance_to(START + 365 * DAY, stops.append)
    assert len(stops) == 730
