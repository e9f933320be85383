"""The proxy before a store counts what passes, lets each request wait by itself, and ends with its context."""

import time
from collections.abc import Iterator

import pytest
import urllib3

from emulator.bench.delaying_store import DelayingStore, delaying
from emulator.bench.raw_http import exchanged, request_bytes
from emulator.bench.timing import BenchError
from emulator.wire.api_answers import Dropped
from emulator.wire.server import running
from shared.http import HttpRequest, HttpResponse


def put(body: bytes, operation: str = "PutItem") -> HttpRequest:
    return HttpRequest("POST", "/", (), {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}, body)


@pytest.fixture(scope="module")
def proxy() -> Iterator[DelayingStore]:
    """Before a server that answers with what it was sent."""
    with running(lambda request: HttpResponse(200, {}, request.body)) as url, delaying(url) as proxy:
        yield proxy


def test_answers_pass_as_they_are_and_requests_are_counted_by_operation(proxy: DelayingStore) -> None:
    large = b"x" * 1_000_000
    sent = [request_bytes(request, proxy.url) for request in (put(b"1"), put(b""), put(large, "Query"))]

    answers = exchanged(proxy.url, sent, 1)

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"1"), (200, b""), (200, large)]
    assert proxy.counted() == {"PutItem": 2, "Query": 1}
    assert proxy.counted() == {}


def test_each_request_waits(proxy: DelayingStore) -> None:
    sent = [request_bytes(put(b""), proxy.url)] * 3

    proxy.delay(50)
    slow = [answer.seconds for answer in exchanged(proxy.url, sent, 1)]
    proxy.delay(0)
    quick = exchanged(proxy.url, sent, 1)

    assert min(slow) >= 0.05
    assert min(answer.seconds for answer in quick) < 0.05


def test_requests_do_not_wait_for_each_other(proxy: DelayingStore) -> None:
    proxy.delay(500)
    started = time.perf_counter()
    answers = exchanged(proxy.url, [request_bytes(put(b""), proxy.url)] * 20, 20)
    took = time.perf_counter() - started
    proxy.delay(0)

    assert [answer.status for answer in answers] == [200] * 20
    assert 0.5 <= took < 5  # one after the other: 10 s


def test_it_ends_with_its_context() -> None:
    with running(lambda request: HttpResponse(200, {}, b"")) as url, delaying(url) as proxy:
        proxy.counted()

    with pytest.raises(urllib3.exceptions.HTTPError):
        proxy.counted()


def test_a_connection_that_the_store_breaks_is_broken_for_the_client_too() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise Dropped

    with running(broken) as url, delaying(url) as proxy, pytest.raises(BenchError):
        exchanged(proxy.url, [request_bytes(put(b""), proxy.url)], 1)
