"""Whatever happens, there is an answer, and the log says what it was."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.login.login_request import LoginRequest
from shared.pipelines.browser import BrowserRoute, answer
from tests.events import RUNTIMES
from tests.login_world import APP_TOKEN, LoginWorld

SECRET = "code-4711-secret"


@pytest.fixture
def world(tmp_path) -> LoginWorld:
    return LoginWorld(tmp_path, RUNTIMES[0])


def asked(world: LoginWorld, error: Exception | None = None, *, page: bool = True, **headers: Any) -> HttpResponse:
    """The answer of a route that raises ``error``."""

    def operate(login: LoginRequest) -> HttpResponse:
        assert error is not None
        raise error

    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest("GET", "/saas/x", (("code", SECRET),), sent, b"", "request-7")
    return answer(world.app, request, BrowserRoute("example", ("GET",), operate, page=page))


ERRORS = [
    (Unavailable("the store does not answer"), 503, "busy"),
    (ConfigurationError("set KOOGALLERY_SESSION_KEY"), 500, "not-set-up"),
    (RuntimeError(f"cannot use {SECRET}"), 500, "internal-error"),
    (KeyError(SECRET), 500, "internal-error"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS, ids=lambda value: str(value)[:20])
def test_errors_become_pages_with_a_reference(world, error, status, code, log_lines):
    response = asked(world, error, accept_language="zh")
    text = response.body.decode()
    assert response.status == status
    assert "参考编号：<code>request-7</code>" in text
    assert SECRET not in text
    assert "Traceback" not in text
    assert SECRET not in log_lines.text
    assert log_lines("answered")[-1]["result"] == str(status)
    assert log_lines("answered")[-1]["request_id"] == "request-7"


@pytest.mark.parametrize(("error", "status", "code"), ERRORS, ids=lambda value: str(value)[:20])
def test_errors_become_json_for_programs(world, error, status, code):
    response = asked(world, error, page=False)
    members = json.loads(response.body)
    assert (response.status, members["error"], members["reference"]) == (status, code, "request-7")
    assert SECRET not in response.body.decode()


def test_the_store_is_gone(world):
    browser = world.logged_in()

    def fail(table, method):
        raise Unavailable("the store does not answer")

    world.tables.before = fail
    status, members = browser.session()
    assert (status, members["error"]) == (503, "busy")


@pytest.mark.parametrize("page", [True, False])
def test_what_is_not_set_up_is_said_without_any_setting(world, page):
    for name in ("KOOGALLERY_PUBLIC_URL", "KOOGALLERY_APP_URL", "KOOGALLERY_APP_ID"):
        world.values[name] = ""
    response = asked(world, page=page, origin="https://app.example.com")
    assert response.status == 500
    assert "Access-Control-Allow-Origin" not in response.headers
    assert (b"<a " in response.body) is False


@pytest.mark.parametrize("key", ["", "on"])
def test_without_a_storage_key_pages_say_that_something_is_not_set_up(world, key, log_lines):
    world.values["KOOGALLERY_STORAGE_KEY"] = key
    assert asked(world, ConfigurationError("never asked")).status == 500
    assert [line["message"] for line in log_lines() if line["level"] == "ERROR"] != ["never asked"]
    assert "KOOGALLERY_STORAGE_KEY" in log_lines.text


def test_an_answer_is_not_later_than_the_platform_allows(world):
    lefts = []

    def operate(login: LoginRequest) -> HttpResponse:
        lefts.append(login.deadline.left())
        return HttpResponse(200, {}, b"")

    route = BrowserRoute("example", ("GET",), operate)
    for seconds in (60.0, 5.0, 1.0):
        answer(world.app, HttpRequest("GET", "/saas/x"), route, seconds)
    assert lefts == [8.0, 3.5, 0.0]


def test_a_server_that_does_not_answer_costs_no_more_than_is_left(world):
    def never(request):
        world.clock.advance(100)
        raise Unavailable("no answer in time")

    browser = world.visitor()
    callback = browser.begin()
    world.client.handle = never
    response = browser.go(callback)
    assert response.status == 502
    assert world.client.left == [8.0]


def test_the_clock_of_a_session_is_the_bundles(tmp_path):
    ahead = SystemClock(10 * 365 * 86400)
    world = LoginWorld(tmp_path, RUNTIMES[0], clock=ahead)
    status, members = world.logged_in().session()
    assert status == 200
    assert datetime.strptime(members["ends"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) > ahead.now()
    body = json.dumps({"token": members["token"]}).encode()
    told = world.visitor().saas("/session", "POST", body, authorization=f"Bearer {APP_TOKEN}")
    assert json.loads(told.body)["active"] is True
