"""What browsers and the application are told of a session, and how it ends."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
import pytest

from emulator.wire.sync_calls import SyncV2Calls, stamp
from functions import gateway
from shared.directory import AuthorisationStatus
from shared.pipelines.marketplace import answer
from shared.provisioning import State
from tests.login_world import APP, APP_ID, APP_TOKEN, BUNDLE, INSTANCE, LI, TENANT, ZHANG, LoginWorld, new_key

BEARER = {"authorization": f"Bearer {APP_TOKEN}"}


def asked(world: LoginWorld, token: str, **headers: Any) -> tuple[int, Any]:
    """What the application is told about a token."""
    body = json.dumps({"token": token}).encode()
    response = world.visitor().saas("/session", "POST", body, **(BEARER | headers))
    return response.status, json.loads(response.body)


def verified(world: LoginWorld, token: str) -> dict[str, Any]:
    """As the application does it, with the published keys only."""
    published = json.loads(world.visitor().saas("/.well-known/jwks.json").body)
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(each for each in jwt.PyJWKSet.from_dict(published).keys if each.key_id == kid)
    options: Any = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key, algorithms=["ES256"], audience=APP_ID, issuer=f"{BUNDLE}/saas", options=options)


def test_without_a_session(world):
    status, members = world.visitor().session()
    assert status == 401
    assert members.pop("reference")
    assert members == {"error": "login-required", "message": "Please sign in", "login": f"{BUNDLE}/saas/login"}


@pytest.mark.parametrize("session_id", ["x", "", "a" * 5000, "ü"])
def test_an_id_that_opens_nothing(world, session_id):
    browser = world.visitor()
    browser.jar["__Host-koogallery-session"] = session_id
    assert browser.session()[0] == 401


def test_the_token_tells_who_it_is(world):
    _, members = world.logged_in().session()
    claims = verified(world, members["token"])
    sid = claims.pop("sid")
    now = int(world.clock.now().timestamp())
    assert claims == {
        "iss": f"{BUNDLE}/saas",
        "aud": APP_ID,
        "sub": ZHANG,
        "iat": now,
        "exp": now + members["tokenSeconds"],
        "tenant": TENANT,
        "instance": INSTANCE,
        "role": "admin",
        "org": "A01",
    }
    assert world.app.sessions.find(sid) is None, "the session's name does not open it"


def test_the_answer_is_for_the_application_only(world):
    browser = world.logged_in()
    for origin, allowed in ((APP, APP), ("https://evil.example.org", None), ("null", None), (BUNDLE, None)):
        headers = browser.saas("/session", origin=origin).headers
        assert headers.get("Access-Control-Allow-Origin") == allowed
        assert headers["Cache-Control"] == "no-store"
    assert browser.saas("/session", origin=APP).headers["Access-Control-Allow-Credentials"] == "true"
    assert world.visitor().saas("/session", origin=APP).headers["Access-Control-Allow-Origin"] == APP


def test_a_role_that_changed_is_in_the_next_token(world):
    browser = world.logged_in()
    world.clock.advance(1)
    world.say(ZHANG, role="user")
    status, members = browser.session()
    assert (status, members["user"]["role"], verified(world, members["token"])["role"]) == (200, "user", "user")


def test_costs(world):
    browser = world.logged_in()
    world.tables.reset()
    browser.session()
    assert world.tables.calls == {("sessions", "get"): 1, ("sessions", "get_many"): 1, ("directory", "query"): 1}


# --- the application asks ---------------------------------------------------------------------------------------------


def test_the_application_asks_about_a_token(world):
    _, members = world.logged_in().session()
    status, told = asked(world, members["token"])
    assert (status, told["active"], told["user"]) == (200, True, members["user"])


def test_a_form_will_do_too(world):
    token = world.logged_in().session()[1]["token"]
    form = {"content_type": "application/x-www-form-urlencoded"}
    response = world.visitor().saas("/session", "POST", f"token={token}".encode(), **BEARER, **form)
    assert json.loads(response.body)["active"] is True


@pytest.mark.parametrize(
    "body", [b"x", b"[]", b"{}", b'{"token": 1}', b'{"token": "\\ud800"}', b'{"token": "' + b"a" * 20_000 + b'"}']
)
def test_a_body_without_a_token(world, body, log_lines):
    response = world.logged_in().saas("/session", "POST", body, **BEARER)
    assert (response.status, json.loads(response.body)["error"]) == (400, "malformed")
    assert not [line for line in log_lines() if line["level"] == "ERROR"]


def test_a_token_in_the_query_still_counts_and_is_noted(world, log_lines):
    token = world.logged_in().session()[1]["token"]
    response = world.visitor().saas(f"/session?token={token}", **BEARER)
    assert json.loads(response.body)["active"] is True
    assert len(log_lines("a session's token came in the query: send it in the body")) == 1
    assert token not in log_lines.text


def test_a_foreign_page_cannot_post_for_the_user(world):
    browser = world.logged_in()
    assert browser.saas("/session", "POST", origin=APP).status == 200
    assert browser.saas("/session", "POST", origin="https://evil.example.org").status == 400


def test_the_application_asks_about_the_browsers_cookie(world):
    browser = world.logged_in()
    told = json.loads(browser.saas("/session", **BEARER).body)
    assert (told["active"], told["user"]["userName"]) == (True, ZHANG)


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "", f"Basic {APP_TOKEN}", APP_TOKEN])
def test_nobody_else_may_ask(world, header):
    _, members = world.logged_in().session()
    status, told = asked(world, members["token"], authorization=header)
    assert (status, told["error"]) == (401, "login-required")


def test_what_is_not_active(world):
    browser = world.logged_in()
    token = browser.session()[1]["token"]
    header, payload, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)
    forged = [
        jwt.encode(claims, new_key(), algorithm="ES256", headers=kid),
        jwt.encode(claims, "", algorithm="none", headers={"kid": kid["kid"]}),
        jwt.encode(claims, "x" * 32, algorithm="HS256", headers={"kid": kid["kid"]}),
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        claims["sid"],
        "",
        "a.b.c",
    ]
    assert [asked(world, each) for each in forged] == [(200, {"active": False})] * len(forged)
    assert json.loads(world.visitor().saas("/session", **BEARER).body) == {"active": False}
    assert asked(world, token)[1]["active"] is True
    world.clock.advance(301)
    assert asked(world, token) == (200, {"active": False})


def test_a_token_of_an_ended_session_is_not_active(world):
    browser = world.logged_in()
    token = browser.session()[1]["token"]
    browser.saas("/logout")
    assert asked(world, token) == (200, {"active": False})


def test_the_application_is_told_when_nobody_can_say(world):
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=3))
    world.identity.behaviour.down = True
    response = browser.saas("/session", **BEARER)
    assert (response.status, json.loads(response.body)["error"]) == (502, "marketplace-down")


# --- how sessions end -------------------------------------------------------------------------------------------------


def sync(world: LoginWorld, name: str, members: Mapping[str, Any]) -> None:
    """A call of organisation sync, as it comes in."""
    world.values["KOOGALLERY_SYNC_ACCESS_KEY"] = "sync-access-key"
    world.clock.advance(1)
    said = {"instanceId": INSTANCE, "tenantId": TENANT, "currentSyncTime": stamp(world.clock.now()), **members}
    request = SyncV2Calls("sync-access-key", world.clock).call(name, said)
    response = answer(world.app, request, gateway.find)
    assert json.loads(response.body)["resultCode"] == "000000"


def user(user_name: str, **members: str) -> dict[str, str]:
    return {"userName": user_name, "name": "Zhang San", "orgCode": "A01", "role": "user", "enable": "true", **members}


@pytest.mark.parametrize(
    ("flag", "enable"), [(0, "true"), (2, "false"), (3, "true")], ids=["removed", "disabled", "no longer authorised"]
)
def test_a_user_is_thrown_out_and_others_stay(world, flag, enable):
    zhang, li = world.logged_in(), world.logged_in(LI)
    sync(world, "authSync", {"appId": APP_ID, "flag": flag, "userList": [user(ZHANG, enable=enable)]})
    assert (zhang.session()[0], li.session()[0]) == (401, 200)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("tenantSync", {"orderId": "CS1", "tenantCode": "acme", "name": "Acme", "domainName": "acme.example.com"}),
        ("applicationSync", {"appId": APP_ID, "clientId": "c", "clientSecret": ""}),
    ],
)
def test_a_tenant_or_application_is_deleted(world, name, members):
    zhang = world.logged_in()
    sync(world, name, {"flag": 0, **members})
    assert zhang.session()[0] == 401


@pytest.mark.parametrize(
    ("activity", "members"),
    [
        ("expireInstance", {}),
        ("instanceStatus", {"instanceStatus": "FREEZE"}),
        ("releaseInstance", {}),
    ],
)
def test_an_instance_is_frozen_or_released(world, activity, members):
    zhang = world.logged_in()
    world.clock.advance(1)
    assert world.send(world.v1.call(activity, instanceId=INSTANCE, **members))["resultCode"] == "000000"
    assert zhang.session()[0] == 401


def test_a_debug_call_ends_nothing(world):
    zhang = world.logged_in()
    world.clock.advance(1)
    world.send(world.v1.call("releaseInstance", instanceId=INSTANCE, testFlag=1))
    assert zhang.session()[0] == 200


def test_a_freezing_that_comes_too_late_ends_nothing(world):
    late = world.v1.call("expireInstance", instanceId=INSTANCE)
    world.clock.advance(1)
    for status in ("FREEZE", "NORMAL"):
        world.send(world.v1.call("instanceStatus", instanceId=INSTANCE, instanceStatus=status))
        world.clock.advance(1)
    zhang = world.logged_in()
    world.clock.advance(1)
    world.send(late)
    assert zhang.session()[0] == 200


def test_what_the_directory_says_counts_even_if_nobody_ended_the_session(world):
    zhang = world.logged_in()
    world.clock.advance(1)
    world.say(ZHANG, state=AuthorisationStatus.REVOKED)
    status, members = zhang.session()
    assert (status, members["error"]) == (403, "not-authorised")
    world.clock.advance(1)
    world.say(ZHANG)
    assert zhang.session()[0] == 401, "it has ended"


def test_thirty_days_and_no_longer(world):
    zhang = world.logged_in()
    world.identity.behaviour.refresh_seconds = 10**9
    for _ in range(29):
        world.clock.advance(timedelta(days=1))
        assert zhang.session()[0] == 200
    world.clock.advance(timedelta(days=1, seconds=1))
    assert zhang.session()[0] == 401


def test_where_nobody_logs_in_nothing_is_ended(world):
    world.values["KOOGALLERY_APP_ID"] = ""
    world.tables.reset()
    world.send(world.v1.call("expireInstance", instanceId=INSTANCE))
    assert not [table for table, _ in world.tables.calls if table == "sessions"]


def test_the_state_is_stored_before_sessions_are_ended(world):
    """Otherwise somebody could log in in between, and stay."""
    seen = []
    world.logged_in()

    def before(table, method):
        if (table, method) == ("sessions", "put_many"):
            seen.append(world.app.instances.get(INSTANCE).state)

    world.tables.before = before
    world.send(world.v1.call("expireInstance", instanceId=INSTANCE))
    assert seen == [State.FROZEN]
