"""The journey over HTTP: it passes on a right bundle, again and again, and finds the faults of a wrong one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.development import KEYS
from emulator.journey import CHAPTERS, JourneyRow, Player, play
from emulator.journey.player import PATIENCE
from emulator.journey.row import summary
from emulator.texts import Text, verbatim
from emulator.wire.client import NoAnswer, send
from emulator.wire.server import Handle
from shared.commands import Version
from shared.http import HttpRequest, HttpResponse
from shared.protocol.signing import body_sign
from tests.emulator.journey_player import journey_player
from tests.emulator.provisioners import CannotRenew, Slow
from tests.fakes import FakeClock

pytestmark = pytest.mark.e2e


TITLES = [Text(f"journey.chapters.{name}") for name, _ in CHAPTERS]


def environ(folder: Path, **more: str) -> dict[str, str]:
    return {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}", **more}


def failed(rows: list[JourneyRow]) -> dict[tuple[str, str], str]:
    """What failed first, by version and step."""
    return {(row.version, str(row.step)): row.failure.check.id for row in rows if row.failure}


def test_every_step_passes_and_passes_again_on_the_same_store(tmp_path):
    for _ in range(2):
        with journey_player(environ(tmp_path)) as player:
            rows = play(player)
        assert failed(rows) == {}
        assert [row.chapter for row in rows] == [title for title in TITLES for row in rows if row.chapter == title]
        assert {row.version for row in rows} == set(Version)
        assert all(row.request_id and row.milliseconds > 0 for row in rows)
        assert summary(rows) == f"{len(rows)} passed, 0 failed"


def test_the_journey_passes_with_a_shifted_clock_other_keys_another_path_and_128_bit(tmp_path):
    other = {name: f"another-{value}" for name, value in KEYS.items()}
    more = {"KOOGALLERY_CLOCK_OFFSET": "-864000.5", "KOOGALLERY_BASE_PATH": "/shop/saas", "KOOGALLERY_AES_BITS": "128"}
    with journey_player(environ(tmp_path, **other, **more)) as player:
        assert failed(play(player)) == {}


def test_slow_instances_are_waited_for(tmp_path):
    with journey_player(
        environ(tmp_path, KOOGALLERY_PROVISIONER="demo"), clock=FakeClock(), provisioner=Slow()
    ) as player:
        assert failed(play(player)) == {}


@pytest.mark.sweep
def test_each_instance_is_waited_for_not_only_the_first_ones(tmp_path):
    waited: list[Text] = []
    clock = FakeClock()
    with journey_player(environ(tmp_path), clock=clock, provisioner=Slow(30)) as player:
        player.on_wait = waited.append
        assert failed(play(player)) == {}
    assert len(waited) > 5
    assert sum(clock.slept) > 2 * PATIENCE


@pytest.mark.sweep
def test_an_instance_that_never_comes_fails_its_steps_and_no_other_is_waited_for(tmp_path):
    clock = FakeClock()
    with journey_player(environ(tmp_path), clock=clock, provisioner=Slow(10**6)) as player:
        found = failed(play(player))
    assert PATIENCE <= sum(clock.slept) < PATIENCE + 10
    assert found["v1", "buy"] == "result.expected"
    assert found["v2", "query"] == "result.expected"
    assert ("v2", "buy") not in found


def test_a_provisioner_that_cannot_renew_fails_the_renewals(tmp_path):
    with journey_player(environ(tmp_path), provisioner=CannotRenew()) as player:
        rows = play(player)
    found = failed(rows)
    assert found["v1", "renew"] == found["v2", "renew"] == found["v1", "trial to formal"] == "result.expected"
    assert "no renewals today" in next(row.verdict for row in rows if row.failure)
    assert {step for _, step in found} <= {
        "renew",
        "renew again",
        "renewed year returned",
        "renew while frozen",
        "renew with the change",
        "trial to formal",
    }


def lower_case(handle: Handle) -> Handle:
    def front(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        return replace(response, headers={name.lower(): value for name, value in response.headers.items()})

    return front


def with_newline(handle: Handle) -> Handle:
    def front(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        return replace(response, body=response.body + b"\n")

    return front


def unsigned(handle: Handle) -> Handle:
    def front(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        return replace(response, headers={"Content-Type": response.headers["Content-Type"]})

    return front


def html(handle: Handle) -> Handle:
    return lambda request: HttpResponse(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("front", "check"),
    [
        (lower_case, "sign.name"),
        (with_newline, "sign.value"),
        (unsigned, "sign.present"),
        (html, "http.status"),
    ],
)
def test_a_fault_of_every_answer_fails_every_step_with_its_own_check(tmp_path, front, check):
    with journey_player(environ(tmp_path), front=front) as player:
        rows = play(player)
    assert {row.failure.check.id if row.failure else None for row in rows} == {check}
    assert summary(rows) == f"0 passed, {len(rows)} failed"


def edited(handle: Handle, edit: Callable[[dict[str, object], HttpRequest], None]) -> Handle:
    """A bundle with a fault in what it says: the answer is signed as it then is."""

    def front(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        members = json.loads(response.body)
        edit(members, request)
        body = json.dumps(members).encode()
        name = "KOOGALLERY_KEY" if request.method == "GET" else "KOOGALLERY_ACCESS_KEY"
        if b"orderNotify" in request.body:
            name = "KOOGALLERY_NOTIFY_ACCESS_KEY"
        return replace(response, body=body, headers={**response.headers, "Body-Sign": body_sign(KEYS[name], body)})

    return front


def without_way_in(members: dict[str, object], request: HttpRequest) -> None:
    if request.first("activity") == "newInstance":
        members.pop("appInfo", None)


def new_id_each_time(members: dict[str, object], request: HttpRequest) -> None:
    if "instanceId" in members and request.method == "GET":
        members["instanceId"] = request.first("businessId")


def always_success(members: dict[str, object], request: HttpRequest) -> None:
    members |= {"resultCode": "000000", "resultMsg": "success."}


def chinese(members: dict[str, object], request: HttpRequest) -> None:
    if request.first("activity") == "upgrade":
        members["resultMsg"] = "成功"


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (
            without_way_in,
            {
                ("v1", step): "body.mandatory"
                for step in (
                    "debug call",
                    "buy",
                    "the order again",
                    "buyer opens the resource",
                    "try",
                    "first product",
                    "second product",
                    "first product again",
                )
            },
        ),
        (chinese, {("v1", "upgrade"): "body.ascii", ("v1", "upgrade again"): "body.ascii"}),
        (
            new_id_each_time,
            {
                ("v1", step): "instance.same"
                for step in ("the order again", "buyer opens the resource", "first product again")
            },
        ),
        (
            always_success,
            {
                ("v1", "renew after release"): "result.expected",
                ("v1", "unknown instance"): "result.expected",
                ("v1", "wrong signature"): "result.expected",
                ("v2", "renew after release"): "result.expected",
                ("v2", "change to too few"): "result.expected",
                ("v2", "unknown instance"): "result.expected",
                ("v2", "wrong signature"): "result.expected",
                ("v2", "two minutes old"): "result.expected",
                ("v2", "the nonce, another call"): "result.expected",
            },
        ),
    ],
)
def test_a_fault_of_some_answers_fails_just_those_steps(tmp_path, edit, found):
    with journey_player(environ(tmp_path), front=lambda handle: edited(handle, edit)) as player:
        assert failed(play(player)) == found


def test_a_bundle_that_is_not_there_fails_every_step(tmp_path):
    with journey_player(environ(tmp_path)) as player:
        gone = Player("http://127.0.0.1:9", player.settings, player.clock, player.ordering.orders)
        gone.chapter = verbatim("nobody answers")
        dict(CHAPTERS)["v1-yearly"](gone)
    assert {row.failure.check.id if row.failure else None for row in gone.rows} == {"http.answered"}
    assert {row.code for row in gone.rows} == {""}


def test_who_watches_is_told_every_row_and_can_end_the_journey(tmp_path):
    told: list[JourneyRow] = []

    def watch(row: JourneyRow) -> None:
        told.append(row)
        if len(told) == 3:
            raise InterruptedError

    with journey_player(environ(tmp_path)) as player:
        player.on_row = watch
        with pytest.raises(InterruptedError):
            play(player)
    assert told == player.rows
    assert len(told) == 3


def test_the_client_says_why_there_is_no_answer():
    reply = send("http://127.0.0.1:9", HttpRequest("GET", "/saas"))
    assert isinstance(reply, NoAnswer)
    assert "refused" in str(reply.reason)
