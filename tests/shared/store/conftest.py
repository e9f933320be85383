"""Engines for the tests of the store, with tables made once; a test has a partition of its own."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from emulator.platforms.engines import free_port
from shared.clock import Clock
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.tables import PostgresTables
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Table, Tables
from tests import engines
from tests.fakes import FakeClock
from tests.postgresql import PostgresServer, database

PREFIX = "contract-"
SINGLE_TABLE = f"{PREFIX}everything"
SINGLE = "-single"
REGION = engines.ENVIRONMENT["AWS_DEFAULT_REGION"]
CREDENTIALS = (engines.ENVIRONMENT["AWS_ACCESS_KEY_ID"], engines.ENVIRONMENT["AWS_SECRET_ACCESS_KEY"])


class Make(Protocol):
    """Makes the ``Tables`` of an engine for a clock. With another prefix they are tables of their own, for a test that
    fills them or reads all of them.
    """

    def __call__(self, clock: Clock, prefix: str = PREFIX) -> Tables: ...


def _prepared(endpoint: str) -> str:
    for single in (None, SINGLE_TABLE):
        _make_tables(endpoint, PREFIX, single)
    return endpoint


def _make_tables(endpoint: str, prefix: str, single: str | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in engines.ENVIRONMENT.items():
            patch.setenv(name, value)
        ensure_tables(administration(endpoint), prefix, single)


@pytest.fixture(scope="session")
def moto(moto: str) -> str:
    return _prepared(moto)


@pytest.fixture(scope="session")
def ministack(ministack: str) -> str:
    return _prepared(ministack)


@pytest.fixture(scope="session")
def dynalite(dynalite: str) -> str:
    return _prepared(dynalite)


@pytest.fixture(scope="session")
def postgresql(postgresql_server: PostgresServer) -> Iterator[Pool]:
    with database(postgresql_server) as url:
        pool = Pool(lambda: url)
        yield pool
        pool.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "made"


SERVERS = ("postgresql", "moto", "ministack", "dynalite", "dynalite-single")
"""Behind ``-single`` all tables are in one."""
ENGINES = ["sqlite", *(pytest.param(name, marks=pytest.mark.engines) for name in SERVERS)]
WITHOUT_MOTO = [each for each in ENGINES if getattr(each, "values", None) != ("moto",)]
"""moto's threads lose each other's writes, and it is slow where there are many items."""
without_moto = pytest.mark.parametrize("make", WITHOUT_MOTO, indirect=True)


@pytest.fixture(scope="session", params=ENGINES)
def make(request: pytest.FixtureRequest) -> Make:
    """Makes the ``Tables`` of an engine for a clock."""
    engine, single, _ = request.param.partition(SINGLE)
    where = request.getfixturevalue(engine)

    def sqlite(clock: Clock, prefix: str = PREFIX) -> Tables:
        return SqliteTables(str(where / f"{prefix}store.sqlite"), clock)

    def postgresql(clock: Clock, prefix: str = PREFIX) -> Tables:
        return PostgresTables(prefix, clock, where)

    def dynamodb(clock: Clock, prefix: str = PREFIX) -> Tables:
        one = SINGLE_TABLE.replace(PREFIX, prefix) if single else None
        if prefix != PREFIX:
            _make_tables(where, prefix, one)
        return DynamoTables(prefix, clock, where, REGION, credentials=CREDENTIALS, single_table=one)

    return {"sqlite": sqlite, "postgresql": postgresql}.get(engine, dynamodb)


@pytest.fixture(params=["sqlite", "postgresql", "dynamodb"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Clock], Tables]:
    """Makes the ``Tables`` of an engine that nobody can reach."""
    port = free_port()
    made: dict[str, Callable[[Clock], Tables]] = {
        "sqlite": lambda clock: SqliteTables(str(tmp_path), clock),
        "postgresql": lambda clock: PostgresTables(PREFIX, clock, Pool(lambda: f"postgresql://127.0.0.1:{port}/none")),
        "dynamodb": lambda clock: DynamoTables(
            PREFIX, clock, f"http://127.0.0.1:{port}", REGION, credentials=CREDENTIALS
        ),
    }
    return made[request.param]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table(make: Make, clock: FakeClock) -> Table:
    return make(clock).table("instances")


@pytest.fixture
def pk() -> str:
    """A partition no other test uses."""
    return f"test#{uuid.uuid4().hex}"
