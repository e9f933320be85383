"""Tokens, codes, names and secrets of login are nowhere but where they belong."""

import json
import sqlite3
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.http import HttpRequest, HttpResponse
from shared.log import FIELDS
from tests.events import RUNTIMES
from tests.login_world import APP_TOKEN, BUNDLE, LI, TENANT, ZHANG, LoginWorld


@pytest.fixture(params=[RUNTIMES[0], RUNTIMES[-1]], ids=lambda platform: platform.name)
def world(request, tmp_path) -> LoginWorld:
    return LoginWorld(tmp_path, request.param)


class Spy:
    """Remembers every secret that passes."""

    def __init__(self, world: LoginWorld) -> None:
        self.secrets = {ZHANG, LI, "Zhang San", "Li Si", APP_TOKEN, world.enterprise.client_secret}
        self.secrets.add(world.values["KOOGALLERY_SESSION_KEY"].splitlines()[1])
        answer = world.client.handle

        def handle(request: HttpRequest) -> HttpResponse:
            response = answer(request)
            sent = dict(parse_qsl(request.body.decode()))
            self.secrets |= {sent[name] for name in ("code", "refresh_token") if name in sent}
            given = json.loads(response.body)
            self.secrets |= {given[name] for name in ("access_token", "refresh_token") if given.get(name)}
            return response

        world.client.handle = handle

    def found_in(self, text: str) -> list[str]:
        return sorted(secret for secret in self.secrets if secret in text or json.dumps(secret)[1:-1] in text)


def life(world: LoginWorld, spy: Spy) -> None:
    """Everything that can happen to a session, with its failures."""
    browser, li = world.visitor(), world.logged_in(LI)
    for query in ("", f"?tenant={TENANT}", "?return_to=/private/zhang-file"):
        browser.log_in(query=query)
    spy.secrets |= {browser.jar["__Host-koogallery-session"], li.jar["__Host-koogallery-session"]}
    spy.secrets.add(dict(parse_qsl(urlsplit(browser.trail[-2]).query))["code"])
    spy.secrets.add("zhang-file")
    token = browser.session()[1]["token"]
    spy.secrets.add(token)
    browser.saas(f"/session?token={token}", authorization=f"Bearer {APP_TOKEN}")
    browser.saas(f"/session?token={token}", authorization="Bearer wrong-token-4711")
    spy.secrets.add("wrong-token-4711")
    world.clock.advance(timedelta(hours=3))
    spy.secrets.add(browser.session()[1]["token"])
    browser.send("GET", f"{BUNDLE}/saas/login")
    browser.saas(f"/login/callback?code=bad-code-4711&tenant={TENANT}")
    browser.go(browser.begin("bad-code-4711"))
    spy.secrets.add("bad-code-4711")
    world.enterprise.client_secret, before = "another-secret-4711", world.enterprise.client_secret
    spy.secrets.add("another-secret-4711")
    browser.log_in()
    world.enterprise.client_secret = before
    world.clock.advance(1)
    world.say(LI, enabled=False)
    li.session()
    browser.saas("/logout")
    world.logged_in()


def test_nothing_in_the_log(world, log_lines):
    spy = Spy(world)
    life(world, spy)
    assert len(spy.secrets) > 20
    assert spy.found_in(log_lines.text) == []
    standard = {"level", "location", "message", "timestamp", "service"}
    for line in log_lines("answered"):
        assert set(line) - standard <= FIELDS
        assert {"interface", "result", "milliseconds", "request_id"} <= set(line)
    assert {line["level"] for line in log_lines("answered")} == {"INFO"}


def test_nothing_readable_in_the_store(world, tmp_path):
    spy = Spy(world)
    life(world, spy)
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        rows = [row[0] for row in connection.execute("SELECT item FROM sessions")]
        text = "\n".join(connection.iterdump())
    connection.close()
    sealed = [json.loads(row)["sealed"] for row in rows if "sealed" in row]
    assert any("refresh_token" in world.app.sessions._cipher.open(each) for each in sealed)
    assert spy.found_in("\n".join(rows)) == []
    # The directory has user names as keys: they are what the marketplace and the application call people.
    assert [each for each in spy.found_in(text) if each not in (ZHANG, LI)] == []


def test_an_unforeseen_error_shows_nothing(world, log_lines):
    spy = Spy(world)
    browser = world.visitor()
    callback = browser.begin()
    answer = world.client.handle

    def fail(request: HttpRequest) -> HttpResponse:
        answer(request)
        raise RuntimeError(f"cannot send {request.body.decode()}")

    world.client.handle = fail
    response = browser.go(callback)
    assert response.status == 500
    assert spy.found_in(log_lines.text + response.body.decode()) == []
    assert log_lines("unforeseen error")


def test_reprs_show_nothing(world):
    spy = Spy(world)
    browser = world.logged_in()
    spy.secrets.add(browser.jar["__Host-koogallery-session"])
    session = world.app.sessions.find(browser.jar["__Host-koogallery-session"])
    app = world.app
    things = [session, app, app.settings, app.sign_in, app.session_tokens, app.sessions, world.enterprise]
    text = repr(things)
    assert [each for each in spy.found_in(text) if each not in (ZHANG, LI, "Zhang San", "Li Si")] == []
    assert spy.found_in(repr(things[:-1])) == []
