"""The emulated sign-in server refuses what the real one refuses, in its words."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Who
from emulator.sign_in.server import PORTAL, Identity
from shared.http import HttpRequest, HttpResponse
from tests.fakes import FakeClock

CALLBACK = "http://127.0.0.1:8000/saas/login/callback"
TOKEN, AUTHORIZE = "/api/v1/oauth2/token", "/api/v1/oauth2/authorize"


class SignInWorld:
    """A server with an enterprise, and what one can ask it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.identity = Identity(self.clock)
        self.acme = self.identity.add(SignInEnterprise("tenant-1", "Acme", CALLBACK))
        self.acme.add(Member("zhang@acme", "Zhang San", "password-1", "admin"))
        self.cookie = ""

    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        **headers: Any,
    ) -> HttpResponse:
        sent = {"cookie": self.cookie, **headers} if self.cookie else headers
        pairs = tuple((query or {}).items())
        response = self.identity.handle(HttpRequest(method, path, pairs, sent, urlencode(form or {}).encode()))
        assert response is not None
        for cookie in response.cookies:
            self.cookie = "" if "Max-Age=0" in cookie else cookie.partition(";")[0]
        return response

    def token(self, **form: str) -> tuple[int, dict[str, Any]]:
        client = {"client_id": self.acme.client_id, "client_secret": self.acme.client_secret}
        response = self.ask("POST", TOKEN, form=client | form)
        return response.status, json.loads(response.body)

    def code(self, asked_with: str = "") -> str:
        return self.identity.api.code(Who("tenant-1", "zhang@acme", asked_with))

    def tokens(self) -> dict[str, Any]:
        status, tokens = self.token(grant_type="authorization_code", code=self.code())
        assert status == 200
        return tokens


@pytest.fixture
def world() -> SignInWorld:
    return SignInWorld()


GOOD = {"account": "zhang@acme", "password": "password-1"}


def test_the_portal_asks_and_sends_back_with_code_and_tenant(world: SignInWorld) -> None:
    page = world.ask("GET", PORTAL)
    assert b'name="password"' in page.body
    response = world.ask("POST", PORTAL, form=GOOD)
    sent = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert response.headers["Location"].startswith(f"{CALLBACK}?")
    assert sent["tenant"] == "tenant-1"
    assert set(sent) == {"code", "tenant"}
    assert world.ask("GET", PORTAL).status == 302, "who is signed in is not asked again"


@pytest.mark.parametrize("form", [GOOD | {"password": "x"}, GOOD | {"account": "li@acme"}, {}])
def test_wrong_passwords(world: SignInWorld, form: dict[str, str]) -> None:
    response = world.ask("POST", PORTAL, form=form)
    assert (response.status, b"Wrong account or password" in response.body, world.cookie) == (401, True, "")


def test_a_disabled_member_cannot_sign_in_and_is_not_renewed(world: SignInWorld) -> None:
    tokens = world.tokens()
    world.acme.add(replace(world.acme.members["zhang@acme"], enabled=False))
    assert world.ask("POST", PORTAL, form=GOOD).status == 401
    assert world.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])[0] == 400


def test_authorize_keeps_the_state(world: SignInWorld) -> None:
    query = {"client_id": world.acme.client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "abc123"}
    assert world.ask("GET", AUTHORIZE, query).status == 200
    response = world.ask("POST", AUTHORIZE, query, GOOD)
    sent = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert (sent["state"], set(sent)) == ("abc123", {"code", "state"})
    right = world.token(grant_type="authorization_code", code=sent["code"], redirect_uri=CALLBACK)
    assert right[0] == 200


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"redirect_uri": "https://evil.example.org"}])
def test_authorize_for_somebody_else(world: SignInWorld, wrong: dict[str, str]) -> None:
    query = {"client_id": world.acme.client_id, "redirect_uri": CALLBACK, "response_type": "code"} | wrong
    response = world.ask("GET", AUTHORIZE, query)
    assert (response.status, json.loads(response.body)["error_description"]) == (400, "Client ID mismatch")


def test_tokens_as_documented(world: SignInWorld) -> None:
    tokens = world.tokens()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 7200, "get_user_info")


INVALID_CODE = (400, {"error": "invalid_grant", "error_description": "Invalid authorization code"})


