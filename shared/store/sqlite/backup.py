"""A copy of the store while the server goes on, and the way back."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from shared.errors import ConfigurationError
from shared.store.sqlite.file import BUSY_SECONDS, keep_private


def backup(store: Path, file: Path) -> None:
    """Copy ``store`` as it is at one moment into ``file``, complete or not at all. Whoever writes meanwhile is not kept
    waiting.

    :raises ConfigurationError: there is no store, or the copy cannot be made or is not sound.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    _copy(store, unfinished)
    with closing(_opened(unfinished)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, also for whoever looks into it
    unfinished.replace(file)
    _settle(file.parent)


def restore(file: Path, store: Path) -> None:
    """Make ``store`` what it was when ``file`` was copied. A server may have it open: it sees the one or the other, but
    what it did since then is lost, so end it first.

    :raises ConfigurationError: there is no such copy, it is not sound, or the store cannot be written.
    """
    _copy(file, store)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise ConfigurationError(f"{source} is not there")
    try:
        keep_private(target)
        with closing(_opened(source)) as whence, closing(_opened(target)) as whither:
            _check(whence)
            whence.backup(whither)  # in one step, which is one moment; in several, each write would begin it anew
            _check(whither)
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(f"{source} cannot be copied to {target}: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check(connection: sqlite3.Connection) -> None:
    [(verdict,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise sqlite3.DatabaseError("it is damaged")


def _settle(folder: Path) -> None:
    """The new name is on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
