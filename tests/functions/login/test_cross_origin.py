"""What a browser asks before it sends a request of the application's pages, and who may read the answers."""

import pytest

from functions import login
from tests.login_world import APP, BUNDLE

TRACED = {
    "access_control_request_method": "GET",
    "access_control_request_headers": "content-type,traceparent,x-b3-traceid",
}
FETCHED = {
    "/session": "GET, POST",
    "/session/refresh": "POST",
    "/logout": "GET, POST",
}


@pytest.mark.parametrize("path", FETCHED)
def test_the_applications_pages_may_send_tracing_headers(world, path):
    world.tables.reset()
    response = world.visitor().saas(path, "OPTIONS", origin=APP, **TRACED)
    assert (response.status, response.body) == (204, b"")
    headers = response.headers
    assert headers["Access-Control-Allow-Origin"] == APP
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Access-Control-Allow-Methods"] == FETCHED[path]
    assert headers["Access-Control-Allow-Headers"] == TRACED["access_control_request_headers"]
    assert headers["Vary"] == "Origin"
    assert world.tables.total == 0


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", f"{APP}.evil.example.org", BUNDLE, ""])
@pytest.mark.parametrize("path", FETCHED)
def test_other_pages_may_not(world, path, origin):
    response = world.visitor().saas(path, "OPTIONS", **({"origin": origin} if origin else {}), **TRACED)
    assert response.status == 204
    assert not [name for name in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("names", ["a\r\nX: y", "(", "é", "a" * 2000])
def test_names_that_are_none_are_not_repeated(world, names):
    response = world.visitor().saas("/session", "OPTIONS", origin=APP, access_control_request_headers=names)
    assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (204, APP)
    assert "Access-Control-Allow-Headers" not in response.headers


def test_everybody_may_read_the_keys(world):
    for origin in (APP, "https://other.example.org"):
        asked = world.visitor().saas("/.well-known/jwks.json", "OPTIONS", origin=origin, **TRACED)
        answer = world.visitor().saas("/.well-known/jwks.json", origin=origin)
        assert (asked.status, answer.status) == (204, 200)
        for response in (asked, answer):
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("path", ["/login", "/login/callback"])
def test_pages_that_nobody_fetches_have_no_preflight(world, path):
    assert world.visitor().saas(path, "OPTIONS", origin=APP, **TRACED).status == 405


def test_a_refused_method_can_be_read(world):
    response = world.visitor().saas("/session", "DELETE", origin=APP)
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST, OPTIONS")
    assert response.headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("path", login.MODULES)
def test_no_answer_may_be_kept(world, path):
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        assert world.visitor().send(method, f"{BUNDLE}/saas{path}").headers["Cache-Control"] == "no-store"
