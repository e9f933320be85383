"""A service that refuses, fails, loses answers, and damages them; and where its requests go."""

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from shared.aws.credentials import Credentials
from shared.aws.service import Api, Service, ServiceError
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.outbound import ConnectionLost, NotConnected, Reach
from shared.outbound.client import PooledClient
from tests.clients import HandlerClient
from tests.fakes import FakeClock
from tests.sockets import request_of, scripted

API = Api("store", "Store_1", "STORE", "1.0")
MINE = partial(Credentials, "AK", "SK", "token")
ENDPOINT = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


def says(status: int = 200, body: bytes = b"{}", **headers: str) -> HttpResponse:
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def error(code: str, status: int = 400, **members: Any) -> HttpResponse:
    return says(status, json.dumps({"__type": f"com.amazonaws.store#{code}", **members}).encode())


def cancelled(*codes: str) -> HttpResponse:
    """A transaction was, for a reason of each of its parts."""
    return error("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


class Answers:
    """A service that answers a call's copies one after the other; what is an exception happens on the way."""

    def __init__(self, *script: HttpResponse | Exception) -> None:
        self._script: Iterator[HttpResponse | Exception] = iter(script)
        self.client = HandlerClient(self._next)
        self.clock = FakeClock()
        self.service = Service(API, ENDPOINT, credentials=MINE, http=self.client, clock=self.clock)

    def _next(self, _: HttpRequest) -> HttpResponse:
        answer = next(self._script)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def refused(self) -> ServiceError:
        with pytest.raises(ServiceError) as refusal:
            self.service.call("Put", {"A": 1})
        return refusal.value

    @property
    def sent(self) -> int:
        return len(self.client.requests)


def test_what_is_sent_and_what_comes_back() -> None:
    world = Answers(says(body=b'{"Item":{"S":"x"}}'))

    assert world.service.call("Get", {"Key": "ä"}) == {"Item": {"S": "x"}}
    (request,) = world.client.requests
    assert (request.method, request.path, json.loads(request.body)) == ("POST", "/", {"Key": "ä"})
    assert request.headers["x-amz-target"] == "Store_1.Get"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert request.headers["x-amz-security-token"] == "token"
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AK/20261120/us-east-1/store/")
    assert world.client.reaches == [Reach.OWN_NETWORK]
    assert 0 < world.client.left[0] <= 2


def test_a_refusal_is_not_tried_again() -> None:
    refusal = Answers(error("ConditionalCheckFailedException", Item={"a": 1})).refused()

    assert (refusal.code, refusal.members["Item"], refusal.resent) == (
        "ConditionalCheckFailedException",
        {"a": 1},
        False,
    )


@pytest.mark.parametrize(
    "first",
    [
        ConnectionLost("lost"),
        Unavailable("late"),
        says(503),
        says(500, b"<html>"),
        says(body=b"<html>"),
        says(body=b"[]"),
    ],
)
def test_what_may_have_been_carried_out_is_tried_again_and_told(first: HttpResponse | Exception) -> None:
    world = Answers(first, error("Refused"))

    assert world.refused().resent
    assert world.client.repeatable == [True, False], "a kept connection is not trusted after that"
    assert len(world.clock.slept) == 1


@pytest.mark.parametrize(
    "first",
    [
        error("ProvisionedThroughputExceededException"),
        error("ThrottlingException"),
        error("RequestLimitExceeded"),
        error("TransactionConflictException"),
        cancelled("None", "TransactionConflict"),
        cancelled("ThrottlingError", "ProvisionedThroughputExceeded", "None"),
        says(429, b"{}"),
    ],
)
def test_what_was_throttled_was_not_carried_out(first: HttpResponse) -> None:
    world = Answers(first, error("Refused"))

    assert not world.refused().resent
    assert world.client.repeatable == [True, True]


@pytest.mark.parametrize("decisive", ["ConditionalCheckFailed", "ValidationError"])
def test_a_transaction_that_can_never_be_taken_is_not_sent_again(decisive: str) -> None:
    world = Answers(cancelled(decisive, "TransactionConflict", "None"))

    assert [each["Code"] for each in world.refused().reasons] == [decisive, "TransactionConflict", "None"]
    assert world.sent == 1


def test_a_doubtful_copy_stays_doubtful() -> None:
    world = Answers(ConnectionLost("lost"), error("ThrottlingException"), error("Refused"))

    assert world.refused().resent


def test_an_answer_after_a_lost_one_is_the_answer() -> None:
    world = Answers(ConnectionLost("lost"), says(body=b'{"a":1}'))

    assert world.service.call("Put", {}) == {"a": 1}


@pytest.mark.parametrize(
    ("answer", "kind"), [(ConnectionLost("lost"), Unavailable), (error("ThrottlingException"), ServiceError)]
)
def test_three_attempts_are_made_with_growing_pauses(answer: Any, kind: type[Exception]) -> None:
    world = Answers(*[answer] * 3)

    with pytest.raises(kind):
        world.service.call("Put", {})
    assert world.sent == 3
    first, second = world.clock.slept
    assert 0.05 <= first <= 0.1
    assert 0.25 <= second <= 0.5


def test_nothing_is_doubtful_if_nothing_was_sent() -> None:
    """The client asks for the headers when a copy is about to leave."""
    world = Answers(error("Refused"))
    sending = world.client.send
    attempts: list[int] = []

    def unreachable_once(*args: Any, **options: Any) -> HttpResponse:
        attempts.append(1)
        if len(attempts) == 1:
            raise NotConnected("no connection")
        return sending(*args, **options)

    world.client.send = unreachable_once  # type: ignore[method-assign]
    assert not world.refused().resent
    assert len(attempts) == 2


def test_a_damaged_answer_is_none() -> None:
    body = b'{"a":1}'
    right, wrong = str(zlib.crc32(body)), str(zlib.crc32(b"other"))
    world = Answers(says(body=body, x_amz_crc32=wrong), says(body=body, x_amz_crc32=right))

    assert world.service.call("Get", {}) == {"a": 1}
    assert world.sent == 2


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"__type":"Plain"}', "Plain"), (b'{"__type":"a.b#Named"}', "Named"), (b"{}", "HTTP 413")]
)
def test_the_code_of_a_refusal(body: bytes, code: str) -> None:
    assert Answers(says(413, body)).refused().code == code


