"""The client for the seller's application, against the bundle itself and against what networks do."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.wire.server import running
from functions.usage import ROUTE
from shared.errors import Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.metering.client import PAUSES, CallRefused, Recorded, UsageClient, UsageRejected, record_usage
from shared.metering.events import UsageEvent
from shared.pipelines.application import answer
from tests.clients import HandlerClient
from tests.fakes import FakeClock
from tests.shared.metering.metered import METER, TOKEN, Metered

URL = "https://saas.example.com/saas/usage"
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
DONE = HttpResponse(200, {}, b'{"accepted":1,"duplicates":0,"rejected":[]}')


def event(
    event_id: str = "event-1", value: str = "1.5", time: datetime = NOW, package: str | None = None
) -> UsageEvent:
    return UsageEvent(event_id, METER, time, Decimal(value), package)


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    return Metered(tmp_path)


class Line:
    """A client on a line that does, call by call, what ``then`` says: answers, exceptions, or what a function does."""

    def __init__(self, *then: Any) -> None:
        self.clock = FakeClock()
        self.http = HandlerClient(self._handle)
        self.client = UsageClient(URL, TOKEN, client=self.http, clock=self.clock)
        self._then = list(then)

    def _handle(self, request: HttpRequest) -> HttpResponse:
        step = self._then.pop(0) if len(self._then) > 1 else self._then[0]
        if isinstance(step, Exception):
            raise step
        response: HttpResponse = step(request) if callable(step) else step
        return response

    @property
    def sent(self) -> list[list[dict[str, Any]]]:
        return [json.loads(request.body)["events"] for request in self.http.requests]


def bundle(world: Metered) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: answer(world.app, request, ROUTE)


def test_over_a_real_connection(world):
    with running(bundle(world)) as url:
        events = [event("a"), event("b", "2"), event("a")]
        assert record_usage(f"{url}/saas/usage", TOKEN, events) == Recorded(2, 1)
        with pytest.raises(CallRefused, match="HTTP 401: send Authorization") as refused:
            record_usage(f"{url}/saas/usage", "wrong", events)
    assert refused.value.status == 401
    world.hour_passes()
    world.upload()
    assert world.billed == Decimal("3.5")


def test_what_is_sent():
    line = Line(DONE)
    beijing = datetime(2026, 11, 20, 16, 30, tzinfo=timezone(timedelta(hours=8)))
    line.client.record([event("a", "0.00000001", package="package-1"), event("用", "1E+2", beijing)])
    [request] = line.http.requests
    assert (request.method, request.path) == ("POST", "/saas/usage")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert line.sent == [
        [
            {
                "id": "a",
                "instanceId": METER,
                "time": "2026-11-20T08:30:00+00:00",
                "value": "0.00000001",
                "package": "package-1",
            },
            {"id": "用", "instanceId": METER, "time": "2026-11-20T16:30:00+08:00", "value": "100"},
        ]
    ]


def test_any_number_of_events_goes_in_calls_of_a_thousand(world):
    line = Line(bundle(world))
    assert line.client.record(event(f"e{number}", "1") for number in range(2500)) == Recorded(2500, 0)
    assert [len(events) for events in line.sent] == [1000, 1000, 500]


def test_a_call_stays_below_the_bundles_limit(world):
    line = Line(bundle(world))
    recorded = line.client.record([event(f"{number:04}" + "\U0001f600" * 124) for number in range(1000)])
    assert recorded.accepted == 1000
    assert len(line.sent) == 2
    assert max(len(request.body) for request in line.http.requests) < 1 << 20


def test_nothing_is_not_sent():
    line = Line(DONE)
    assert line.client.record([]) == Recorded()
    assert line.http.requests == []


@pytest.mark.parametrize(
    "trouble",
    [Unavailable("no connection"), *(HttpResponse(status, {}, b"") for status in (408, 429, 500, 502, 503, 504))],
    ids=lambda trouble: str(getattr(trouble, "status", "none")),
)
def test_what_passes_is_tried_again(trouble):
    line = Line(trouble, trouble, DONE)
    assert line.client.record([event()]) == Recorded(1, 0)
    first, second, third = (request.body for request in line.http.requests)
    assert first == second == third
    assert [0.5 * most <= slept <= most for slept, most in zip(line.clock.slept, PAUSES, strict=False)] == [True, True]


def test_what_does_not_pass_is_told():
    line = Line(HttpResponse(503, {}, b""))
    with pytest.raises(Unavailable, match="HTTP 503"):
        line.client.record([event()])
    assert len(line.http.requests) == 6
    assert len(line.clock.slept) == 5


def test_a_lost_answer_does_not_double(world):
    def lost(request: HttpRequest) -> HttpResponse:
        assert bundle(world)(request).status == 200
        raise Unavailable("no answer in time")

    line = Line(lost, bundle(world))
    assert line.client.record([event("a"), event("b")]) == Recorded(0, 2)
    world.hour_passes()
    world.upload()
    assert world.billed == 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_a_refused_call_is_not_repeated(status):
    line = Line(HttpResponse(status, {}, b'{"error":"do something"}'))
    with pytest.raises(CallRefused, match=f"HTTP {status}: do something"):
        line.client.record([event()])
    assert len(line.http.requests) == 1
    assert TOKEN not in repr(line.client)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"accepted":"x","duplicates":0,"rejected":[]}'])
def test_another_address_is_noticed(body):
    with pytest.raises(CallRefused, match="this is not the usage address"):
        Line(HttpResponse(200, {}, body)).client.record([event()])


def test_rejected_events_are_told_when_all_is_sent(world):
    line = Line(bundle(world))
    events = [
        replace(event("a"), instance_id="nobody"),
        *(event(f"e{number}") for number in range(1500)),
        event("e7", "9"),
    ]
    with pytest.raises(UsageRejected, match="2 events were rejected: conflict, unknown instance") as error:
        line.client.record(events)
    expected = Recorded(1500, 0, (("a", "unknown instance"), ("e7", "conflict")))
    assert error.value.recorded == expected
    again = line.client.record(events, rejected_is_error=False)
    assert again == Recorded(0, 1500, expected.rejected)


def test_a_time_without_a_zone_is_an_error_here():
    line = Line(DONE)
    with pytest.raises(ValueError, match="needs a zone"):
        line.client.record([event(time=NOW.replace(tzinfo=None))])
    assert line.http.requests == []


def test_it_needs_nothing_of_what_the_bundle_needs():
    code = "import sys, shared.metering.client; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for package in ("boto3", "pydantic", "cryptography", "aws_lambda_powertools"):
        assert repr(package) not in loaded
