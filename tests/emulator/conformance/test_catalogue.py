"""The catalogue itself: what it covers, and that nothing but debug calls leaves unless asked."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from emulator.checks import CHECKS
from emulator.conformance import CASES, CallFactory, CaseVerdict, Keys, Runner, chosen
from emulator.conformance.case import CallCase
from emulator.development import rsa_key
from emulator.texts import verbatim
from emulator.wire.calls import pairs_of
from emulator.wire.client import Answer, NoAnswer, Reply
from emulator.wire.client_secret import encrypt_secret, public_half
from functions.gateway import MODULES, SYNC_MODULES
from shared.http import HttpRequest
from shared.protocol.client_secret import decrypt_secret
from tests.fakes import FakeClock

KEYS = Keys("key", "access-key", "notify-key")
SYNC = Keys("key", "access-key", "notify-key", "sync-key", public_half(rsa_key()))
BOTH = ("v1", "v2")


class Recorder:
    """Answers everything with success and keeps what was asked."""

    def __init__(self, milliseconds: float = 1.0, **headers: str) -> None:
        self.requests: list[HttpRequest] = []
        self.milliseconds = milliseconds
        self.headers = tuple(headers.items())

    def __call__(self, request: HttpRequest) -> Reply:
        self.requests.append(request)
        body = b'{"resultCode":"000000","resultMsg":"success."}'
        return Answer(200, self.headers, body, self.milliseconds)


def run(
    send: Any, *only: str, real: bool = False, sync: bool = False, url: str = "http://127.0.0.1/isv", keys: Keys = KEYS
) -> Any:
    runner = Runner(url, CallFactory(keys, FakeClock(), "/isv"), send)
    return {result.case.id: result for result in runner.run(chosen(only, BOTH, real=real, sync=sync))}


def members(request: HttpRequest) -> dict[str, Any]:
    if request.method == "GET":
        return dict(reversed(pairs_of(request)))
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def test_ids_are_unique_and_say_version_and_kind():
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+)+", each) for each in ids)
    assert all(case.id.startswith(f"{case.version}.") for case in CASES if case.version)


def test_every_case_says_why_where_from_and_what_to_do():
    assert all(str(case.title) and str(case.why) and case.source and str(case.advice) for case in CASES)


def test_every_check_of_an_answer_is_a_case_but_those_that_belong_to_calls():
    assert {check.id for check in CHECKS} - {case.id for case in CASES} == {"result.expected", "instance.same"}


def test_every_activity_of_the_gateway_is_called_in_debug_mode():
    recorder = Recorder()
    run(recorder)
    asked = {(request.method, members(request).get("activity")) for request in recorder.requests}
    assert {activity for _, activity in asked} >= set(MODULES)
    assert {("GET", "newInstance"), ("POST", "newInstance"), ("POST", "orderNotify")} <= asked


def test_every_sync_interface_is_called_in_both_versions():
    recorder = Recorder()
    run(recorder, "*.sync*", sync=True, keys=SYNC)
    names = {request.path.removeprefix("/isv/produceAPI/") for request in recorder.requests}
    assert names == {f"{version}{name}" for version in ("", "v2/") for name in SYNC_MODULES}


def test_without_real_everything_that_can_be_read_is_a_debug_call():
    recorder = Recorder()
    run(recorder, sync=True, keys=SYNC)
    assert len(recorder.requests) > 120
    assert [m for m in map(members, recorder.requests) if m and str(m.get("testFlag")) != "1"] == []


def test_real_orders_are_there_only_when_asked_for():
    assert not [case for case in chosen([], BOTH, real=False) if isinstance(case, CallCase) and case.real]
    assert [case.id for case in chosen(["v1.real.*"], BOTH, real=True) if case.version] == [
        case.id for case in CASES if case.id.startswith("v1.real.")
    ]
    with pytest.raises(ValueError, match="no case is called"):
        chosen(["v1.real.*"], BOTH, real=False)


def test_naming_a_call_keeps_the_judgement_of_its_answers_and_the_other_way_round():
    one = [case.id for case in chosen(["v1.life.query"], BOTH, real=False)]
    assert "sign.name" in one
    assert [each for each in one if each.startswith("v")] == ["v1.life.query"]
    other = [case.id for case in chosen(["sign.name"], ("v2",), real=False)]
    assert [each for each in other if not each.startswith("v")] == ["sign.name"]
    assert {each[:2] for each in other if each != "sign.name"} == {"v2"}


def test_slow_answers_warn_and_do_not_fail():
    assert run(Recorder(5001.0))["http.prompt"].verdict is CaseVerdict.WARNING
    assert run(Recorder(4999.0))["http.prompt"].verdict is CaseVerdict.PASSED
    assert run(Recorder(20_001.0))["http.answered"].verdict is CaseVerdict.FAILED


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("Fri, 20 Nov 2026 08:30:20 GMT", CaseVerdict.PASSED),
        ("Fri, 20 Nov 2026 08:31:00 GMT", CaseVerdict.WARNING),
        ("Fri, 20 Nov 2026 08:29:00 GMT", CaseVerdict.WARNING),
        ("tomorrow", CaseVerdict.PASSED),
    ],
)
def test_a_clock_that_is_off_warns(date, verdict):
    assert FakeClock().now() == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert run(Recorder(Date=date))["http.clock"].verdict is verdict


def test_a_server_that_does_not_answer_is_left_alone_after_three_calls():
    for reply, failed in (
        (NoAnswer(verbatim("refused")), "http.reachable"),
        (NoAnswer(verbatim("late"), timed_out=True), "http.answered"),
    ):
        sent: list[HttpRequest] = []

        def send(request: HttpRequest, reply: NoAnswer = reply, sent: list[HttpRequest] = sent) -> Reply:
            sent.append(request)
            return reply

        results = run(send)
        assert len(sent) == 3
        assert [each.case.id for each in results.values() if each.verdict is CaseVerdict.FAILED] == [failed]
        assert str(results["v2.life.query"].reason) == "not sent: the server does not answer"


def test_a_missing_key_skips_what_needs_it():
    results = run(Recorder(), keys=Keys("key", "access-key"))
    assert str(results["v2.life.order-notify"].reason) == "needs --notify-key"
    assert results["v2.life.query"].verdict is not CaseVerdict.SKIPPED


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://localhost:8000/saas", []),
        ("http://[::1]/saas", []),
        ("https://isv.example.com/saas", []),
        ("http://isv.example.com", ["address.https"]),
        ("https://192.0.2.1/saas", ["address.name"]),
        ("http://192.0.2.1", ["address.https", "address.name"]),
    ],
)
def test_addresses_that_the_marketplace_does_not_take_warn(url, warned):
    results = run(Recorder(), "v1.life.query", url=url)
    assert [
        each for each, result in results.items() if each[:2] == "ad" and result.verdict is CaseVerdict.WARNING
    ] == warned


def test_the_public_key_is_taken_as_the_console_takes_it():
    bare = "".join(line for line in SYNC.rsa_public_key.splitlines() if "-----" not in line)
    for key in (SYNC.rsa_public_key, bare):
        assert decrypt_secret(rsa_key(), encrypt_secret(key, "secret")) == "secret"
    with pytest.raises(ValueError, match="no public key"):
        encrypt_secret("nonsense", "secret")
