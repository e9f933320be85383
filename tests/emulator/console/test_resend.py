"""Calls sent again: what leaves is what was asked for, and the seller's functions accept it."""

import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market
from emulator.wire.resign import signed
from emulator.wire.server import running
from shared.clock import SystemClock
from shared.errors import AuthenticationError
from shared.http import HttpRequest, HttpResponse
from shared.protocol.signing import body_sign, verify_body, verify_query
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, verify_payload, verify_properties
from tests.emulator.console.calls import CLOCK, INSTANCE, KEYS, every_kind

KINDS = ("v1", "v2", "sync-v1", "sync-v2")
NAMES = {"v1": "key", "v2": "access_key", "sync-v1": "key", "sync-v2": "sync_key"}


def verify(kind: str, request: HttpRequest, key: str, now: datetime) -> str:
    """As the bundle does."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if kind == "v1":
        return verify_query([key], request.query).key
    if kind == "v2":
        signature, timestamp, nonce = (request.first(name) for name in ("signature", "timestamp", "nonce"))
        body = request.body
        return verify_body([key], signature=signature, timestamp=timestamp, nonce=nonce, body=body, now=now).key
    members = read_members(request.body)
    if kind == "sync-v1":
        return verify_properties([key], headers["authtoken"], members)
    sent = {"signature": headers["x-sign"], "timestamp": headers["x-timestamp"], "nonce": headers["x-nonce"]}
    return verify_payload([key], **sent, payloads=[canonical(members)])


class Seller:
    """Answers everything with success, and remembers it."""

    def __init__(self) -> None:
        self.requests = list[HttpRequest]()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        body = f'{{"resultCode":"000000","resultMsg":"success.","instanceId":"{INSTANCE}"}}'.encode()
        key = KEYS.key if request.method == "GET" else KEYS.access_key
        return HttpResponse(200, {"Content-Type": "application/json", "Body-Sign": body_sign(key, body)}, body)


@pytest.fixture
def seller(market: Market) -> Iterator[Seller]:
    made = Seller()
    with running(made, threads=2) as url:
        market.sender.target = Target(url)
        yield made


@pytest.fixture
def put(market: Market) -> Callable[[str], RecordedCall]:
    """Puts a call of a kind into the timeline."""
    return lambda kind: market.timeline.add(every_kind()[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_signed_anew_it_verifies_and_says_the_same(kind: str) -> None:
    request, key = every_kind()[kind].sent.request(), getattr(KEYS, NAMES[kind])
    fresh = signed(request, key, CLOCK)
    assert verify(kind, fresh, key, datetime.now(UTC)) == key
    with pytest.raises(AuthenticationError):
        verify(kind, fresh, "another key", datetime.now(UTC))
    changing = ("timeStamp", "timestamp", "nonce", "authToken", "signature")
    assert [pair for pair in fresh.query if pair[0] not in changing] == [
        pair for pair in request.query if pair[0] not in changing
    ]
    if kind == "v2":
        assert fresh.body == request.body


@pytest.mark.parametrize("kind", KINDS)
def test_with_its_old_time_it_is_the_same_call(kind: str) -> None:
    request, key = every_kind()[kind].sent.request(), getattr(KEYS, NAMES[kind])
    again = signed(request, key, SystemClock(1000), fresh=False)
    assert dict(again.query) == dict(request.query)
    assert again.body == request.body
    assert dict(again.headers) == dict(request.headers)


def test_what_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="timeStamp"):
        signed(HttpRequest("GET", "/saas"), KEYS.key, CLOCK, fresh=False)
    with pytest.raises(ValueError, match="timeStamp"):
        signed(HttpRequest("POST", "/saas/produceAPI/tenantSync", body=b"{}"), KEYS.key, CLOCK)


@pytest.mark.parametrize("kind", KINDS)
def test_replayed_it_is_the_same_bytes(
    client: FlaskClient, market: Market, seller: Seller, put: Callable[[str], RecordedCall], kind: str
) -> None:
    call = put(kind)
    response = client.post(f"/calls/{call.number}/replay")
    assert (response.status_code, response.headers["Location"]) == (303, "/calls/2")
    (request,) = seller.requests
    assert (request.method, request.path, request.query) == (call.sent.method, call.sent.path, call.sent.query)
    assert request.body == call.sent.body
    assert dict(call.sent.headers).items() <= request.headers.items()
    again = market.timeline.get(2)
    assert again is not None
    assert (str(again.occasion), again.family, again.order_id) == ("replay of #1", call.family, call.order_id)
    assert again.findings
    assert "Sent as call 2." in client.get("/calls/2").text


@pytest.mark.parametrize("kind", KINDS)
def test_sent_again_it_is_fresh(
    client: FlaskClient, market: Market, seller: Seller, put: Callable[[str], RecordedCall], kind: str
) -> None:
    put(kind)
    market.clock.shift(timedelta(days=40))
    assert client.post("/calls/1/resend").status_code == 303
    (request,) = seller.requests
    key = getattr(KEYS, NAMES[kind])
    assert verify(kind, request, key, market.signing_clock.now()) == key
    again = market.timeline.get(2)
    assert again is not None
    assert str(again.occasion) == "#1, signed anew"


def form(call: RecordedCall, **changes: object) -> dict[str, object]:
    return {
        "method": call.sent.method,
        "path": call.sent.path,
        "name": [name for name, _ in call.sent.query] + [""],
        "value": [value for _, value in call.sent.query] + [""],
        "headers": "\r\n".join(f"{name}: {value}" for name, value in call.sent.headers),
        "body": call.sent.body.decode(),
        "key": call.key_name,
        "fresh": "1",
        **changes,
    }


def test_edited_and_signed_with_another_key(
    client: FlaskClient, market: Market, seller: Seller, put: Callable[[str], RecordedCall]
) -> None:
    call = put("v2")
    assert 'value="nonce"' in client.get("/calls/1/edit").text
    changed = form(call, body='{"activity":"newInstance",\r\n"orderId":"CS9"}', key="notify_key", expect="refused")
    assert client.post("/calls/1/edit", data=changed).status_code == 303
    (request,) = seller.requests
    assert request.body == b'{"activity":"newInstance",\n"orderId":"CS9"}'
    assert verify("v2", request, KEYS.notify_key, market.signing_clock.now()) == KEYS.notify_key
    again = market.timeline.get(2)
    assert again is not None
    assert (str(again.occasion), again.verdict) == ("#1, edited", "failed")
    assert "instead of 000001" in client.get("/calls/2").text, "a success where a refusal is right"
    assert "does not fit" in client.get("/calls/2").text


def test_edited_but_not_signed(client: FlaskClient, seller: Seller, put: Callable[[str], RecordedCall]) -> None:
    call = put("v1")
    names = [name for name, _ in call.sent.query]
    values = ["CS-another" if name == "orderId" else value for name, value in call.sent.query]
    data = form(call, name=[*names, "added"], value=[*values, "äöü &="], key="keep", headers="X-Extra: 1")
    assert client.post("/calls/1/edit", data=data).status_code == 303
    (request,) = seller.requests
    assert request.query == (*zip(names, values, strict=True), ("added", "äöü &="))
    assert request.headers["x-extra"] == "1"
    with pytest.raises(AuthenticationError):
        verify("v1", request, KEYS.key, datetime.now(UTC))


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": "no colon"},
        {"headers": "X-A: 1\r\nEvil name: 2"},
        {"path": "saas"},
        {"path": "/sa as\r\nX: 1\u4e2d"},
        {"method": "TRACE"},
        {"key": "rsa_public_key"},
        {"key": "key", "fresh": "0", "name": ["a"], "value": ["b"]},
    ],
)
def test_a_form_that_cannot_be_sent(
    client: FlaskClient, seller: Seller, put: Callable[[str], RecordedCall], changes: dict[str, object]
) -> None:
    response = client.post("/calls/1/edit", data=form(put("v1"), **changes))
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert seller.requests == []


def test_calls_of_the_seller_are_not_repeated(client: FlaskClient, put: Callable[[str], RecordedCall]) -> None:
    put("push")
    for path in ("replay", "resend", "edit"):
        assert client.post(f"/calls/1/{path}").status_code == 404
    assert "/calls/1/replay" not in client.get("/calls/1").text


def test_nobody_there_is_a_call_without_answer(
    client: FlaskClient, market: Market, put: Callable[[str], RecordedCall]
) -> None:
    put("v1")
    client.post("/calls/1/replay")
    assert "no answer" in client.get("/calls").text
    assert "refused" in client.get("/calls/2").text


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_for_a_shell(client: FlaskClient, put: Callable[[str], RecordedCall], kind: str) -> None:
    call = put(kind)
    response = client.get("/calls/1/call.sh")
    assert response.headers["Content-Disposition"] == 'attachment; filename="call-1.sh"'
    words = shlex.split(response.text.partition("\n")[2])
    url = next(word for word in words if word.startswith("http://127.0.0.1:1/saas"))
    assert tuple(parse_qsl(urlsplit(url).query)) == call.sent.query
    assert not call.sent.body or words[words.index("--data-raw") + 1] == call.sent.body.decode()
    assert [f"{name}: {value}" for name, value in call.sent.headers] == [
        words[at + 1] for at, word in enumerate(words) if word == "-H"
    ]
