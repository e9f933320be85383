"""Notes of calls that were not answered with success, in the table ``agenda``. A good call costs nothing.

| what               | pk                 | sk                                            |
|--------------------|--------------------|-----------------------------------------------|
| a message failed   | ``failed#MONTH``   | activity, order, instance, wanted state, hour |
| a debug call failed| ``probes``         | day, activity                                 |

A note is written over by the next one of its key, so however often something fails, there are few. What cannot be
written is kept for the next time. Refused calls are counted (:mod:`shared.watch.refusals`).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from shared.clock import BEIJING, Clock, Deadline, epoch_ms, month_of
from shared.commands import Command, Freeze, Release, Unfreeze
from shared.errors import AuthenticationError, InvalidParameter, KooGalleryError, ResultCode
from shared.provisioning import State
from shared.store.keys import joined
from shared.store.table import Item, Table
from shared.timeouts import within
from shared.watch.refusals import KEPT, Refusals
from shared.watch.retries import day_of

SECONDS = 0.3
"""How much later an answer may be because of its note."""
MOST = 500
"""Notes that wait in memory."""
PROBES = "probes"
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
        self._refusals = Refusals(clock)

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
        self._refusals.count(reason)
        if self._refusals.due:
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
        if self._waiting or self._refusals.due:
            try:
                within(Deadline(self._clock, SECONDS), self._write)
            except Exception:  # noqa: BLE001 - the answer is made, and nothing may keep it back
                return

    def _write(self) -> None:
        with self._lock:
            items = dict(self._waiting)
        if items:
            with suppress(ValueError):  # no engine can store an id like that
                self._table().put_many(items.values())
        with self._lock:
            written = [key for key, item in items.items() if self._waiting.get(key) is item]
            for key in written:
                del self._waiting[key]
        self._refusals.write(self._table())

    def _keep(self, item: Item) -> None:
        """Let ``item`` wait to be written, if not too many do."""
        now = self._clock.now()
        item |= {"at_ms": epoch_ms(now), "expires": int((now + KEPT).timestamp())}
        with self._lock:
            if len(self._waiting) < MOST:
                self._waiting[item["pk"], item["sk"]] = item


def failed_in(month: str) -> str:
    """The partition of what failed in a month."""
    return joined("failed", month)


def _why(error: BaseException | None) -> str:
    """What may be kept of an error: of foreign ones the kind only, since their text may quote data."""
    return str(error) if isinstance(error, KooGalleryError) else type(error).__name__ if error else ""
