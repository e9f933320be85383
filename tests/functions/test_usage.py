"""Usage intake over HTTP on every platform, and from a queue."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.platforms.contexts import LocalLambdaContext
from functions import usage
from shared.errors import Unavailable
from shared.http import HttpRequest, HttpResponse
from tests.events import RUNTIMES, Platform
from tests.shared.metering.metered import TOKEN, Metered

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


@pytest.fixture(params=RUNTIMES, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    each: Platform = request.param
    return each


@pytest.fixture
def send(world: Metered, platform: Platform) -> Any:
    """Calls the handler with a body, or members of one; the answer as the gateway sends it."""

    def sent(body: Any = b"", headers: dict[str, str] = BEARER, method: str = "POST") -> HttpResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = HttpRequest(
            method, "/saas/usage", headers={"content-type": "application/json", **headers}, body=content
        )
        return platform.read_answer(usage.handler(platform.make_event(request), platform.make_context()))

    return sent


def members(response: HttpResponse) -> Any:
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.body)


def test_events_are_taken_in_and_billed(world, send, log_lines):
    events = [world.event("a", "1.5"), world.event("b", "2"), world.event("a", "1.5"), world.event("b", "3")]
    response = send({"events": events})
    assert response.status == 200
    assert members(response) == {"accepted": 2, "duplicates": 1, "rejected": [{"id": "b", "reason": "conflict"}]}
    [line] = log_lines("usage taken in")
    assert [line[name] for name in ("accepted", "duplicates", "rejected")] == [2, 1, 1]
    assert members(send({"events": events[:2]})) == {"accepted": 0, "duplicates": 2, "rejected": []}
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("3.5")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer wrong"},
        {"authorization": TOKEN},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": f"Bearer {TOKEN.upper()}"},
        {"authorization": "Bearer t\u00f6ken"},
        {"authorization": f"Bearer {TOKEN}, Bearer {TOKEN}"},
    ],
    ids=lambda headers: headers.get("authorization", "none").replace(TOKEN, "TOKEN") or "empty",
)
def test_without_the_token_nothing_is_read(world, send, headers, log_lines):
    world.tables.reset()
    for body in (b"not JSON", {"events": [world.event()]}):
        response = send(body, headers)
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="koogallery"'
        assert members(response) == {"error": "send Authorization: Bearer and the token set as KOOGALLERY_APP_TOKEN"}
    assert world.tables.total == 0
    assert TOKEN not in log_lines.text
    assert {line["reason"] for line in log_lines("refused")} == {"token"}


def test_without_the_token_an_unusable_store_does_not_matter(world, send):
    world.app.__dict__.pop("tables", None)
    world.app.__dict__.pop("failures", None)
    world.values["KOOGALLERY_STORE"] = "nowhere"
    assert send(b"", {}).status == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_tokens_are_exchanged_without_a_failed_call(world, send, scheme):
    new = "the-new-token-of-the-application"
    world.values["KOOGALLERY_APP_TOKEN"] = f"{new}, {TOKEN}"
    for token, status in ((new, 200), (TOKEN, 200), (f"{new}, {TOKEN}", 401)):
        assert send({"events": []}, {"authorization": f"{scheme} {token}"}).status == status


LIST = 'send {"events": [{"id", "instanceId", "time", "value"}, ...]}'
OBJECT = "the body is not a JSON object"
BAD = {
    "empty": (b"", OBJECT),
    "no JSON": (b"events", OBJECT),
    "a list": (b"[]", OBJECT),
    "a name twice": (b'{"events": [], "events": []}', OBJECT),
    "a name twice inside": (b'{"events": [{"id": "a", "id": "b"}]}', OBJECT),
    "not a number": (b'{"events": [{"value": NaN}]}', OBJECT),
    "not UTF-8": (b'{"events": ["\xff"]}', OBJECT),
    "too deep": (b"[" * 100_000, OBJECT),
    "no events": (b"{}", LIST),
    "events are no list": (b'{"events": {}}', LIST),
    "too many": (json.dumps({"events": [{}] * 1001}).encode(), "send at most 1000 events in one call"),
    "too large": (b'{"events": []}' + b" " * (1 << 20), "the body is too large: send at most 1048576 bytes"),
}


@pytest.mark.parametrize(("body", "error"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_told_what_to_do(world, send, body, error):
    response = send(body)
    assert response.status == 400
    assert members(response) == {"error": error}


def test_only_post(world, send):
    response = send(method="PUT")
    assert response.status == 405
    assert response.headers["Allow"] == "POST"
    assert members(response) == {"error": "use POST"}


def test_a_store_that_fails_is_a_call_to_repeat(world, send):
    def fail(table, method):
        raise Unavailable("the store could not be reached")

    world.tables.before = fail
    response = send({"events": [world.event()]})
    assert response.status == 503
    assert response.headers["Retry-After"] == "1"
    assert members(response) == {"error": "try again: the same call does no harm"}
    world.tables.before = lambda table, method: None
    assert members(send({"events": [world.event()]}))["accepted"] == 1


def test_what_nobody_foresaw_is_logged(world, send, log_lines):
    def fail(table, method):
        raise RuntimeError("secret text")

    world.tables.before = fail
    response = send({"events": [world.event()]})
    assert (response.status, members(response)) == (500, {"error": "internal error: see the log"})
    assert [line["error"] for line in log_lines("unforeseen error")] == ["RuntimeError"]
    assert "secret text" not in log_lines.text


def test_a_token_that_is_not_set_lets_nobody_in(world, send, log_lines):
    world.values["KOOGALLERY_APP_TOKEN"] = " , "
    for headers in (BEARER, {}, {"authorization": "Bearer "}):
        assert send({"events": []}, headers).status == 500
    assert {line["level"] for line in log_lines("set KOOGALLERY_APP_TOKEN")} == {"ERROR"}


@pytest.mark.parametrize("value", ["1", "a" * 31, f"{TOKEN},1"])
def test_a_token_that_can_be_guessed_lets_nobody_in(world, send, log_lines, value):
    world.values["KOOGALLERY_APP_TOKEN"] = value
    for token in (*value.split(","), TOKEN):
        assert send({"events": []}, {"authorization": f"Bearer {token}"}).status == 500
    lines = log_lines("KOOGALLERY_APP_TOKEN: each token must have 32 characters or more")
    assert {line["level"] for line in lines} == {"ERROR"}


# --- from a queue -----------------------------------------------------------------------------------------------------


def batch(*bodies: Any) -> dict[str, Any]:
    """An SQS event as Lambda gets it; message ids ``m0``, ``m1`` …"""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "AQEB",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:usage",
                "awsRegion": "eu-west-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(event: Any) -> list[str]:
    answer = usage.handler(event, LocalLambdaContext("usage"))
    assert set(answer) == {"batchItemFailures"}
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_messages_with_one_event_and_with_several(world):
    assert failed(batch(world.event("a"), {"events": [world.event("b"), world.event("c")]}, {"events": []})) == []
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("4.5")


def test_a_batch_costs_what_one_call_costs(world):
    world.tables.reset()
    assert failed(batch(*(world.event(f"e{number}") for number in range(100)))) == []
    assert world.tables.calls == {("instances", "get_many"): 1, ("usage", "get_many"): 1, ("usage", "put_many"): 2}


def test_a_message_delivered_twice_is_billed_once(world):
    for _ in range(2):
        assert failed(batch(world.event("a"), world.event("a"))) == []
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("1.5")


def test_only_messages_with_something_wrong_fail(world, log_lines):
    late = world.event("late", time=world.clock.now() - timedelta(days=21))
    bodies = [
        world.event("a"),
        "not JSON",
        {"events": [world.event("b"), late]},
        {"events": "c"},
        world.event("a", "9"),
    ]
    assert sorted(failed(batch(*bodies))) == ["m1", "m2", "m3", "m4"]
    rejected = {line["request_id"]: (line["level"], line["reason"]) for line in log_lines("usage was rejected")}
    assert rejected == {"m2": ("ERROR", "too late"), "m4": ("ERROR", "conflict")}
    assert [line["request_id"] for line in log_lines("a queue message cannot be read")] == ["m1", "m3"]
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal(3), "what was right in a message that failed is taken in"


def test_more_events_than_fit_one_call(world):
    bodies = [{"events": [world.event(f"e{part}-{number}", "1") for number in range(400)]} for part in range(5)]
    assert failed(batch(*bodies)) == []
    world.hour_passes()
    world.upload()
    assert world.billed == 2000


def test_a_message_with_too_many_events_fails_alone(world):
    assert failed(batch({"events": [world.event()] * 1001}, world.event("a"))) == ["m0"]


@pytest.mark.parametrize("error", [Unavailable("the store could not be reached"), RuntimeError()])
def test_messages_that_cannot_be_stored_now_come_again(world, error):
    def fail(table, method):
        raise error

    world.tables.before = fail
    messages = batch(world.event("a"), world.event("b"))
    assert failed(messages) == ["m0", "m1"]
    world.tables.before = lambda table, method: None
    assert failed(messages) == []


def test_a_platform_that_ends_the_invocation_midway_harms_nothing(world):
    class Death(BaseException):
        pass

    def die(table, method):
        if method == "put_many":
            raise Death

    world.tables.after = die
    messages = batch(world.event("a"))
    with pytest.raises(Death):
        failed(messages)
    world.tables.after = lambda table, method: None
    assert failed(messages) == []
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("1.5")
