"""A database for each test, and what stands between it and a table."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import psycopg
import pytest

from shared.clock import Clock, SystemClock
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.tables import PostgresTables
from tests.postgresql import PostgresServer, database

PREFIX = "koogallery-"
Open: TypeAlias = Callable[..., PostgresTables]


@pytest.fixture
def url(postgresql_server: PostgresServer) -> Iterator[str]:
    """An empty database."""
    with database(postgresql_server) as made:
        yield made


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens the store at a URL, as a process of its own would."""
    pools: list[Pool] = []

    def open_store(url: str, clock: Clock | None = None, **limits: float) -> PostgresTables:
        pools.append(Pool(lambda: url, **limits))  # type: ignore[arg-type]
        return PostgresTables(PREFIX, clock or SystemClock(), pools[-1])

    yield open_store
    for pool in pools:
        pool.close()


@pytest.fixture
def tables(opened: Open, url: str) -> PostgresTables:
    return opened(url)


@pytest.fixture
def sql(url: str) -> Iterator[psycopg.Connection]:
    """A connection of somebody else to the same database, each statement for itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
