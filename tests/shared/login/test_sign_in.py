"""The sign-in client against every answer a server may give."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.clock import Deadline
from shared.directory import Application
from shared.errors import KooGalleryError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.login.sign_in import ClientRefused, GrantRefused, Person, SignIn
from shared.login.trouble import Refused, Trouble
from tests.clients import HandlerClient
from tests.fakes import FakeClock

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
        (200, b"[" * 100_000),
    ],
)
def test_what_is_no_answer(call: Any, status: int, body: Any) -> None:
    with pytest.raises(Refused) as refused:
        call(server(status, body))
    assert refused.value.trouble is Trouble.MARKETPLACE_DOWN


@pytest.mark.parametrize(
    "token", [{"access_token": ""}, {"access_token": None}, {"access_token": 1}, {"access_token": []}]
)
def test_an_answer_without_a_token(token: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        exchange(server(200, GOOD | token))


def test_who_it_is() -> None:
    client = HandlerClient(lambda request: HttpResponse(200, {}, json.dumps(INFO).encode()))
    assert SignIn(client).who(DOMAIN, "access-1", deadline()) == Person("tenant-1", "zhang@acme")
    (request,) = client.requests
    assert request.headers["authorization"] == "Bearer access-1"
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("changes", [{"userName": ""}, {"userName": 7}, {"tenant": None}, {"tenant": ["a", "b"]}])
def test_nobody_in_particular(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        server(200, INFO | changes).who(DOMAIN, "access-1", deadline())


@pytest.mark.parametrize("status", [401, 403])
def test_an_access_token_that_is_refused(status: int) -> None:
    with pytest.raises(Refused) as refused:
        server(status, {"error": "unauthorized"}).who(DOMAIN, "access-1", deadline())
    assert refused.value.trouble is Trouble.REFUSED


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
