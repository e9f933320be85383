"""Who is let in, and who is not."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

import pytest

from emulator.sign_in.api import TOKEN, USERINFO
from emulator.sign_in.enterprise import Member, SignInEnterprise
from emulator.sign_in.grants import Who
from emulator.wire.faults import Fault
from shared.directory import Application, AuthorisationStatus
from shared.directory.commands import SyncApplication
from shared.http import HttpResponse
from shared.login.cookies import AT_ONCE
from shared.login.refusals import RefusalReason
from shared.provisioning import State
from tests.login_world import APP, APP_ID, BUNDLE, INSTANCE, LI, PASSWORDS, SIGN_IN, TENANT, ZHANG, Browser, LoginWorld
from tests.logs import LogLines


def reasons(log_lines: LogLines) -> list[str]:
    return [line["reason"] for line in log_lines("refused")]


def test_somebody_logs_in(world):
    browser = world.visitor()
    response = browser.log_in()
    assert (response.body, browser.url) == (b"the application", APP)
    assert list(browser.jar) == ["__Host-koogallery-session"], "the login's cookie is gone"
    cookie = next(each for each in browser.set_cookies if "koogallery-session" in each)
    assert cookie.split("; ")[1:] == ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]
    status, session = browser.session()
    assert status == 200
    assert session["user"] == {"userName": ZHANG, "name": "Zhang San", "role": "admin", "orgCode": "A01"}
    assert (session["tenant"], session["instanceId"]) == ({"tenantId": TENANT, "name": "Acme"}, INSTANCE)


@pytest.mark.parametrize("spelling", ["tenant", "tenant_id", "tenantId"])
def test_every_spelling_of_the_tenant(world, spelling):
    browser = world.visitor()
    response = browser.saas(f"/login/callback?code={world.code()}&{spelling}={TENANT}")
    assert browser.url.startswith(f"{SIGN_IN}/api/v1/oauth2/authorize?")
    browser.type(response)
    assert browser.url == APP
    browser.go(f"{browser.begin()}&{spelling}={TENANT}")
    assert browser.url == APP


def test_the_secret_goes_to_the_tenants_server_in_a_form(world):
    world.logged_in()
    token, userinfo = world.client.requests
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert token.query == ()
    assert world.enterprise.client_secret.encode() in token.body
    assert b"redirect_uri=https%3A%2F%2Fapi.example.com%2Fsaas%2Flogin%2Fcallback" in token.body, "as it was asked with"
    assert userinfo.headers["authorization"].startswith("Bearer ")
    assert set(world.client.hosts) == {"acme.tenant.example.com"}
    assert all(0 < left <= 8 for left in world.client.left)


def test_at_the_tenants_own_server(world):
    browser = world.visitor()
    browser.log_in(query=f"?tenant={TENANT}&return_to=/orders")
    assert browser.url == f"{APP}/orders"


def test_the_portal_keeps_the_way_back(world):
    browser = world.visitor()
    browser.log_in(query="?return_to=/orders")
    assert browser.url == f"{APP}/orders"


def test_a_code_works_once(world):
    browser, code = world.visitor(), world.code()
    assert browser.go(browser.begin(code)).body == b"the application"
    for again in (browser, world.visitor()):
        callback, asked = again.begin(code), len(world.client.requests)
        response = again.send("GET", callback)
        assert response.status == 400
        assert b"already used" in response.body
        assert len(world.client.requests) == asked, "the marketplace need not be asked"
    assert browser.session()[0] == 200, "whoever is logged in stays so"


def test_a_callback_that_is_opened_again(world):
    browser = world.logged_in()
    assert browser.send("GET", browser.trail[-2]).status == 400
    assert browser.session()[0] == 200


def test_a_code_that_is_too_old(world):
    browser = world.visitor()
    callback = browser.begin()
    world.clock.advance(301)
    response = browser.go(callback)
    assert (response.status, browser.jar) == (400, {})


def test_the_id_is_new_at_each_login_and_the_old_one_ends(world):
    browser = world.logged_in()
    before = dict(browser.jar)
    browser.log_in()
    assert browser.jar != before
    thief = Browser(world, cookies={"api.example.com": before})
    assert thief.session()[0] == 401


# --- whose login it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", ["", "?return_to=", f"?tenant={TENANT}"], ids=["nothing", "portal", "tenant"])
def test_a_callback_nobody_asked_for_is_not_believed(world, begun):
    """Somebody sends a link with a code of their own; the victim is signed in with the marketplace as themselves."""
    victim = world.visitor()
    victim.log_in(LI)
    victim.cookies.pop("api.example.com")
    if begun:
        victim.send("GET", f"{BUNDLE}/saas/login{begun}")
    attackers = world.code(ZHANG)
    victim.saas(f"/login/callback?code={attackers}&tenant={TENANT}")
    assert victim.url == APP
    assert victim.session()[1]["user"]["userName"] == LI
    assert attackers.encode() not in b"".join(request.body for request in world.client.requests), "nor is it used"


def test_a_callback_nobody_asked_for_leads_to_the_form_of_the_tenant(world):
    """As from the workbench, signed in with nobody yet."""
    browser = world.visitor()
    response = browser.saas(f"/login/callback?code={world.code()}&tenant={TENANT}")
    assert browser.url.startswith(f"{SIGN_IN}/api/v1/oauth2/authorize?")
    browser.type(response, LI)
    assert browser.session()[1]["user"]["userName"] == LI


def test_a_foreign_state_is_not_believed_either(world):
    browser = world.visitor()
    browser.send("GET", f"{BUNDLE}/saas/login?tenant={TENANT}")
    response = browser.send("GET", f"{BUNDLE}/saas/login/callback?code={world.code()}&state=x&tenant={TENANT}")
    assert response.headers["Location"].startswith(f"{SIGN_IN}/api/v1/oauth2/authorize?")


def test_a_state_is_for_one_tenant(world):
    browser = world.visitor()
    response = browser.send("GET", f"{browser.begin()}&tenant=other")
    assert (response.status, b"not connected" in response.body) == (403, True)


def test_a_browser_without_cookies_is_told_so_and_does_not_run_in_circles(world):
    browser = world.visitor()
    browser.log_in()

    class Forgetful(dict[str, str]):
        def __setitem__(self, name: str, value: str) -> None:
            pass

    browser.cookies["api.example.com"] = Forgetful()
    response = browser.saas(f"/login/callback?code={world.code()}&tenant={TENANT}")
    assert response.status == 400
    assert b"cookies" in response.body
    assert len(browser.trail) == 3


def test_two_tabs_that_come_back_in_any_order(world):
    for order in ((0, 1), (1, 0)):
        browser = world.visitor()
        tabs = [browser.begin(), browser.begin()]
        for tab in order:
            assert browser.go(tabs[tab]).body == b"the application"
            assert browser.session()[0] == 200
        assert list(browser.jar) == ["__Host-koogallery-session"]


def test_one_tab_that_fails_leaves_the_other_alone(world):
    browser = world.visitor()
    tabs = [browser.begin("no code at all"), browser.begin()]
    assert browser.go(tabs[0]).status == 400
    assert browser.go(tabs[1]).body == b"the application"


def test_more_logins_at_once_than_are_remembered(world):
    browser = world.visitor()
    tabs = []
    for _ in range(12):
        world.clock.advance(1)
        tabs.append(browser.begin())
    assert len(browser.jar) == AT_ONCE
    assert [browser.go(tab).status for tab in tabs[-AT_ONCE:]] == [200] * AT_ONCE
    assert browser.go(tabs[0]).status == 400


@pytest.mark.parametrize(("minutes", "status"), [(20, 200), (20.1, 400), (120, 400)])
def test_the_twenty_minutes_are_ours_to_check(world, minutes, status):
    """A browser may keep a cookie for as long as it likes; so may whoever got hold of it."""
    world.identity.behaviour.code_seconds = 10**6
    browser = world.visitor()
    callback = browser.begin()
    world.clock.advance(minutes * 60)
    assert browser.go(callback).status == status
    assert len(world.client.requests) == (2 if status == 200 else 0)


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?tenant=x", 400), ("?code=x", 400), ("?error=access_denied", 403), ("?ticket=ST-1", 400)],
)
def test_a_callback_with_something_missing(world, query, status):
    browser = world.visitor()
    for _ in range(2):
        assert browser.send("GET", f"{BUNDLE}/saas/login/callback{query}").status == status
        browser.send("GET", f"{BUNDLE}/saas/login")


def made_up(members: str) -> str:
    return urlsafe_b64encode(members.encode()).decode().rstrip("=")


MADE_UP = {
    "an empty object": made_up("{}"),
    "as it once was": made_up(f'{{"state":"stolen","tenant_id":"{TENANT}","return_to":""}}'),
    "a lone surrogate": made_up('{"state":"\\ud800","tenant_id":"\\udfff","return_to":"/\\ud800"}'),
    "with a time": made_up(f'{{"state":"stolen","tenant_id":"{TENANT}"}}') + ".1795163400.AAAA",
    "no base64": "!",
    "not ASCII": "é.\ud800.é",
    "long": "Ww" * 5000,
}


@pytest.mark.parametrize("cookie", MADE_UP.values(), ids=MADE_UP)
@pytest.mark.parametrize("query", [f"&tenant={TENANT}", "&state=stolen", f"&state=stolen&tenant={TENANT}"])
def test_a_cookie_that_is_none_counts_for_nothing(world, cookie, query, log_lines):
    """No call leaves, nothing is written, nobody is alarmed."""
    browser = world.visitor()
    tag = sha256(b"stolen").hexdigest()[:12]
    browser.jar.update({"__Host-koogallery-login": cookie, f"__Host-koogallery-login-{tag}": cookie})
    world.tables.reset()
    response = browser.send("GET", f"{BUNDLE}/saas/login/callback?code={world.code()}{query}")
    assert response.status == (302 if TENANT in query else 400)
    assert response.headers.get("Location", SIGN_IN).startswith(SIGN_IN)
    assert world.client.requests == []
    assert set(world.tables.calls) <= {("directory", "query")}
    assert not [line for line in log_lines() if line["level"] == "ERROR"]


# --- who may come in --------------------------------------------------------------------------------------------------


def refused(world: LoginWorld, log_lines: LogLines, reason: RefusalReason, user_name: str = ZHANG) -> HttpResponse:
    browser = world.visitor()
    response = browser.log_in(user_name)
    assert browser.url.startswith(f"{BUNDLE}/saas/login/callback")
    assert reasons(log_lines)[-1] == reason.value
    assert "__Host-koogallery-session" not in browser.jar
    assert browser.session()[0] == 401
    return response


def test_who_was_never_synchronised(world, log_lines):
    world.enterprise.add(Member("wang@acme", "Wang", "Wang-Pa55word"))
    PASSWORDS["wang@acme"] = "Wang-Pa55word"
    response = refused(world, log_lines, RefusalReason.NOT_AUTHORISED, "wang@acme")
    assert response.status == 403


@pytest.mark.parametrize(
    ("enabled", "state", "reason"),
    [
        (False, AuthorisationStatus.GRANTED, RefusalReason.DISABLED),
        (True, AuthorisationStatus.REVOKED, RefusalReason.NOT_AUTHORISED),
        (True, AuthorisationStatus.DELETED, RefusalReason.NOT_AUTHORISED),
        (False, AuthorisationStatus.REVOKED, RefusalReason.NOT_AUTHORISED),
    ],
)
def test_who_may_not_or_no_longer(world, log_lines, enabled, state, reason):
    world.say(ZHANG, enabled=enabled, state=state)
    assert refused(world, log_lines, reason).status == 403
    world.say(ZHANG)
    world.logged_in()


def test_who_is_refused_can_take_another_account(world):
    world.say(ZHANG, enabled=False)
    browser = world.visitor()
    page = browser.log_in().body.decode()
    way = page.partition('class="way" href="')[2].partition('"')[0]
    assert way == f"{BUNDLE}/saas/logout?tenant={TENANT}"
    browser.go(way)
    browser.log_in(LI)
    assert browser.url == APP


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.FROZEN, RefusalReason.FROZEN),
        (State.RELEASED, RefusalReason.RELEASED),
        (State.PENDING, RefusalReason.RELEASED),
    ],
)
def test_instances_that_are_not_in_use(world, log_lines, state, reason):
    world.set_state(state)
    refused(world, log_lines, reason)


def test_an_instance_nobody_bought(world, log_lines):
    world.bind(deleted=True)
    world.bind("never-bought")
    refused(world, log_lines, RefusalReason.RELEASED)


def test_of_several_instances_the_newest_in_use(world):
    world.clock.advance(10)
    world.buy("CS7", "business-7")
    world.bind("business-7")
    assert world.logged_in().session()[1]["instanceId"] == "business-7"
    world.set_state(State.FROZEN, "business-7")
    assert world.logged_in().session()[1]["instanceId"] == INSTANCE


def test_of_several_instances_the_one_that_lets_the_user_in(world):
    world.clock.advance(10)
    world.buy("CS7", "business-7")
    world.bind("business-7")
    world.say(LI, state=AuthorisationStatus.REVOKED, instance_id="business-7")
    assert world.logged_in(LI).session()[1]["instanceId"] == INSTANCE
    assert world.logged_in(ZHANG).session()[1]["instanceId"] == "business-7"


def test_the_sellers_own_test_stage_has_no_instance(world):
    world.bind(deleted=True)
    world.bind("")
    assert world.logged_in().session()[1]["instanceId"] == ""


def test_the_test_stage_is_no_way_around_a_frozen_instance(world, log_lines):
    world.bind("")
    world.set_state(State.FROZEN)
    refused(world, log_lines, RefusalReason.FROZEN)


def test_a_tenant_that_was_deleted(world, log_lines):
    world.bind(deleted=True)
    refused(world, log_lines, RefusalReason.UNKNOWN_TENANT)


def test_a_tenant_whose_application_was_deleted(world, log_lines):
    application = Application(INSTANCE, TENANT, APP_ID, "client", "secret", deleted=True)
    world.app.directory.put_application(SyncApplication(application, world.moment()))
    refused(world, log_lines, RefusalReason.UNKNOWN_TENANT)


def test_an_application_that_is_another(build, log_lines):
    world = build({"KOOGALLERY_APP_ID": "another-application"})
    refused(world, log_lines, RefusalReason.UNKNOWN_TENANT)


def test_somebody_of_another_tenant(world, log_lines):
    """The client that was synchronised turns out to be another tenant's."""
    other = world.identity.add(SignInEnterprise("other-tenant", "Other", world.enterprise.callback))
    other.add(world.enterprise.members[ZHANG])
    application = Application(INSTANCE, TENANT, APP_ID, other.client_id, other.client_secret)
    world.app.directory.put_application(SyncApplication(application, world.moment()))
    code = world.identity.api.code(Who(other.tenant_id, ZHANG))
    browser = world.visitor()
    response = browser.go(browser.begin(code))
    assert (response.status, reasons(log_lines)) == (403, ["sign-in-refused"])


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tenant_id", ["a" * 2100, "a" * 3000, "租" * 700, "%ED%A0%80" * 700])
@pytest.mark.parametrize(
    "path", ["/login?tenant={}", "/login/callback?code=x&tenant={}", "/login/callback?code=x&state=y&tenant={}"]
)
def test_an_id_that_no_tenant_can_have(world, log_lines, path, tenant_id):
    response = world.visitor().saas(path.format(tenant_id))
    assert (response.status, reasons(log_lines)) == (403, ["unknown-tenant"])
    assert not [line for line in log_lines() if line["level"] == "ERROR"]
    assert world.visitor().saas(f"/logout?tenant={tenant_id}").status == 200


