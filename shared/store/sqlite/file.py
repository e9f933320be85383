"""A SQLite file and the connections to it."""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeAlias

from shared.errors import Unavailable

BUSY_SECONDS = 10.0
"""How long a write waits for those of this process, and then for another process to finish its own."""

LOG_PAGES = 4000
"""Pages of 4 KB in the log after which they are copied into the file, each once. A call of the usage intake writes a
thousand; readers look through 4,062 at once.
"""

CACHE_KIB = 8000
"""Of the file, in memory at most, for each connection that has come by so many pages. What a call of the usage intake
reads to see what is new is then there when it is written.
"""

Synchronous: TypeAlias = Literal["FULL", "NORMAL", "OFF"]


class SqliteFile:
    """Connections to one file, each used by one thread at a time and then kept for the next.

    A server that starts a thread for each call thus does not open a connection for each.
    """

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._path = path
        self._synchronous = synchronous
        self._idle: list[sqlite3.Connection] = []
        # Writers of this process take turns here: at SQLite's own lock each would sleep between looks at it, for up to
        # a tenth of a second, and newcomers would overtake it.
        self._turn = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection on which each statement stands for itself.

        :raises Unavailable: the file cannot be used, e.g. because the disk is full or another process holds it.
        """
        try:
            connection = self._idle.pop() if self._idle else self._open()
        except (sqlite3.Error, OSError) as error:
            raise Unavailable("the store cannot be opened") from error
        try:
            yield connection
        except BaseException as error:
            # Whatever it was doing is undone with it, and the next use begins with a sound one.
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise Unavailable("the store cannot be used") from error
            raise
        self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that no other writer gets into; undone if the block raises.

        :raises Unavailable: as for ``reading``.
        """
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise Unavailable("the store is busy")
        try:
            with self.reading() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        finally:
            self._turn.release()

    def compact(self) -> None:
        """Write the file anew, without what was removed, and empty the log beside it.

        :raises Unavailable: the file cannot be used, or somebody reads what it was.
        """
        with self.reading() as connection:
            connection.execute("VACUUM")
            [(busy, *_)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise Unavailable("somebody reads what the store was; once more")

    def close(self) -> None:
        """Close the idle connections. The object stays usable."""
        _close(self._idle)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_private(self._path)
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")  # counts for what follows too
            _use_wal(connection)
            connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection


def keep_private(path: Path) -> None:
    """Make the file for its owner alone, as SQLite then makes the ones beside it; what an earlier release left open to
    others is closed.

    :raises OSError: the file cannot be made.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for each in (path, *(Path(f"{path}{beside}") for beside in ("-wal", "-shm"))):
        with suppress(FileNotFoundError, PermissionError):
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


def _use_wal(connection: sqlite3.Connection) -> None:
    # When several open a new file at once, SQLite does not wait for the lock here as it does everywhere else.
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return
