"""Connections are few, kept, and each process's own."""

import os
import time
from collections.abc import Generator, Iterator
from typing import Any

import psycopg
import pytest

from shared.app import bootstrap
from shared.config import of
from shared.errors import Unavailable
from shared.pipelines.preload import let_go
from shared.store.postgresql.connection import PatientConnection
from shared.store.postgresql.pool import Pool
from tests.shared.store.postgresql.conftest import Open
from tests.world import together

pytestmark = pytest.mark.engines

SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'koogallery'"
)


@pytest.fixture
def pool(url: str) -> Iterator[Pool]:
    made = Pool(lambda: url, most=3, wait_seconds=0.2)
    yield made
    made.close()


def test_a_connection_is_kept_for_the_next_use(pool: Pool) -> None:
    with pool.connection() as first:
        pass
    with pool.connection() as second, pool.connection() as third:
        assert second is first
        assert third is not first


def test_one_whose_use_failed_is_not(pool: Pool) -> None:
    with pytest.raises(psycopg.Error), pool.connection() as first:
        first.execute("SELECT wrong")
    assert first.closed
    with pool.connection() as second:
        assert second is not first


def test_no_more_than_so_many_are_open_and_whoever_waits_too_long_is_told(pool: Pool, sql: psycopg.Connection) -> None:
    with pool.connection(), pool.connection(), pool.connection():
        assert sql.execute(SESSIONS).fetchone() == (3,)
        with pytest.raises(Unavailable, match="in use"), pool.connection():
            pass
    with pool.connection():
        pass


def test_many_threads_share_a_few(opened: Open, url: str, sql: psycopg.Connection) -> None:
    table = opened(url, most=2, wait_seconds=20).table("instances")
    together(20, lambda index: table.create({"pk": str(index), "sk": "-"}))

    assert len(table.get_many([(str(index), "-") for index in range(20)])) == 20
    assert sql.execute(SESSIONS).fetchone() in ((1,), (2,))  # one, if the threads happened to come one by one


def test_one_that_the_server_ended_is_not_used_again(pool: Pool, sql: psycopg.Connection) -> None:
    with pool.connection() as first:
        pass
    sql.execute("SELECT pg_terminate_backend(%s)", (first.info.backend_pid,))
    while sql.execute(SESSIONS).fetchone() != (0,):
        time.sleep(0.01)
    with pool.connection() as second:
        assert second is not first
        assert second.execute("SELECT 1").fetchone() == (1,)


def test_one_that_was_kept_too_long_is_not_used_again(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    with pool.connection() as first:
        pass
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pool.connection() as second:
        assert second is not first


def test_a_fork_has_its_own(opened: Open, url: str) -> None:
    table = opened(url).table("instances")
    created = table.create({"pk": "a", "sk": "-"})
    for _ in range(2):
        child = os.fork()
        if not child:
            ended = 1
            try:
                ended = 0 if table.get("a") == created and table.create({"pk": str(os.getpid()), "sk": "-"}) else 2
            finally:
                os._exit(ended)
        assert os.waitpid(child, 0)[1] == 0
        assert table.get("a") == created
        assert table.get(str(child)) is not None


def test_nothing_is_connected_in_a_snapshot(url: str, sql: psycopg.Connection) -> None:
    bootstrap(of({"KOOGALLERY_STORE": url})).tables.table("instances").get("a")
    assert sql.execute(SESSIONS).fetchone() == (1,)
    let_go()
    while sql.execute(SESSIONS).fetchone() != (0,):
        time.sleep(0.01)


def test_a_server_that_says_nothing_is_not_waited_for(pool: Pool, sql: psycopg.Connection) -> None:
    """As one does whose machine is gone: here psycopg waits for something that nobody sends."""

    def silent() -> Generator[Any, Any, None]:
        while True:
            yield 1  # until there is something to read

    class Hasty(PatientConnection):
        patience = 0.3

    with Hasty.connect(pool._address()) as connection, pytest.raises(psycopg.OperationalError, match="in time"):
        connection.wait(silent())
    assert connection.closed
