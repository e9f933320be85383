"""Answers that really get lost: the client behind a proxy that carries a write out and then hangs up."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from shared.errors import Unavailable
from shared.store.dynamodb import DynamoTables
from shared.store.table import Table, Write
from tests.fakes import FakeClock
from tests.shared.store.conftest import CREDENTIALS, PREFIX, REGION

pytestmark = pytest.mark.engines


class LossyProxy(ThreadingHTTPServer):
    """Hands every call on, but loses the answers to the next ``losing`` writes."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.losing = 0
        self.lost = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def loses(self, operation: str) -> bool:
        """Is the answer to this operation to be lost?"""
        if not self.losing or not operation.endswith(("PutItem", "DeleteItem", "TransactWriteItems")):
            return False
        self.losing -= 1
        self.lost += 1
        return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LossyProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=10)
        upstream.request("POST", self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if self.server.loses(self.headers["X-Amz-Target"]):
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name in ("Content-Type", "x-amz-crc32", "x-amzn-RequestId"):
            if value := answer.headers.get(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture(params=["moto", "dynalite"])
def proxy(request: pytest.FixtureRequest) -> Iterator[LossyProxy]:
    """Before an engine that shows the item with a refusal, and one that does not."""
    with LossyProxy(request.getfixturevalue(request.param)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def table(proxy: LossyProxy) -> Table:
    return DynamoTables(PREFIX, FakeClock(), proxy.url, REGION, credentials=CREDENTIALS).table("instances")


def test_create_and_replace_know_their_own_writes(table: Table, proxy: LossyProxy, pk: str) -> None:
    proxy.losing = 1
    created = table.create({"pk": pk, "sk": "-"})
    proxy.losing = 1
    replaced = table.replace({**created, "a": 1})

    assert proxy.lost == 2
    assert replaced == {"pk": pk, "sk": "-", "a": 1, "version": 2}
    assert table.get(pk) == replaced


def test_with_something_beside_too(table: Table, proxy: LossyProxy, pk: str) -> None:
    """Twice over: what the service is, is learned from the first."""
    for number in range(2):
        proxy.losing = 1
        created = table.create({"pk": f"{pk}-{number}", "sk": "-"}, [{"pk": pk, "sk": f"create-{number}"}])
        proxy.losing = 1
        replaced = table.replace({**created, "a": 1}, [{"pk": pk, "sk": f"replace-{number}"}])
        assert table.get(f"{pk}-{number}") == replaced == {**created, "a": 1, "version": 2}

    assert proxy.lost == 4
    assert len(table.query(pk).items) == 4


@pytest.mark.parametrize("losing", [3, 4])
def test_the_first_transaction_may_lose_all_its_answers(table: Table, proxy: LossyProxy, pk: str, losing: int) -> None:
    proxy.losing = losing
    created = table.create({"pk": pk, "sk": "-"}, [{"pk": pk, "sk": "b"}])

    assert proxy.lost == losing
    assert table.get(pk) == created
    assert table.get(pk, "b") is not None


def test_many_writes_know_their_own(table: Table, proxy: LossyProxy, pk: str) -> None:
    there = [table.create({"pk": pk, "sk": f"there-{number}"}) for number in range(4)]
    proxy.losing = 3
    writes = [Write("create", {"pk": pk, "sk": f"new-{number}"}) for number in range(8)]
    outcomes = table.write_many([*writes, *(Write("replace", {**item, "a": 1}) for item in there)])

    assert proxy.lost == 3
    assert outcomes == [
        *({**each.item, "version": 1} for each in writes),
        *({**i, "a": 1, "version": 2} for i in there),
    ]


def test_delete_says_that_it_does_not_know(table: Table, proxy: LossyProxy, pk: str) -> None:
    created = table.create({"pk": pk, "sk": "-"})
    proxy.losing = 1

    with pytest.raises(Unavailable):
        table.delete(created)

    assert table.get(pk) is None


def test_a_write_whose_answers_are_all_lost_is_unavailable(table: Table, proxy: LossyProxy, pk: str) -> None:
    proxy.losing = 3

    with pytest.raises(Unavailable):
        table.create({"pk": pk, "sk": "-"})

    assert proxy.lost == 3
    assert table.get(pk) == {"pk": pk, "sk": "-", "version": 1}