TOKENS = {
    "a line break": {"access_token": "a\r\nX-Injected: b"},
    "a lone surrogate": {"access_token": "\ud800"},
    "not ASCII": {"access_token": "令牌"},
    "empty": {"access_token": ""},
    "no text": {"access_token": 1},
    "too long": {"access_token": "a" * 20_000},
}
PEOPLE = {
    "no account": {"tenant": TENANT},
    "a lone surrogate": {"tenant": TENANT, "userName": "\ud800"},
    "a long account": {"tenant": TENANT, "userName": "a" * 3000},
    "a long tenant": {"tenant": "a" * 3000, "userName": ZHANG},
}


@pytest.mark.parametrize(
    ("path", "body"),
    [*((TOKEN, body) for body in TOKENS.values()), *((USERINFO, body) for body in PEOPLE.values())],
    ids=[*TOKENS, *PEOPLE],
)
def test_what_the_sign_in_server_cannot_mean(world, log_lines, path, body):
    world.identity.faults.inject(Fault(at=(path,), body=json.dumps(body)))
    browser = world.visitor()
    response = browser.go(browser.begin())
    assert (response.status, reasons(log_lines)) == (502, ["marketplace-down"])
    assert not [line for line in log_lines() if line["level"] == "ERROR"]
    assert world.logged_in().session()[0] == 200


