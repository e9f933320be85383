"""The marketplace's access token is renewed in time, and once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from emulator.clock import MovableClock
from emulator.sign_in.server import Identity
from shared.errors import Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.provisioning import State
from tests.events import RUNTIMES
from tests.functions.login.test_session import sync, user
from tests.login_world import APP, APP_ID, INSTANCE, ZHANG, Browser, LoginWorld
from tests.world import together


def test_nothing_is_asked_before_it_is_due(world):
    browser = world.logged_in()
    for _ in range(10):
        world.clock.advance(timedelta(minutes=10))
        assert browser.saas("/session/refresh", "POST").status == 200
        assert browser.session()[0] == 200
    assert world.refreshes() == 0


def test_it_is_renewed_shortly_before_its_end(world):
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=1, minutes=49))
    browser.saas("/session/refresh", "POST")
    assert world.refreshes() == 0
    world.clock.advance(timedelta(minutes=2))
    answer = json.loads(browser.saas("/session/refresh", "POST").body)
    assert answer["user"]["userName"] == ZHANG
    assert world.refreshes() == 1
    browser.saas("/session/refresh", "POST")
    assert world.refreshes() == 1


REMOVALS: dict[str, Callable[[LoginWorld], None]] = {
    "user": lambda world: sync(world, "authSync", {"appId": APP_ID, "flag": 0, "userList": [user(ZHANG)]}),
    "authorisation": lambda world: sync(world, "authSync", {"appId": APP_ID, "flag": 3, "userList": [user(ZHANG)]}),
    "application": lambda world: sync(
        world, "applicationSync", {"appId": APP_ID, "clientId": "c", "clientSecret": "", "flag": 0}
    ),
    "tenant": lambda world: sync(
        world,
        "tenantSync",
        {"orderId": "CS1", "tenantCode": "acme", "name": "A", "domainName": "a.example.com", "flag": 0},
    ),
}


@pytest.mark.parametrize("down", [False, True], ids=["answered", "no answer"])
@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)
def test_whoever_is_removed_while_the_marketplace_is_asked_gets_no_token(world, removal, down):
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=1, minutes=55))
    answer = world.client.handle

    def meanwhile(request: HttpRequest) -> HttpResponse:
        world.client.handle = answer
        removal(world)
        world.identity.behaviour.down = down
        answered: HttpResponse = answer(request)
        return answered

    world.client.handle = meanwhile
    response = browser.saas("/session/refresh", "POST")
    assert (response.status, "token" in json.loads(response.body)) == (401, False)
    assert browser.session()[0] == 401


@pytest.mark.parametrize("rotates", [True, False])
def test_day_after_day(world, rotates):
    world.identity.behaviour.rotates = rotates
    browser = world.logged_in()
    for day in range(1, 20):
        world.clock.advance(timedelta(days=1))
        assert browser.session()[0] == 200
        assert world.refreshes() == day


def test_a_short_life_is_no_reason_to_ask_at_every_request(world):
    """The lives are the enterprise's to set."""
    world.identity.behaviour.access_seconds = 120
    browser = world.logged_in()
    for _ in range(3):
        assert browser.session()[0] == 200
    assert world.refreshes() == 0
    world.clock.advance(100)
    browser.session()
    assert world.refreshes() == 1


def test_a_refused_renewal_ends_the_session(world):
    browser = world.logged_in()
    world.enterprise.add(replace(world.enterprise.members[ZHANG], enabled=False))
    world.clock.advance(timedelta(hours=3))
    response = browser.saas("/session/refresh", "POST")
    assert response.status == 401
    assert json.loads(response.body)["login"].endswith("/saas/login")
    world.enterprise.add(replace(world.enterprise.members[ZHANG], enabled=True))
    assert browser.session()[0] == 401


def test_the_refresh_token_ends_too(world):
    world.identity.behaviour.refresh_seconds = 3 * 86400
    browser = world.logged_in()
    world.clock.advance(timedelta(days=4))
    assert browser.session()[0] == 401


