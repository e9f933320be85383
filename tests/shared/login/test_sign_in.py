"""The sign-in client against every answer a server may give."""

import json
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from shared.clock import Deadline, SystemClock
from shared.directory import Application
from shared.errors import ConfigurationError, KooGalleryError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.login.refusals import LoginRefused, RefusalReason
from shared.login.sign_in import ClientRefused, GrantRefused, Person, SignIn
from shared.outbound import Reach
from shared.outbound.client import PooledClient
from tests.clients import UNREADABLE, HandlerClient
from tests.fakes import FakeClock
from tests.sockets import answer, scripted

DOMAIN = "https://acme.example.com"
APPLICATION = Application("instance-1", "tenant-1", "app-1", "client-1", "the secret & more")
GOOD = {
    "access_token": "access-1",
    "token_type": "Bearer",
    "expires_in": 7200,
    "scope": "get_user_info",
    "refresh_token": "refresh-1",
}
INFO = {"id": "20201029190841785-CB37-8BD36B", "userName": "zhang@acme", "tenant": "tenant-1", "role": "admin"}


def deadline() -> Deadline:
    return Deadline(FakeClock(), 4)


def server(status: int, body: Any) -> SignIn:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SignIn(HandlerClient(lambda request: HttpResponse(status, {}, content)))


def exchange(sign_in: SignIn) -> Any:
    return sign_in.exchange(DOMAIN, APPLICATION, "code-1", deadline())


CALLS: list[Callable[[SignIn], Any]] = [
    exchange,
    lambda sign_in: sign_in.refresh(DOMAIN, APPLICATION, "refresh-0", deadline()),
    lambda sign_in: sign_in.who(DOMAIN, "access-1", deadline()),
    lambda sign_in: sign_in.validate(DOMAIN, "https://api.example.com/cb?tenant=t", "ST-1", deadline()),
]


@pytest.mark.parametrize(
    ("changes", "seconds", "refresh_token"),
    [
        ({}, 7200, "refresh-1"),
        ({"expires_in": "7200"}, 7200, "refresh-1"),
        ({"expires_in": 1800}, 1800, "refresh-1"),
        ({"expires_in": None}, 7200, "refresh-1"),
        ({"expires_in": "soon"}, 7200, "refresh-1"),
        ({"expires_in": 0}, 7200, "refresh-1"),
        ({"expires_in": -5}, 7200, "refresh-1"),
        ({"expires_in": 10**12}, 86400, "refresh-1"),
        ({"refresh_token": None}, 7200, None),
        ({"refresh_token": ""}, 7200, None),
        ({"refresh_token": 5}, 7200, None),
        ({"surprise": {"deep": []}}, 7200, "refresh-1"),
    ],
)
def test_tokens_as_they_may_come(changes: dict[str, Any], seconds: int, refresh_token: str | None) -> None:
    tokens = exchange(server(200, GOOD | changes))
    assert (tokens.access_token, tokens.seconds, tokens.refresh_token) == ("access-1", seconds, refresh_token)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}, GrantRefused),
        (400, {"error": "invalid_client", "error_description": "Client ID mismatch"}, ClientRefused),
        (401, {"error": "invalid_client", "error_description": "Bad client credentials"}, ClientRefused),
        (403, b"<html>Forbidden</html>", ClientRefused),
        (400, b"", GrantRefused),
        (400, [], GrantRefused),
    ],
)
@pytest.mark.parametrize("call", CALLS[:2], ids=["exchange", "refresh"])
def test_refusals(call: Any, status: int, body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call(server(status, body))


@pytest.mark.parametrize("call", CALLS, ids=["exchange", "refresh", "who", "validate"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "internal"}),
        (503, b""),
        (404, {}),
        (302, b""),
        (204, b""),
        (429, {}),
        (200, b"<html>"),
        (200, []),
        (200, "text"),
        (200, b"\xff"),
        *((200, body) for body in UNREADABLE.values()),
    ],
)
def test_what_is_no_answer(call: Any, status: int, body: Any) -> None:
    with pytest.raises(LoginRefused) as refused:
        call(server(status, body))
    assert refused.value.reason is RefusalReason.MARKETPLACE_DOWN


@pytest.mark.parametrize(
    "token", [{"access_token": ""}, {"access_token": None}, {"access_token": 1}, {"access_token": []}]
)
def test_an_answer_without_a_token(token: dict[str, Any]) -> None:
    with pytest.raises(LoginRefused):
        exchange(server(200, GOOD | token))