def test_a_code_works_once_and_not_for_ever(world: SignInWorld) -> None:
    code, late = world.code(), world.code()
    assert world.token(grant_type="authorization_code", code=code)[0] == 200
    assert world.token(grant_type="authorization_code", code=code) == INVALID_CODE
    world.clock.advance(300)
    assert world.token(grant_type="authorization_code", code=late) == INVALID_CODE
    assert world.token(grant_type="authorization_code", code="unknown") == INVALID_CODE


def test_a_code_is_bound_to_its_callback(world: SignInWorld) -> None:
    assert world.token(grant_type="authorization_code", code=world.code(CALLBACK)) == INVALID_CODE


def test_wrong_client_credentials(world: SignInWorld) -> None:
    status, members = world.token(grant_type="authorization_code", code=world.code(), client_secret="x")
    assert (status, members["error_description"]) == (401, "Bad client credentials")


def test_anothers_code(world: SignInWorld) -> None:
    world.identity.add(SignInEnterprise("tenant-2", "Other", CALLBACK)).add(Member("li", "Li", "x"))
    code = world.identity.api.code(Who("tenant-2", "li"))
    status, members = world.token(grant_type="authorization_code", code=code)
    assert (status, members["error_description"]) == (400, "Client ID mismatch")


INVALID_REFRESH = (400, {"error": "invalid_grant", "error_description": "Invalid refresh token"})


@pytest.mark.parametrize("rotates", [True, False])
def test_refresh(world: SignInWorld, rotates: bool) -> None:
    world.identity.behaviour.rotates = rotates
    first = world.tokens()
    status, second = world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert status == 200
    assert second["access_token"] != first["access_token"]
    assert (second["refresh_token"] != first["refresh_token"]) is rotates
    again = world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again == INVALID_REFRESH if rotates else again[0] == 200
    world.clock.advance(31 * 86400)
    assert world.token(grant_type="refresh_token", refresh_token=second["refresh_token"]) == INVALID_REFRESH


def userinfo(world: SignInWorld, header: str) -> tuple[int, dict[str, Any]]:
    response = world.ask("GET", "/api/v1/oauth2/userinfo", authorization=header)
    return response.status, json.loads(response.body)


def test_userinfo(world: SignInWorld) -> None:
    token = world.tokens()["access_token"]
    status, info = userinfo(world, f"Bearer {token}")
    assert (status, info["userName"], info["tenant"], info["role"]) == (200, "zhang@acme", "tenant-1", "admin")
    world.clock.advance(7200)
    refused = {
        "error": "unauthorized",
        "error_description": "Full authentication is required to access this resource",
    }
    for header in (f"Bearer {token}", "Bearer x", token, ""):
        assert userinfo(world, header) == (401, refused)


def test_logout_ends_everything(world: SignInWorld) -> None:
    world.ask("POST", PORTAL, form=GOOD)
    tokens = world.tokens()
    response = world.ask("GET", "/api/v1/logout", {"redirect_url": "http://127.0.0.1:8000/saas/logout"})
    assert response.headers["Location"] == "http://127.0.0.1:8000/saas/logout"
    assert world.cookie == ""
    assert userinfo(world, f"Bearer {tokens['access_token']}")[0] == 401
    assert world.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]) == INVALID_REFRESH
    assert world.ask("GET", "/api/v1/logout").status == 200
    assert world.ask("GET", PORTAL).status == 200, "the form is shown again"


def test_cas(world: SignInWorld) -> None:
    service = f"{CALLBACK}?tenant=tenant-1"
    response = world.ask("POST", "/api/v1/cas/login", {"service": service}, GOOD)
    ticket = dict(parse_qsl(urlsplit(response.headers["Location"]).query))["ticket"]
    assert ticket.startswith("ST-")
    validate = "/api/v1/cas/p3/serviceValidate"
    good = json.loads(world.ask("GET", validate, {"service": service, "ticket": ticket}).body)
    assert good["serviceResponse"]["authenticationSuccess"]["attributes"]["userName"] == "zhang@acme"
    again = json.loads(world.ask("GET", validate, {"service": service, "ticket": ticket}).body)
    assert again["serviceResponse"]["authenticationFailure"]["code"] == "INVALID_TICKET"


def test_down(world: SignInWorld) -> None:
    world.identity.behaviour.down = True
    assert world.ask("POST", TOKEN).status == 503


def test_other_paths_are_others(world: SignInWorld) -> None:
    assert world.identity.handle(HttpRequest("GET", "/elsewhere")) is None
