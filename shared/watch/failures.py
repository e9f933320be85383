"""Notes of calls that were not answered with success, in the table ``agenda``. A good call costs nothing.

| what               | pk                 | sk                                            |
|--------------------|--------------------|-----------------------------------------------|
| a message failed   | ``failed#MONTH``   | activity, order, instance, wanted state, hour |
| a debug call failed| ``probes``         | day, activity                                 |
| a call was refused | ``refused``        | day, reason, process; it holds a count        |

A note is written over by the next one of its key, so however often something fails, there are few. Refused calls may be
anybody's: they are counted in memory and noted once a minute at most. What cannot be written is kept for the next time.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from typing import Any

from shared.clock import BEIJING, Clock, Deadline, epoch_ms, month_of
from shared.commands import Command, Freeze, Release, Unfreeze
from shared.errors import AuthenticationError, InvalidParameter, KooGalleryError, ResultCode
from shared.provisioning import State
from shared.store.keys import joined
from shared.store.table import Item, Table
from shared.timeouts import within
from shared.watch.retries import day_of

SECONDS = 0.3
"""How much later an answer may be because of its note."""
MOST = 500
"""Notes that wait in memory."""
PAUSE = 60.0
"""Seconds between two notes of refused calls, and before the first."""
KEPT = timedelta(days=100)
PROBES, REFUSED = "probes", "refused"
IDS = ("order_id", "instance_id")
UNREADABLE = "unreadable"
"""Why a call is refused that has no signature to look at, being too large or in no form."""
GOES_ON = ("newInstance", "queryInstance")
"""Version 2 asks again and again while a creation goes on (sections 3.1 and 3.2): that is no failure."""
WANTED: Mapping[type, State] = {Freeze: State.FROZEN, Unfreeze: State.ACTIVE, Release: State.RELEASED}


class Failures:
    """The notes of this process. ``table`` is asked for when there is something to write: it may not be to be had."""

    def __init__(self, table: Callable[[], Table], clock: Clock) -> None:
        self._table, self._clock = table, clock
        self._lock = Lock()
        self._waiting: dict[tuple[str, str], Item] = {}
        self._refused: Counter[tuple[str, str]] = Counter()
        self._changed: set[tuple[str, str]] = set()
        self._process = uuid.uuid4().hex[:8]
        self._noted = clock.monotonic()

    def note(
        self, activity: str, command: Command | None, facts: Mapping[str, Any], code: str, error: BaseException | None
    ) -> None:
        """Note a call that was answered with another ``code`` than success.

        :param command: what it asked for, ``None`` if that could not be read.
        :param facts: what may be logged of it, as far as it is known: who sent it is proved if there is a ``version``.
        """
        if isinstance(error, AuthenticationError):
            self.refused(error.reason)
        elif isinstance(error, InvalidParameter) and "version" not in facts:
            self.refused(UNREADABLE)
        elif not (activity in GOES_ON and code == ResultCode.IN_PROCESS and facts.get("version") == "v2"):
            self._keep(self._place(activity, command, facts) | {"result": code, "reason": _why(error)})
            self.write()

    def refused(self, reason: str) -> None:
        """Count a call that did not prove who sent it."""
        with self._lock:
            if not self._refused:
                self._noted = self._clock.monotonic()
            which = day_of(self._clock.now()), reason
            self._refused[which] += 1
            self._changed.add(which)
        if self._clock.monotonic() - self._noted >= PAUSE:
            self.write()

    def _place(self, activity: str, command: Command | None, facts: Mapping[str, Any]) -> Item:
        now = self._clock.now()
        if facts.get("test"):
            return {"pk": PROBES, "sk": joined(day_of(now), activity)}
        wanted = WANTED.get(type(command))
        what = (activity, *(facts.get(name, "") for name in IDS), wanted.value if wanted else "")
        return {"pk": failed_in(month_of(now)), "sk": joined(*what, f"{now.astimezone(BEIJING):%Y-%m-%dT%H}")}

    def write(self) -> None:
        """Write what waits, if the store takes it at once; else it goes on waiting."""
        self._count()
        if self._waiting:
            try:
                within(Deadline(self._clock, SECONDS), self._write)
            except Exception:  # noqa: BLE001 - the answer is made, and nothing may keep it back
                return

    def _write(self) -> None:
        with self._lock:
            items = dict(self._waiting)
        with suppress(ValueError):  # no engine can store an id like that
            self._table().put_many(items.values())
        with self._lock:
            written = [key for key, item in items.items() if self._waiting.get(key) is item]
            for key in written:
                del self._waiting[key]

    def _count(self) -> None:
        """Keep the counts that have changed since they were kept last."""
        with self._lock:
            if not self._changed or self._clock.monotonic() - self._noted < PAUSE:
                return
            self._noted = self._clock.monotonic()
            counted = {which: self._refused[which] for which in self._changed}
        for (day, reason), count in counted.items():
            item = {"pk": REFUSED, "sk": joined(day, reason, self._process), "count": count}
            kept = self._keep(item)
            with self._lock:
                if kept and self._refused[day, reason] == count:
                    self._changed.discard((day, reason))

    def _keep(self, item: Item) -> bool:
        """Let ``item`` wait to be written, if not too many do."""
        now = self._clock.now()
        item |= {"at_ms": epoch_ms(now), "expires": int((now + KEPT).timestamp())}
        with self._lock:
            if len(self._waiting) >= MOST:
                return False
            self._waiting[item["pk"], item["sk"]] = item
            return True


def failed_in(month: str) -> str:
    """The partition of what failed in a month."""
    return joined("failed", month)


def _why(error: BaseException | None) -> str:
    """What may be kept of an error: of foreign ones the kind only, since their text may quote data."""
    return str(error) if isinstance(error, KooGalleryError) else type(error).__name__ if error else ""
