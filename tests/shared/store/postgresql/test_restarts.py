"""What breaks on the way to PostgreSQL, and on its side: nothing is lost, nothing is done twice, doubt is told."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
import pytest

from shared.errors import Unavailable
from shared.store.postgresql.database import Doubtful
from shared.store.postgresql.tables import PostgresTables
from shared.store.table import Exists, Item, Stale, Table, Write
from tests.fakes import FakeClock
from tests.postgresql import PostgresServer, database, own_server
from tests.shared.store.child import start
from tests.shared.store.postgresql.conftest import Open

pytestmark = pytest.mark.engines


class LossyLine:
    """Hands every byte on between client and server, but loses the answers to the next ``losing`` questions, for which
    it hangs up once the server has answered. ``meanwhile`` is called then.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.losing = self.lost = 0
        self.meanwhile: Callable[[], object] = lambda: None
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._hand_on, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _hand_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(1 << 16):
                server.sendall(said)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError), client, server:
            while said := server.recv(1 << 16):
                if self.losing:
                    self.losing -= 1
                    self.lost += 1
                    self.meanwhile()
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(said)


@pytest.fixture
def line(url: str) -> Iterator[LossyLine]:
    made = LossyLine(urlsplit(url).port or 0)
    yield made
    made.close()


@pytest.fixture
def table(opened: Open, url: str, line: LossyLine) -> Table:
    """On a line that may lose answers; its connection is there already."""
    through = url.replace(f":{urlsplit(url).port}/", f":{line.port}/") + "?sslmode=disable"
    table = opened(through, FakeClock()).table("instances")
    table.get("a")
    return table


@pytest.fixture
def elsewhere(tables: PostgresTables) -> Table:
    """The same, for somebody else."""
    return tables.table("instances")


def test_writes_know_their_own(table: Table, line: LossyLine) -> None:
    line.losing = 1
    created = table.create({"pk": "a", "sk": "-"})
    line.losing = 1
    replaced = table.replace({**created, "a": 1})
    line.losing = 1
    outcomes = table.write_many([Write("create", {"pk": "b", "sk": "-"}), Write("replace", {**replaced, "a": 2})])

    assert line.lost == 3
    assert outcomes == [{"pk": "b", "sk": "-", "version": 1}, {"pk": "a", "sk": "-", "a": 2, "version": 3}]
    assert table.get("a") == outcomes[1]


def test_reads_and_batches_are_asked_again(table: Table, line: LossyLine) -> None:
    line.losing = 1
    table.put_many([{"pk": "a", "sk": "-"}])
    line.losing = 1
    assert table.get("a") is not None
    line.losing = 1
    table.delete_many([("a", "-")])

    assert line.lost == 3
    assert table.get("a") is None


def test_a_deletion_is_in_doubt(table: Table, line: LossyLine) -> None:
    created = table.create({"pk": "a", "sk": "-"})
    line.losing = 1
    with pytest.raises(Doubtful):
        table.delete(created)

    assert table.get("a") is None


def test_a_write_is_in_doubt_if_somebody_may_have_written_over_it(
    table: Table, line: LossyLine, elsewhere: Table
) -> None:
    created = table.create({"pk": "a", "sk": "-"})

    def overwrite() -> None:
        item = elsewhere.get("a")
        assert item is not None
        elsewhere.replace(item)

    line.meanwhile, line.losing = overwrite, 1
    with pytest.raises(Doubtful):
        table.replace({**created, "a": 1})


def test_a_write_that_met_another_version_is_stale_even_if_its_answer_was_lost(
    table: Table, line: LossyLine, elsewhere: Table
) -> None:
    created = table.create({"pk": "a", "sk": "-"})
    elsewhere.replace(created)
    line.losing = 1
    with pytest.raises(Stale):
        table.replace({**created, "a": 1})
    line.losing = 1
    with pytest.raises(Exists):
        table.create({"pk": "a", "sk": "-"})
    assert line.lost == 2


def test_what_is_never_answered_is_in_doubt_each_for_itself(table: Table, line: LossyLine) -> None:
    line.losing = 100
    outcomes = table.write_many([Write("create", {"pk": pk, "sk": "-"}) for pk in "ab"])

    assert [type(outcome) for outcome in outcomes] == [Doubtful, Doubtful]


def test_a_backend_that_is_terminated_in_the_middle_of_a_statement(
    tables: PostgresTables, sql: psycopg.Connection
) -> None:
    table = tables.table("instances")
    created = table.create({"pk": "a", "sk": "-"})
    replaced: list[Item] = []
    with sql.transaction():
        sql.execute('SELECT * FROM "koogallery-instances" FOR UPDATE')
        writer = threading.Thread(target=lambda: replaced.append(table.replace({**created, "a": 1})))
        writer.start()
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while (found := sql.execute(waiting).fetchone()) is None:
            time.sleep(0.01)
        sql.execute("SELECT pg_terminate_backend(%s)", found)
    writer.join()

    assert replaced == [{**created, "a": 1, "version": 2}]
    assert table.get("a") == replaced[0]


def append(table: Table, token: str) -> None:
    """Add a token to the list that all share, until it is there."""
    while True:
        try:
            item = table.get("list") or table.create({"pk": "list", "sk": "-", "tokens": []})
            if token in item["tokens"]:
                return
            table.replace({**item, "tokens": [*item["tokens"], token]})
        except (Exists, Stale):
            continue
        except Unavailable:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that a test may stop, and starts again."""
    with own_server(durable=True) as made:
        yield made


@pytest.fixture
def there(server: PostgresServer) -> Iterator[str]:
    """An empty database of it."""
    with database(server) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_a_server_that_is_restarted_among_writers_loses_nothing(
    opened: Open, server: PostgresServer, there: str, how: signal.Signals
) -> None:
    tables = opened(there)
    table = tables.table("instances")
    acknowledged: list[str] = []

    def write(index: int) -> None:
        for number in range(30):
            append(table, f"{index}-{number}")
            acknowledged.append(f"{index}-{number}")

    writers = [threading.Thread(target=write, args=(index,)) for index in range(3)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    server.stop(how)
    server.start()
    for writer in writers:
        writer.join(60)
    item = table.get("list")
    tables.close()

    assert item is not None
    assert sorted(item["tokens"]) == sorted(acknowledged)
    assert item["version"] == 91


@pytest.mark.slow
def test_a_clean_restart_is_not_noticed_by_who_comes_later(opened: Open, server: PostgresServer, there: str) -> None:
    table = opened(there, FakeClock()).table("instances")
    created = table.create({"pk": "a", "sk": "-"})
    server.stop(signal.SIGINT)
    server.start()

    table.delete(created)


@pytest.mark.slow
def test_what_a_killed_process_was_told_is_kept_by_a_server_that_crashes(
    opened: Open, server: PostgresServer, there: str
) -> None:
    assert start("crash", there).wait(30) == -signal.SIGKILL
    server.stop(signal.SIGQUIT)
    server.start()
    tables = opened(there)

    assert tables.table("instances").get("crash") == {"pk": "crash", "sk": "-", "kept": True, "version": 1}
    tables.close()