def test_a_server_that_is_down_does_not_matter_while_the_token_is_good(world):
    browser = world.logged_in()
    world.identity.behaviour.down = True
    world.clock.advance(timedelta(hours=1, minutes=55))
    assert browser.session()[0] == 200
    world.clock.advance(timedelta(minutes=6))
    status, members = browser.session()
    assert (status, members["error"]) == (502, "marketplace-down")
    world.identity.behaviour.down = False
    assert browser.session()[0] == 200, "nothing was lost"


def test_refused_credentials_are_for_the_seller_to_hear(world, log_lines):
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=3))
    world.enterprise.client_secret, before = "changed", world.enterprise.client_secret
    assert browser.session()[0] == 500
    assert "refuses the tenant's client" in log_lines.text
    world.enterprise.client_secret = before
    assert browser.session()[0] == 200


def test_a_frozen_instance_is_not_renewed_even_if_nobody_ended_the_session(world):
    browser = world.logged_in()
    world.set_state(State.FROZEN)
    world.clock.advance(timedelta(hours=3))
    status, members = browser.session()
    assert (status, members["error"], world.refreshes()) == (403, "frozen", 0)
    assert browser.session()[0] == 401


def test_an_instance_among_others_that_is_gone(world):
    browser = world.logged_in()
    world.clock.advance(10)
    world.buy("CS7", "business-7")
    world.bind("business-7")
    world.set_state(State.RELEASED, INSTANCE)
    world.clock.advance(timedelta(hours=3))
    assert browser.session()[1]["error"] == "released"
    browser.log_in()
    assert browser.session()[1]["instanceId"] == "business-7"


def test_logging_out_meanwhile_wins(world):
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=3))
    session_id = browser.jar["__Host-koogallery-session"]
    answer = world.client.handle

    def log_out_first(request):
        world.app.sessions.end(session_id)
        answered: HttpResponse = answer(request)
        return answered

    world.client.handle = log_out_first
    assert browser.session()[0] == 401
    assert world.app.sessions.find(session_id) is None


def test_a_lease_whose_owner_died_runs_out(world):
    class Death(BaseException):
        pass

    browser = world.logged_in()
    world.clock.advance(timedelta(hours=3))
    answer = world.client.handle

    def die(request):
        raise Death

    world.client.handle = die
    with pytest.raises(Death):
        browser.session()
    world.client.handle = answer
    status, members = browser.session()
    assert (status, members["error"]) == (503, "busy"), "the lease is held"
    world.clock.advance(15)
    assert browser.session()[0] == 200
    assert world.refreshes() == 1


def test_an_answer_that_is_lost(world):
    """The server has replaced the refresh token, and nobody knows the new one."""
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=3))
    answer = world.client.handle

    def lose(request):
        answer(request)
        raise Unavailable("the connection broke")

    world.client.handle = lose
    assert browser.session()[0] == 502
    world.client.handle = answer
    assert browser.session()[0] == 401
    browser.log_in()
    assert browser.session()[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://app.example.com"])
def test_a_foreign_page_cannot_make_a_browser_do_it(world, origin):
    browser = world.logged_in()
    response = browser.saas("/session/refresh", "POST", origin=origin)
    assert (response.status, json.loads(response.body)["error"]) == (400, "address-refused")
    assert browser.saas("/session/refresh", "POST", origin=APP).status == 200


def test_only_post(world):
    assert world.logged_in().saas("/session/refresh").status == 405


def test_a_hundred_requests_at_once_make_one_call(tmp_path):
    clock = MovableClock()
    world = LoginWorld(tmp_path, RUNTIMES[0], clock=clock, identity=Identity(clock))
    cookies = world.logged_in().cookies
    clock.set(clock.now() + timedelta(hours=3))

    def ask(index):
        browser = Browser(world, cookies={host: dict(jar) for host, jar in cookies.items()})
        return browser.saas("/session/refresh", "POST").status if index % 2 else browser.session()[0]

    assert together(100, ask) == [200] * 100
    assert world.refreshes() == 1