@pytest.mark.parametrize("more", [{"refresh_token": "令牌"}, {"refresh_token": "a\n"}, {"expires_in": "9" * 5000}])
def test_what_is_odd_beside_a_good_token(world, more):
    answer = world.identity.api.token

    def odd(request):
        response = answer(request)
        return replace(response, body=json.dumps(json.loads(response.body) | more).encode())

    world.identity.api.token = odd
    assert world.logged_in().session()[0] == 200


# --- the marketplace's own failures -----------------------------------------------------------------------------------


def test_the_sign_in_server_is_down(world, log_lines):
    browser = world.visitor()
    callback = browser.begin()
    world.identity.behaviour.down = True
    response = browser.go(callback)
    assert (response.status, reasons(log_lines)) == (502, ["marketplace-down"])
    assert b"does not answer" in response.body
    world.identity.behaviour.down = False
    assert world.logged_in().session()[0] == 200


def test_credentials_that_the_server_refuses_are_for_the_seller_to_hear(world, log_lines):
    world.enterprise.client_secret = "changed on the other side"
    browser = world.visitor()
    response = browser.go(browser.begin())
    assert response.status == 500
    (line,) = [line for line in log_lines() if line["level"] == "ERROR"]
    assert "bind the application again" in line["message"]


def test_no_refresh_token_means_a_session_of_two_hours(world):
    world.identity.behaviour.gives_refresh_token = False
    browser = world.logged_in()
    world.clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    assert browser.session()[0] == 200
    world.clock.advance(2)
    assert browser.session()[0] == 401


