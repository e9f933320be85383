"""Stand-ins for what the bundle reaches outside itself."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.clock import Deadline
from shared.store.table import WHOLE, Item, Outcome, Page, Table, Tables, Write


class FakeClock:
    """Time that passes only when told to; ``sleep`` passes it. Thread-safe."""

    def __init__(self, now: datetime = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, by: float | timedelta) -> None:
        """Let time pass: seconds, or a ``timedelta``."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        with self._lock:
            self._now += step
            self._monotonic += step.total_seconds()

    def set(self, now: datetime) -> None:
        """Put the clock to ``now``. Monotonic time goes on with it, but never back."""
        with self._lock:
            self._monotonic += max(0.0, (now - self._now).total_seconds())
            self._now = now


Hook = Callable[[str, str], None]


def _nothing(table: str, method: str) -> None:
    """The hook that does not interfere."""


NOTED = ("agenda", "put_many")
"""The call of a note that a failed call leaves."""


class CountingTables:
    """Passes every call on and counts it in ``calls[table, method]``.

    ``before`` and ``after`` are called with (table, method) around each call, whether it returns or raises; what they
    raise (say, a ``BaseException`` that stands for a crash) goes to the caller. ``apart``: what stands beside an item
    is written by a call of its own before, as where a service has no transactions. All may be changed at any time.
    """

    def __init__(self, inner: Tables, before: Hook = _nothing, after: Hook = _nothing) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self.before = before
        self.after = after
        self.apart = False
        self.calls: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """How many calls there were, of any kind."""
        return self.calls.total()

    @property
    def remote(self) -> bool:
        return self._inner.remote

    def reset(self) -> None:
        """Count from zero again."""
        with self._lock:
            self.calls.clear()

    def table(self, name: str) -> "CountingTable":
        return CountingTable(name, self._inner.table(name), self)

    def remove_expired(self, most: int) -> int:
        with self.counted("*", "remove_expired"):
            return self._inner.remove_expired(most)

    def compact(self) -> bool:
        with self.counted("*", "compact"):
            return self._inner.compact()

    @contextmanager
    def counted(self, table: str, method: str) -> Iterator[None]:
        """Around one call."""
        with self._lock:
            self.calls[table, method] += 1
        self.before(table, method)
        try:
            yield
        finally:
            self.after(table, method)


class CountingTable:
    """One table of :class:`CountingTables`."""

    def __init__(self, name: str, inner: Table, owner: CountingTables) -> None:
        self._name = name
        self._inner = inner
        self._owner = owner

    def get(self, pk: str, sk: str = WHOLE) -> Item | None:
        with self._owner.counted(self._name, "get"):
            return self._inner.get(pk, sk)

    def get_many(self, keys: Iterable[tuple[str, str]]) -> list[Item]:
        """Of no keys nothing is asked, nor counted."""
        wanted = list(keys)
        if not wanted:
            return []
        with self._owner.counted(self._name, "get_many"):
            return self._inner.get_many(wanted)

    def create(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        together = self._beside(beside)
        with self._owner.counted(self._name, "create"):
            return self._inner.create(item, together)

    def replace(self, item: Item, beside: Sequence[Item] = ()) -> Item:
        together = self._beside(beside)
        with self._owner.counted(self._name, "replace"):
            return self._inner.replace(item, together)

    def _beside(self, beside: Sequence[Item]) -> Sequence[Item]:
        """What is left to be written together with an item."""
        if not self._owner.apart:
            return beside
        self.put_many(beside)
        return ()

    def delete(self, item: Item) -> None:
        with self._owner.counted(self._name, "delete"):
            self._inner.delete(item)

    def query(
        self,
        pk: str,
        *,
        first: str = "",
        last: str = "\U0010ffff",
        limit: int = 100,
        after: str | None = None,
        reverse: bool = False,
    ) -> Page:
        with self._owner.counted(self._name, "query"):
            return self._inner.query(pk, first=first, last=last, limit=limit, after=after, reverse=reverse)

    def scan(self, *, limit: int = 100, after: str | None = None) -> Page:
        with self._owner.counted(self._name, "scan"):
            return self._inner.scan(limit=limit, after=after)

    def query_many(self, pks: Sequence[str], *, limit: int = 100) -> list[Page]:
        """Counted as so many queries."""
        return [self.query(pk, limit=limit) for pk in pks]

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        """Counted as so many writes, with a chance to interfere between any two."""
        outcomes = []
        for write in writes:
            together = self._beside(write.beside)
            with self._owner.counted(self._name, write.kind):
                outcomes += self._inner.write_many([replace(write, beside=together)], deadline)
        return outcomes

    def put_many(self, items: Iterable[Item]) -> None:
        new = list(items)
        if new:
            with self._owner.counted(self._name, "put_many"):
                self._inner.put_many(new)

    def delete_many(self, keys: Iterable[tuple[str, str]]) -> None:
        unwanted = list(keys)
        if unwanted:
            with self._owner.counted(self._name, "delete_many"):
                self._inner.delete_many(unwanted)