@pytest.mark.parametrize("call", CALLS, ids=["exchange", "refresh", "who", "validate"])
@pytest.mark.parametrize(
    "domain",
    [
        "http://127.0.0.1",
        "https://127.0.0.1",
        "https://localhost",
        "https://10.0.0.1",
        "https://169.254.169.254",
        "https://2852039166",
        "https://0251.0376.0251.0376",
        "https://[fd00:ec2::254]",
        "https://[::ffff:169.254.169.254]",
        "https://[64:ff9b::a9fe:a9fe]",
        "https://100.100.100.200",
        "https://0.0.0.0",
    ],
)
def test_a_domain_that_leads_inside_is_not_called(call: Any, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "DOMAIN", domain)
    with pytest.raises(ConfigurationError):
        call(SignIn(PooledClient()))


def test_a_code_survives_a_kept_connection_that_is_dead() -> None:
    """As after an idle time: the first login's connection is closed by the other side, the second login is let in."""

    def script(connection: socket.socket) -> None:
        connection.sendall(answer(json.dumps(GOOD).encode()).replace(b"Connection: close\r\n", b""))

    client = PooledClient()
    with scripted(script) as sign_in_server:
        sign_in = SignIn(client, Reach.PRIVATE)
        domain = f"http://127.0.0.1:{sign_in_server.port}"
        for code in ("code-1", "code-2", "code-3"):
            tokens = sign_in.exchange(domain, APPLICATION, code, Deadline(SystemClock(), 10))
            assert tokens.access_token == "access-1"
    assert [request.count(b"code=code-") for request in sign_in_server.requests] == [1, 1, 1]


def test_what_is_spent_by_one_call_is_sent_once() -> None:
    client = HandlerClient(lambda request: HttpResponse(200, {}, json.dumps(GOOD).encode()))
    for call in CALLS[:2]:
        call(SignIn(client))
    assert client.repeatable == [False, False]


def test_who_it_is() -> None:
    client = HandlerClient(lambda request: HttpResponse(200, {}, json.dumps(INFO).encode()))
    assert SignIn(client).who(DOMAIN, "access-1", deadline()) == Person("tenant-1", "zhang@acme")
    (request,) = client.requests
    assert request.headers["authorization"] == "Bearer access-1"
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("changes", [{"userName": ""}, {"userName": 7}, {"tenant": None}, {"tenant": ["a", "b"]}])
def test_nobody_in_particular(changes: dict[str, Any]) -> None:
    with pytest.raises(LoginRefused):
        server(200, INFO | changes).who(DOMAIN, "access-1", deadline())


@pytest.mark.parametrize("status", [401, 403])
def test_an_access_token_that_is_refused(status: int) -> None:
    with pytest.raises(LoginRefused) as refused:
        server(status, {"error": "unauthorized"}).who(DOMAIN, "access-1", deadline())
    assert refused.value.reason is RefusalReason.REFUSED


@pytest.mark.parametrize(
    "attributes",
    [
        {"userName": "zhang@acme", "tenant": "tenant-1", "isFromNewLogin": True},
        {"userName": ["zhang@acme"], "tenant": ["tenant-1"], "authenticationDate": [1.5]},
    ],
)
def test_a_ticket(attributes: dict[str, Any]) -> None:
    body = {"serviceResponse": {"authenticationSuccess": {"user": "zhang", "attributes": attributes}}}
    client = HandlerClient(lambda request: HttpResponse(200, {}, json.dumps(body).encode()))
    service = "https://api.example.com/saas/login/callback?tenant=tenant-1"
    assert SignIn(client).validate(DOMAIN, service, "ST-1", deadline()) == Person("tenant-1", "zhang@acme")
    assert dict(client.requests[0].query) == {"service": service, "ticket": "ST-1", "format": "JSON"}


@pytest.mark.parametrize(
    "answer",
    [
        {"serviceResponse": {"authenticationFailure": {"code": "INVALID_TICKET"}}},
        {"serviceResponse": None},
        {"serviceResponse": []},
        {"serviceResponse": {"authenticationSuccess": "yes"}},
        {},
    ],
)
def test_a_ticket_that_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(GrantRefused):
        server(200, answer).validate(DOMAIN, "https://api.example.com/cb", "ST-1", deadline())


def test_errors_show_nothing_of_what_was_sent() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise Unavailable("no answer in time")

    for sign_in in (SignIn(HandlerClient(fail)), server(400, {"error": "code-1 the secret"}), server(200, b"access-1")):
        for call in CALLS:
            with pytest.raises(KooGalleryError) as error:
                call(sign_in)
            shown = f"{error.value!s}{error.value!r}{error.value.__cause__!r}{vars(error.value)}"
            assert not [word for word in ("code-1", "secret", "access-1", "refresh-0", "ST-1") if word in shown]