# --- CAS --------------------------------------------------------------------------------------------------------------

SERVICE = f"{BUNDLE}/saas/login/callback?tenant={TENANT}"


def test_a_cas_ticket_lets_somebody_in_once(build):
    world = build({"KOOGALLERY_CAS": "on"})
    browser = world.visitor()
    form = browser.go(f"{SIGN_IN}/api/v1/cas/login?service={quote(SERVICE, safe='')}")
    browser.type(form, LI)
    assert browser.url == APP
    callback = browser.trail[-2]
    assert browser.session()[1]["user"]["userName"] == LI
    assert browser.send("GET", callback).status == 400
    world.clock.advance(timedelta(hours=2, seconds=1))
    assert browser.session()[0] == 401


@pytest.mark.parametrize("ticket", ["ST-unknown", "ST-"])
def test_a_cas_ticket_that_is_none(build, ticket):
    world = build({"KOOGALLERY_CAS": "on"})
    assert world.visitor().saas(f"/login/callback?ticket={ticket}&tenant={TENANT}").status == 400


def test_cas_is_off_unless_switched_on(world):
    ticket = world.identity.api.ticket(world.who(asked_with=SERVICE))
    assert world.visitor().saas(f"/login/callback?ticket={ticket}&tenant={TENANT}").status == 400


# --- embedded in the workbench ----------------------------------------------------------------------------------------


def test_in_the_workbench_cookies_work_in_frames(build):
    world = build({"KOOGALLERY_EMBEDDED": "on"})
    browser = world.logged_in()
    ours = [cookie for cookie in browser.set_cookies if "koogallery-" in cookie]
    assert len(ours) == 5, "two logins and a session; the logins removed"
    assert all("Secure; SameSite=None; Partitioned" in cookie for cookie in ours)
    assert browser.session()[0] == 200
    page = browser.saas("/login?tenant=nobody")
    assert "frame-ancestors https:;" in page.headers["Content-Security-Policy"] + ";"
