"""PostgreSQL servers for tests, and databases in them."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import IO

import psycopg
import pytest

from emulator.platforms.postgresql import PASSWORD, PostgresServer, installed, postgresql

__all__ = ["PASSWORD", "PostgresServer", "database", "own_server", "shared_server"]


@contextmanager
def own_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server for tests that stop it."""
    _need_programs()
    with postgresql(durable=durable) as server:
        yield server


@contextmanager
def shared_server(meeting_place: Path) -> Iterator[PostgresServer]:
    """One server for all processes that come to ``meeting_place``: the first starts it, the last ends it."""
    _need_programs()
    with (
        (meeting_place / "postgresql.lock").open("w") as present,
        (meeting_place / "postgresql.busy").open("w") as busy,
    ):
        with _alone(busy):
            server = _found_or_made(meeting_place)
            flock(present, LOCK_SH)
        yield server
        with _alone(busy), suppress(BlockingIOError):
            flock(present, LOCK_EX | LOCK_NB)
            with suppress(OSError):
                server.stop()
            shutil.rmtree(server.folder.parent)
            (meeting_place / "postgresql.folder").unlink()


@contextmanager
def database(server: PostgresServer) -> Iterator[str]:
    """The URL of a new database, which is dropped in the end."""
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name}")
    yield server.url.removesuffix("postgres") + name
    with suppress(psycopg.OperationalError):
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _found_or_made(meeting_place: Path) -> PostgresServer:
    noted = meeting_place / "postgresql.folder"
    if noted.exists():
        server = PostgresServer(Path(noted.read_text()))
        server.port = int((server.folder / "port").read_text())
        return server
    folder = Path(tempfile.mkdtemp(prefix="koogallery-pg-"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "server")
    server.make()
    noted.write_text(str(server.folder))
    return server


@contextmanager
def _alone(file: IO[str]) -> Iterator[None]:
    flock(file, LOCK_EX)
    yield
    flock(file, LOCK_UN)


def _need_programs() -> None:
    if not installed():
        pytest.skip("PostgreSQL is not installed")
