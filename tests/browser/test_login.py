"""Login as people meet it: pages, links and cookies of a real browser."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserWorld, Open, keep, log_in
from tests.browser.looks import barriers

pytestmark = pytest.mark.e2e

LANGUAGES = {"en-US": "en", "zh-CN": "zh-CN"}


def and_more(first: str, *others: str) -> list[object]:
    """The first always, the others in the sweep."""
    return [first, *(pytest.param(each, marks=pytest.mark.sweep) for each in others)]


def state(page: Page) -> str:
    """What the sample application says, once it knows."""
    return page.get_by_role("status").get_attribute("data-state") or ""


def logged_in(page: Page, world: BrowserWorld, user: str = "zhang@acme") -> Page:
    """``page`` at the application, with ``user`` signed in."""
    page.goto(world.app)
    page.locator("#login").click()
    log_in(page, user)
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    return page


def heading(page: Page) -> str:
    """What a page of the bundle says first."""
    return page.get_by_role("heading").inner_text()


def test_first_login_and_second_tab(world: BrowserWorld, open_page: Open) -> None:
    page = open_page()
    page.goto(world.app)
    assert state(page) == "login-required"
    keep(page, "app-signed-out")
    page.locator("#login").click()
    assert page.url.startswith(f"{world.console}/unified-login/")
    keep(page, "portal")
    log_in(page)
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    assert page.url == world.app
    assert "zhang@acme, admin" in page.inner_text("#user")
    assert world.enterprise.name in page.inner_text("#tenant")
    keep(page, "app-signed-in")

    second = page.context.new_page()
    second.goto(world.app)
    assert state(second) == "signed-in"
    assert world.count("/login/callback") == 2, "the portal's, and the answer with state"


def test_the_application_without_script(world: BrowserWorld, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(world.app)
    expect(page.get_by_role("status")).to_have_attribute("data-state", "login-required")
    page.locator("#login").click()
    page.get_by_role("button", name="zhang@acme").click()
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    assert "zhang@acme, admin" in page.inner_text("#user")
    page.get_by_role("link", name="Sign out").click()
    page.goto(world.app)
    expect(page.get_by_role("status")).to_have_attribute("data-state", "login-required")


def test_what_the_buyer_sees_first_is_free_of_barriers(world: BrowserWorld, open_page: Open) -> None:
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto(world.app)
        free_of_barriers(page)
        page.locator("#login").click()
        free_of_barriers(page)
        page.get_by_role("button", name="zhang@acme").click()
        expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
        free_of_barriers(page)


def free_of_barriers(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (wide, barriers(page)) == (0, []), page.url


def test_the_sessions_cookie_is_out_of_reach_of_scripts(world: BrowserWorld, open_page: Open) -> None:
    page = logged_in(open_page(), world)
    (cookie,) = [each for each in page.context.cookies() if "koogallery" in each["name"]]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Lax", -1)
    assert "koogallery" not in page.evaluate("document.cookie")


def test_the_way_back_is_kept(world: BrowserWorld, open_page: Open) -> None:
    page = open_page()
    page.goto(f"{world.bundle}/login?return_to={quote('/app?order=7#lines', safe='')}")
    log_in(page)
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    assert page.url == f"{world.app}?order=7#lines"


def test_silent_refresh_after_two_hours(world: BrowserWorld, open_page: Open) -> None:
    page = logged_in(open_page(), world)
    world.clock.set(world.clock.now() + timedelta(hours=2, minutes=1))
    with page.expect_response("**/session/refresh") as answer:
        page.get_by_role("button", name="Refresh").click()
    assert answer.value.status == 200
    assert state(page) == "signed-in"
    assert world.refreshes() == 1
    page.reload()
    assert state(page) == "signed-in"
    assert world.refreshes() == 1
    assert world.count("/login/callback") == 2


@pytest.mark.sweep
def test_thirty_days_later_they_log_in_again(world: BrowserWorld, open_page: Open) -> None:
    page = logged_in(open_page(), world)
    world.clock.set(world.clock.now() + timedelta(days=30, minutes=1))
    page.reload()
    assert state(page) == "login-required"


@pytest.mark.parametrize("action", and_more("revoke", "disable"))
def test_a_member_is_thrown_out(world: BrowserWorld, open_page: Open, action: str) -> None:
    page = logged_in(open_page(), world, "li@acme")
    world.change(action, "li@acme")
    page.reload()
    assert state(page) == "login-required"


@pytest.mark.sweep
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_member_without_authorisation_is_told_so(world: BrowserWorld, open_page: Open, locale: str) -> None:
    world.change("revoke", "li@acme")
    page = open_page(locale)
    page.goto(f"{world.bundle}/login")
    log_in(page, "li@acme")
    assert heading(page) == {"en-US": "You have no access yet", "zh-CN": "您还没有使用权限"}[locale]
    keep(page, f"not-authorised-{locale}")
    page.get_by_role("link").click()
    expect(page.get_by_role("heading")).to_have_text({"en-US": "You are signed out", "zh-CN": "您已退出登录"}[locale])
    keep(page, f"signed-out-{locale}")
    page.get_by_role("link").click()
    log_in(page, "zhang@acme")
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")


@pytest.mark.sweep
def test_a_frozen_subscription(world: BrowserWorld, open_page: Open) -> None:
    page = logged_in(open_page("zh-CN"), world)
    world.clock.set(world.clock.now() + timedelta(seconds=5))
    world.freeze()
    page.reload()
    assert state(page) == "login-required"
    page.locator("#login").click()
    expect(page.get_by_role("heading")).to_have_text("订阅已冻结")
    keep(page, "frozen-zh-CN")


def test_logout_ends_both_sessions(world: BrowserWorld, open_page: Open) -> None:
    page = logged_in(open_page(), world)
    other = page.context.new_page()
    other.goto(world.app)
    assert state(other) == "signed-in"
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_role("heading")).to_have_text("You are signed out")
    assert page.url == f"{world.bundle}/logout"
    other.reload()
    assert state(other) == "login-required"
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert [each for each in page.context.cookies() if each["name"] == "koogallery-session"] == []


def test_a_code_that_is_played_again(world: BrowserWorld, open_page: Open) -> None:
    page = open_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    logged_in(page, world)
    _, callback = [url for url in seen if "/login/callback?" in url]
    page.goto(callback)
    assert heading(page) == "The sign-in did not begin here"
    assert page.get_by_text("Reference number").is_visible()
    keep(page, "login-lost")
    thief = open_page("zh-CN")
    thief.goto(f"{world.bundle}/login")
    thief.goto(callback)
    assert heading(thief) == "登录不是从这里发起的"
    thief.goto(world.app)
    assert state(thief) == "login-required"
    page.goto(world.app)
    assert state(page) == "signed-in", "the session is as it was"


@pytest.mark.parametrize("address", and_more("//evil.example.org", "https://evil.example.org/", "/\\evil.example.org"))
def test_tampered_addresses_are_refused(world: BrowserWorld, open_page: Open, address: str) -> None:
    page = open_page()
    for path in (f"/login?return_to={quote(address, safe='')}", f"/logout?redirect_url={quote(address, safe='')}"):
        page.goto(world.bundle + path)
        assert heading(page) == "The way back is not allowed"
        assert page.url.startswith(world.bundle)
    keep(page, "address-refused")


@pytest.mark.sweep
def test_from_the_workbench_nobody_is_asked_twice(world: BrowserWorld, open_page: Open) -> None:
    """Signed in with the marketplace, a callback comes that nobody here asked for."""
    page = logged_in(open_page(), world, "li@acme")
    page.context.clear_cookies(name="koogallery-session")
    page.goto(f"{world.console}/unified-login/")
    expect(page.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    assert "li@acme" in page.inner_text("#user")
    assert world.count("/login/callback") == 4, "the first login's two, what came unasked, and the answer with state"


@pytest.mark.sweep
@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_marketplace_is_down(world: BrowserWorld, open_page: Open, locale: str) -> None:
    page = open_page(locale)
    page.goto(f"{world.bundle}/login")
    world.server.marketplace.identity.behaviour.down = True
    log_in(page)
    expect(page.get_by_role("heading")).to_have_text(
        {"en-US": "The marketplace does not answer", "zh-CN": "云商店暂时没有响应"}[locale]
    )
    assert page.evaluate("document.documentElement.lang") == LANGUAGES[locale]
    keep(page, f"marketplace-down-{locale}")


@pytest.mark.parametrize("locale", and_more("zh-CN", "en-US"))
@pytest.mark.parametrize("path", and_more("/login?tenant=nobody", "/login/callback?code=x", "/login/callback"))
def test_error_pages(world: BrowserWorld, open_page: Open, locale: str, path: str) -> None:
    page = open_page(locale)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(world.bundle + path)
    assert page.get_by_role("main").is_visible()
    assert page.evaluate("document.documentElement.lang") == LANGUAGES[locale]
    assert page.get_by_role("link").count() == 1
    assert page.locator("code").inner_text()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "480px", "the style applies"
    assert [text for text in problems if "Content Security Policy" in text] == []
    keep(page, f"error-{path.rpartition('/')[2].partition('?')[0]}-{locale}")


@pytest.mark.sweep
def test_a_phone_in_the_dark(world: BrowserWorld, open_page: Open) -> None:
    page = open_page("zh-CN", color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{world.bundle}/login?tenant=nobody")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    keep(page, "phone-dark")


def test_inside_the_workbench(make_world: Callable[..., BrowserWorld], open_page: Open) -> None:
    """In a frame of another site, where only cookies made for it work."""
    world = make_world(KOOGALLERY_EMBEDDED="on")
    page = open_page()
    page.goto(world.framed("/login"))
    inside = page.frame_locator("iframe")
    inside.get_by_label("Account").fill("zhang@acme")
    inside.get_by_label("Password").fill("zhang-password")
    inside.get_by_role("button", name="Sign in").click()
    expect(inside.get_by_role("status")).to_have_attribute("data-state", "signed-in")
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "koogallery-session"]
    assert (cookie["sameSite"], cookie["secure"]) == ("None", True)
    assert cookie.get("partitionKey")
    keep(page, "workbench")
    inside.get_by_role("link", name="Sign out").click()
    expect(inside.get_by_role("heading")).to_have_text("You are signed out")


def test_a_page_of_the_bundle_is_framed_by_nobody_else(world: BrowserWorld, open_page: Open) -> None:
    page = open_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(world.framed("/logout"))
