"""Connections that are kept for the next use: a bounded number for each process."""

import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from select import POLLIN, poll
from threading import BoundedSemaphore

from shared.errors import Unavailable
from shared.store.postgresql.connection import PatientConnection, connect

MOST = 10
WAIT_SECONDS = 3.0
"""How long a use waits until another one ends, when so many connections are in use."""
KEPT_SECONDS = 60.0


class Pool:
    """Connections to one database. Each is used by one thread at a time, and only by the process that made it: a fork
    finds none.

    :param address: asked for each new connection, as its password may have been rotated.
    """

    def __init__(self, address: Callable[[], str], most: int = MOST, wait_seconds: float = WAIT_SECONDS) -> None:
        self._address = address
        self._most, self._wait_seconds = most, wait_seconds
        # By process. A fork never looks at its parent's, nor drops them, which would end them for the parent.
        self._kept: dict[int, _Idle] = {}
        weakref.finalize(self, _close, self._kept)

    @contextmanager
    def connection(self) -> Iterator[PatientConnection]:
        """A connection that is sound as far as can be seen; closed if the block raises, else kept for the next.

        :raises Unavailable: too many are in use for too long.
        :raises ConfigurationError, psycopg.OperationalError: as :func:`connect`.
        """
        kept = self._kept.setdefault(os.getpid(), _Idle(self._most))
        if not kept.room.acquire(timeout=self._wait_seconds):
            raise Unavailable("all connections to the store are in use")
        try:
            connection = kept.take() or connect(self._address())
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            kept.give(connection)
        finally:
            kept.room.release()

    def close(self) -> None:
        """Close the idle connections of this process. The object stays usable."""
        _close(self._kept)


class _Idle:
    """The idle connections of a process, the latest first.

    They age by the wall clock: a platform may freeze the process, or start others from a snapshot of it.
    """

    def __init__(self, most: int) -> None:
        self.room = BoundedSemaphore(most)
        self.idle: list[tuple[PatientConnection, float]] = []

    def take(self) -> PatientConnection | None:
        while self.idle:
            try:
                connection, since = self.idle.pop()
            except IndexError:  # another thread was faster
                return None
            if 0 <= time.time() - since <= KEPT_SECONDS and not _has_something_to_say(connection):
                return connection
            connection.close()
        return None

    def give(self, connection: PatientConnection) -> None:
        self.idle.append((connection, time.time()))


def _has_something_to_say(connection: PatientConnection) -> bool:
    """Has the server sent anything to an idle connection? Then that it ends."""
    if connection.closed:
        return True
    watched = poll()
    watched.register(connection.fileno(), POLLIN)
    return bool(watched.poll(0))


def _close(kept: dict[int, _Idle]) -> None:
    here = kept.get(os.getpid())
    while here and here.idle:
        here.idle.pop()[0].close()
