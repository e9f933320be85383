"""Used nonces: the transport may send a call twice, but a nonce never stands for two different calls.

A nonce has an item of its own where a call is told from others by nothing else. A purchase leaves it in the order's
claim, a freeze in the instance: that is where every copy of a function looks when these bytes come again. That another
call has it too is then known by the process which answered both.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Lock

from shared.call import Call, Nonce
from shared.clock import Clock, epoch_ms
from shared.errors import AuthenticationError, Unavailable
from shared.store.table import WHOLE, Exists, Item, Stale, Table

REMEMBERED = timedelta(minutes=5)
"""Longer than a signature can be valid (60 s to either side of now)."""
MOST_HERE = 10_000
"""How many nonces a process remembers of its own."""


class Nonces:
    """Memory of nonces, shared by all copies of a function (production interfaces, section 4.4)."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._here = _Seen()

    def note(self, call: Call) -> None:
        """Use up the nonce of a call that leaves it in the item it is about. No store access.

        :raises AuthenticationError: this process knows the nonce from another call.
        """
        if call.nonce:
            self._here.note(call.nonce, self._clock.now())

    def spend(self, call: Call) -> bool:
        """Use up the call's nonce.

        :returns: ``True`` the first time; ``False`` when these very bytes came before (a transport retry or a replay:
            it may be answered, but must change nothing that has moved on since). V1 has no nonce: always ``True``.
        :raises AuthenticationError: the nonce was used for something else.
        """
        return call.nonce is None or self._spent(call.nonce)[1] is None

    @contextmanager
    def once(self, call: Call) -> Iterator[int | None]:
        """Use up the call's nonce for what is done inside; given back if that fails, so that the very same call may be
        sent again and is done then.

        Yields ``None`` the first time, afterwards when that was (UTC epoch milliseconds): it may have died halfway.

        :raises AuthenticationError: the nonce was used for something else.
        """
        item, since_ms = self._spent(call.nonce) if call.nonce else (None, None)
        try:
            yield since_ms
        except Exception:
            if item is not None:
                with suppress(Stale, Unavailable):
                    self._table.delete(item)
            raise

    def _spent(self, nonce: Nonce) -> tuple[Item | None, int | None]:
        """The new item; where the same call came before, no item, but when that was."""
        now = self._clock.now()
        self._here.note(nonce, now)
        item = {"pk": f"nonce#{nonce.value}", "sk": WHOLE, "digest": nonce.digest, "at_ms": epoch_ms(now)}
        try:
            return self._table.create(item | {"expires": int((now + REMEMBERED).timestamp())}), None
        except Exists as found:
            first = found.existing
        if first["digest"] != nonce.digest:
            raise AuthenticationError("nonce")
        # Earlier releases kept the expiry only.
        return None, first.get("at_ms", epoch_ms(datetime.fromtimestamp(first["expires"], UTC) - REMEMBERED))


class _Seen:
    """The nonces of this process, the oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[str, tuple[str, datetime]] = {}

    def note(self, nonce: Nonce, now: datetime) -> None:
        """Remember whose nonce it is.

        :raises AuthenticationError: another call's.
        """
        with self._lock:
            while self._calls and (len(self._calls) >= MOST_HERE or self._oldest() <= now - REMEMBERED):
                del self._calls[next(iter(self._calls))]
            if self._calls.setdefault(nonce.value, (nonce.digest, now))[0] != nonce.digest:
                raise AuthenticationError("nonce")

    def _oldest(self) -> datetime:
        return next(iter(self._calls.values()))[1]
