"""Logging out, however it is asked for."""

import json
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from tests.login_world import APP, APP_TOKEN, BUNDLE, LI, SIGN_IN, TENANT

BEARER = {"authorization": f"Bearer {APP_TOKEN}"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_sessions_end(world, method):
    browser = world.logged_in()
    response = browser.saas("/logout", method)
    assert browser.trail[1].startswith(f"{SIGN_IN}/api/v1/logout?")
    assert (response.status, browser.url) == (200, f"{BUNDLE}/saas/logout")
    assert b"You are signed out" in response.body
    assert browser.jar == {}
    assert browser.session()[0] == 401
    assert b'name="password"' in browser.saas("/login").body, "the marketplace asks again"


def test_the_session_itself_ends_not_only_the_cookie(world):
    browser = world.logged_in()
    kept = dict(browser.jar)
    browser.saas("/logout")
    browser.jar.update(kept)
    assert browser.session()[0] == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_needs_no_session_and_can_be_repeated(world, method):
    browser = world.visitor()
    for _ in range(3):
        response = browser.saas("/logout", method)
        assert (response.status, browser.trail) == (200, [f"{BUNDLE}/saas/logout"])


@pytest.mark.parametrize(
    "back", [APP, f"{APP}/bye?x=1", "/bye", f"{BUNDLE}/saas/login", "https://APP.example.com:443/"]
)
def test_the_way_back(world, back):
    for browser in (world.logged_in(), world.visitor()):
        response = browser.send("GET", f"{BUNDLE}/saas/logout?redirect_url={quote(back, safe='')}")
        location = response.headers["Location"]
        if location.startswith(SIGN_IN):
            location = dict(parse_qsl(urlsplit(location).query))["redirect_url"]
        assert location == (f"{APP}/bye" if back == "/bye" else back)


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example.org/",
        "https://app.example.com.evil.example.org/",
        "https://app.example.com@evil.example.org/",
        "https://evil.example.org\\@app.example.com/",
        "https://app.example.com:444/",
        "http://app.example.com/",
        "//evil.example.org",
        "/\\evil.example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:evil.example.org",
        "https:///evil.example.org",
        "https://[::1",
        "https://app.example.com/\r\nSet-Cookie: x=1",
        " https://evil.example.org",
        "evil",
    ],
)
def test_no_other_way_back_is_taken(world, back):
    browser = world.logged_in()
    response = browser.send("GET", f"{BUNDLE}/saas/logout?redirect_url={quote(back, safe='')}")
    assert response.status == 400
    assert "Location" not in response.headers
    assert b"evil" not in response.body
    assert browser.session()[0] == 401, "signed out all the same"


def test_a_program_gets_no_page(world):
    browser = world.logged_in()
    response = browser.send("POST", f"{BUNDLE}/saas/logout", accept="application/json, */*")
    assert (response.status, response.body) == (204, b"")
    assert browser.jar == {}
    assert browser.session()[0] == 401
    assert browser.send("POST", f"{BUNDLE}/saas/logout", accept="application/json").status == 204


def test_the_application_ends_a_session(world):
    zhang, li = world.logged_in(), world.logged_in(LI)
    token = zhang.session()[1]["token"]
    for _ in range(2):
        response = world.visitor().saas("/logout", "POST", json.dumps({"token": token}).encode(), **BEARER)
        assert response.status == 204
    assert (zhang.session()[0], li.session()[0]) == (401, 200)


def test_the_application_names_no_session(world):
    browser = world.logged_in()
    assert world.visitor().saas("/logout", "POST", b'{"token":"x"}', **BEARER).status == 204
    assert world.visitor().saas("/logout", "POST", **BEARER).status == 204
    assert browser.session()[0] == 200


def test_a_wrong_token_ends_nothing(world):
    browser = world.logged_in()
    token = browser.session()[1]["token"]
    assert (
        world.visitor().saas("/logout", "POST", json.dumps({"token": token}).encode(), authorization="Bearer x").status
        == 401
    )
    assert world.visitor().saas("/logout", "POST", json.dumps({"token": token}).encode()).status == 200
    assert browser.session()[0] == 200, "nor does the token alone"


def test_a_foreign_page_cannot_post(world):
    browser = world.logged_in()
    assert browser.saas("/logout", "POST", origin="https://evil.example.org").status == 400
    assert browser.session()[0] == 200
    assert browser.saas("/logout", "POST", origin=APP).status == 200
    assert browser.session()[0] == 401


def test_with_a_tenant_the_marketplace_is_told_even_without_a_session(world):
    browser = world.visitor()
    browser.saas(f"/logout?tenant={TENANT}")
    assert browser.trail[1].startswith(f"{SIGN_IN}/api/v1/logout")
    assert world.visitor().saas("/logout?tenant=nobody").status == 200


def test_keys_are_published(world):
    response = world.visitor().saas("/.well-known/jwks.json")
    (key,) = json.loads(response.body)["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"
