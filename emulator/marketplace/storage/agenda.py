"""Scheduled tasks of the marketplace; they run in order of time however far the clock is moved."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from datetime import datetime, timedelta
from typing import NamedTuple

from emulator.clock import MovableClock
from emulator.marketplace.storage.database import Database
from shared.clock import epoch_ms, moment_of

Handler = Callable[[str], None]
"""Does what is due; is given the subject."""

AGAIN = timedelta(minutes=1)
"""When a task is tried again whose handler raised."""

AT_ONCE = 64
"""How many tasks are begun side by side at most."""

_TABLES = """
CREATE TABLE IF NOT EXISTS task (
  name TEXT NOT NULL, subject TEXT NOT NULL, due INTEGER NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (name, subject)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS task_due ON task (due, number);
"""
_TASKS = "SELECT name, subject, due, number FROM task"
_IN_ORDER = "ORDER BY due, number LIMIT ?"


class Task(NamedTuple):
    """``due``: milliseconds since 1970, UTC. ``number`` is another each time the task is put."""

    name: str
    subject: str
    due: int
    number: int

    @property
    def at(self) -> datetime:
        return moment_of(self.due)


class MarketAgenda:
    """Tasks in ``database``, one per name and subject.

    A task is removed only after its handler has returned. If the process ends before that, the task runs again, and the
    seller is called twice, as the marketplace does.
    """

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self._database = database
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._running: set[tuple[str, str]] = set()
        with database.lock:
            database.connection.executescript(_TABLES)

    def handle(self, name: str, handler: Handler) -> None:
        """Let ``handler`` do the tasks called ``name``."""
        self._handlers[name] = handler

    def put(self, name: str, subject: str, due: datetime) -> None:
        """Let a task be due then; one that is there already is moved."""
        number = self._database.next_number("task")
        self._database.change("INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?)", name, subject, epoch_ms(due), number)

    def drop(self, name: str, subject: str) -> None:
        """Forget a task, if it is there."""
        self._database.change("DELETE FROM task WHERE name = ? AND subject = ?", name, subject)

    def due_at(self, name: str, subject: str = "") -> datetime | None:
        """When a task is due; ``None`` if it is not there."""
        found = self._database.rows("SELECT due FROM task WHERE name = ? AND subject = ?", name, subject)
        return moment_of(found[0][0]) if found else None

    def ahead(self, limit: int = 20) -> Sequence[Task]:
        return [Task(*row) for row in self._database.rows(f"{_TASKS} {_IN_ORDER}", limit)]

    def run_due(self, executor: Executor | None = None) -> int:
        """Do everything that is due by now, and what becomes due by that; how many tasks were done.

        :param executor: does what is due at the same time side by side.
        """
        done = 0
        while tasks := self._claimed(AT_ONCE if executor else 1):
            done += len(tasks)
            if executor is None:
                self._do(tasks[0])
            else:
                futures = [executor.submit(self._do, task) for task in tasks]
                wait(futures)
                for future in futures:
                    future.result()
        return done

    def advance_to(self, moment: datetime, told: Callable[[datetime], None] = lambda _now: None) -> None:
        """Let time pass until ``moment``: the clock stands at each task's time while it is done.

        :param told: hears the time at each stop.
        """
        self.run_due()
        while (following := self._following()) and following.at <= moment:
            self._clock.set(max(following.at, self._clock.now()))
            told(self._clock.now())
            self.run_due()
        if moment > self._clock.now():
            self._clock.set(moment)

    def _following(self) -> Task | None:
        with self._database.lock:
            return next(iter(self._free(f"{_TASKS} {_IN_ORDER}", len(self._running) + 1)), None)

    def _claimed(self, limit: int) -> list[Task]:
        now = epoch_ms(self._clock.now())
        with self._database.lock:
            tasks = self._free(f"{_TASKS} WHERE due <= ? {_IN_ORDER}", now, len(self._running) + limit)[:limit]
            self._running.update((task.name, task.subject) for task in tasks)
        return tasks

    def _free(self, statement: str, *values: int) -> list[Task]:
        tasks = (Task(*row) for row in self._database.rows(statement, *values))
        return [task for task in tasks if (task.name, task.subject) not in self._running]

    def _do(self, task: Task) -> None:
        try:
            self._handlers[task.name](task.subject)
        except BaseException:
            self.put(task.name, task.subject, self._clock.now() + AGAIN)
            raise
        else:
            self._done(task)
        finally:
            with self._database.lock:
                self._running.discard((task.name, task.subject))

    def _done(self, task: Task) -> None:
        """Forget a task, unless it was put again meanwhile, be it to the same moment."""
        ended = "DELETE FROM task WHERE name = ? AND subject = ? AND number = ?"
        self._database.change(ended, task.name, task.subject, task.number)