@pytest.mark.parametrize(
    ("environment", "endpoint", "url"),
    [
        ({"AWS_REGION": "eu-west-1"}, None, "https://store.eu-west-1.amazonaws.com"),
        ({"AWS_DEFAULT_REGION": "cn-north-1"}, None, "https://store.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://10.0.0.1"}, None, "http://10.0.0.1"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_STORE": "http://b"}, None, "http://b"),
        ({"AWS_ENDPOINT_URL_STORE": "http://b"}, "https://set.example", "https://set.example"),
        (
            {"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE", "AWS_REGION": "r"},
            None,
            "https://store.r.amazonaws.com",
        ),
    ],
)
def test_where_it_is(
    environment: dict[str, str], endpoint: str | None, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Service(API, endpoint, credentials=MINE).url == url


def test_aws_itself_needs_a_region() -> None:
    with pytest.raises(ConfigurationError, match="set AWS_REGION"):
        Service(API, credentials=MINE)


# --- over real sockets ------------------------------------------------------------------------------------------------


def answering(seen: Callable[[], None] = lambda: None) -> Callable[[socket.socket], None]:
    """Answers one request after the other on a connection."""

    def talk(connection: socket.socket) -> None:
        while True:
            seen()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            request_of(connection)

    return talk


def test_connections_are_kept_between_calls_and_only_so_many() -> None:
    """As many threads as may ask at once, on one service: each answer is whole, and few connections are opened."""
    pool = PooledClient(kept=4)
    with scripted(answering()) as server:
        service = Service(API, f"http://127.0.0.1:{server.port}", credentials=MINE, http=pool)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda number: service.call("Get", {"n": number}), range(200)))
        assert answers == [{}] * 200
        assert 1 <= len(server.requests) <= 4, "first requests of connections"
        barrier = threading.Barrier(8)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: (barrier.wait(5), service.call("Get", {})), range(8)))
        assert len(pool._kept._waiting) <= 4


def test_what_is_lost_on_a_kept_connection_is_a_doubtful_copy() -> None:
    """The client sends it again by itself; the refusal of the second copy must say so."""
    refusal = b'{"__type":"Refused"}'
    turn = iter((1, 2))

    def talk(connection: socket.socket) -> None:
        if next(turn) == 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            request_of(connection)  # carried out, for all anybody knows; then the connection breaks
        else:
            connection.sendall(b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n" % len(refusal) + refusal)

    with scripted(talk) as server:
        service = Service(API, f"http://127.0.0.1:{server.port}", credentials=MINE, http=PooledClient())
        service.call("Put", {})
        with pytest.raises(ServiceError) as refused:
            service.call("Put", {})
    assert refused.value.resent
