"""``GET /health`` finds what is wrong, says it without values, within its time, and not too often."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.server import health
from shared.server.health import Health, with_health
from shared.server.schedule import TIMERS, Turns
from tests.world import World

WELL = dict.fromkeys(("settings", "keys", "store", "provisioner", "clock"), "ok")
COMPLETE = {
    "KOOGALLERY_PROVISIONER": "demo",
    "KOOGALLERY_STORE": "sqlite:/nowhere/store.sqlite",
    "KOOGALLERY_AK": "AK",
    "KOOGALLERY_SK": "SK",
}


@pytest.fixture
def complete(tmp_path) -> World:
    return World(tmp_path, COMPLETE)


def asked(world: World) -> tuple[int, Any]:
    answer = Health(world.app).answer()
    return answer.status, json.loads(answer.body)


def test_all_is_well(complete: World) -> None:
    assert asked(complete) == (200, {"status": "ok", "checks": WELL})


@pytest.mark.parametrize(
    ("settings", "check", "text"),
    [
        ({"KOOGALLERY_AK": ""}, "settings", "set KOOGALLERY_AK"),
        ({"KOOGALLERY_DEADLINE": "soon"}, "settings", "KOOGALLERY_DEADLINE must be a number of seconds"),
        ({"KOOGALLERY_STORAGE_KEY": "short"}, "keys", "KOOGALLERY_STORAGE_KEY must be a Fernet key or have 16"),
        ({"KOOGALLERY_RSA_PRIVATE_KEY": "x"}, "keys", "KOOGALLERY_RSA_PRIVATE_KEY must hold a private key"),
    ],
)
def test_what_is_wrong_with_settings_and_keys(complete: World, settings: Any, check: str, text: str) -> None:
    complete.values |= settings
    complete.restarted()
    status, found = asked(complete)

    assert (status, found["status"]) == (503, "unavailable")
    assert found["checks"][check].startswith(text)


def test_a_store_that_cannot_be_read(complete: World) -> None:
    def gone(table: str, method: str) -> None:
        raise Unavailable("the store cannot be opened")

    complete.tables.before = gone
    assert asked(complete) == (
        503,
        {"status": "unavailable", "checks": {**WELL, "store": "the store cannot be opened"}},
    )


def test_what_others_raise_is_named_and_not_quoted(complete: World) -> None:
    def broken(table: str, method: str) -> None:
        raise RuntimeError("password 13800000000")

    complete.tables.before = broken
    status, found = asked(complete)
    assert (status, found["checks"]["store"]) == (503, "RuntimeError")


def test_a_provisioner_that_cannot_be_loaded(tmp_path) -> None:
    world = World(tmp_path, {**COMPLETE, "KOOGALLERY_PROVISIONER": "nobody:nothing"})
    del world.app.__dict__["provisioner"]
    status, found = asked(world)

    assert status == 503
    assert found["checks"]["provisioner"].startswith("KOOGALLERY_PROVISIONER")


def test_a_clock_that_is_behind_what_another_machine_wrote(complete: World) -> None:
    turns = Turns(complete.app.tables.table("agenda"), complete.clock)
    turn = turns.take(TIMERS[0])
    assert turn
    turns.done(turn)
    complete.clock.set(turn.moment - timedelta(seconds=59))
    assert asked(complete)[0] == 200
    complete.clock.set(turn.moment - timedelta(seconds=61))
    assert asked(complete)[1]["checks"]["clock"] == "the clock of this machine is behind"


def test_a_store_that_hangs_is_told_in_time(complete: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    hanging = threading.Event()

    def hang(table: str, method: str) -> None:
        hanging.wait(20)

    complete.tables.before = hang
    status, found = asked(complete)
    hanging.set()

    assert (status, found["checks"]["store"]) == (503, "no answer in time")


def test_many_who_ask_cost_one_look(complete: World) -> None:
    health = Health(complete.app)
    before = complete.tables.total
    answers = {health.answer().status for _ in range(100)}

    assert answers == {200}
    assert complete.tables.total - before == 3


def test_it_stands_outside_the_base_path(complete: World) -> None:
    handle = with_health(complete.app, lambda request: HttpResponse(404, {}, b""))

    assert handle(HttpRequest("GET", "/health")).status == 200
    assert handle(HttpRequest("HEAD", "/health")).body == b""
    assert {
        handle(HttpRequest(method, path)).status
        for method, path in (("GET", "/saas/health"), ("POST", "/health"), ("GET", "/health/"))
    } == {404}
