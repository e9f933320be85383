"""Every flow of the console by keyboard alone, in one run of the emulator."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BrowserWorld, Open
from tests.browser.keyboard import Typist
from tests.browser.looks import DESK

pytestmark = [pytest.mark.e2e, pytest.mark.sweep]


@pytest.fixture
def page(module_world: BrowserWorld, open_page: Open) -> Page:
    """A wide window in English."""
    page = open_page()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{module_world.console}/?lang=en")
    return page


@pytest.fixture
def typist(page: Page) -> Typist:
    return Typist(page)


def go(typist: Typist, name: str) -> None:
    """To a page by its entry of the navigation, and past that."""
    typist.follow(typist.page.locator(".side").get_by_role("link", name=name, exact=True))


def test_buy_break_see_why_try_again(page: Page, typist: Typist) -> None:
    go(typist, "Buyer")
    typist.submit(page.get_by_role("button", name="Buy: Yearly V2"))
    expect(page.locator("#caused")).to_contain_text("newInstance")
    typist.choose(page.get_by_label("What goes wrong with the next call"), "Home", "l", "o", "s", "t")
    typist.submit(page.get_by_role("button", name="Break the next call"))
    expect(page.get_by_role("status").filter(has_text="The next call that this fits")).to_be_visible()
    typist.submit(page.get_by_role("button", name="Renew", exact=True))
    expect(page.locator("#caused")).to_contain_text("fault injected")
    typist.submit(page.get_by_role("button", name="Try now"))
    expect(page.locator("#caused")).to_contain_text("attempt 2")
    typist.follow(page.locator("#caused").get_by_role("link", name="refreshInstance").first)
    expect(page.get_by_text("The seller is not to blame")).to_be_visible()
    typist.press(page.get_by_text("Headers", exact=False).first, "Space")
    typist.submit(page.get_by_role("button", name="Send again"))
    expect(page.get_by_text("Sent as call")).to_be_visible()


def test_time_is_moved(page: Page, typist: Typist) -> None:
    typist.submit(page.locator(".quick").get_by_role("button", name="+1 day"))
    expect(page.get_by_text("Moved from")).to_be_visible(timeout=60_000)
    typist.kept()
    typist.submit(page.locator("#main").get_by_role("button", name="1 hour"))
    expect(page.get_by_text("Moved from")).to_be_visible(timeout=60_000)
    typist.kept()


def test_a_product_is_edited_and_sold(page: Page, typist: Typist, module_world: BrowserWorld) -> None:
    go(typist, "Products")
    typist.follow(page.get_by_role("link", name="New product"))
    typed = {"id": "mine", "name": "Mine", "plans.0.productId": "p-1", "plans.0.skuCode": "team"}
    for field, value in (typed | {"plans.0.name": "Team", "plans.0.price": "cheap"}).items():
        typist.type(page.locator(f'[id="{field}"]'), value)
    typist.choose(page.locator('[id="plans.0.periodType"]'), "y")
    typist.submit(page.locator("#keep"))
    typist.type(page.locator('[id="plans.0.price"]'), "99")
    typist.submit(page.locator("#keep"))
    assert [each.plans[0].period_type for each in module_world.server.market.catalogue.own()] == ["year"]
    typist.follow(page.get_by_role("link", name="Mine", exact=True))
    typist.submit(page.get_by_role("button", name="Another plan"))
    expect(page.locator('[id="plans.1.productId"]')).to_be_focused()
    typist.follow(page.get_by_role("link", name="Cancel"))
    typist.follow(page.get_by_role("link", name="Buy Mine as a buyer would"))
    typist.submit(page.get_by_role("button", name="Buy: Mine V2"))
    expect(page.locator("#caused")).to_contain_text("newInstance")


def test_a_call_is_composed_and_kept(page: Page, typist: Typist) -> None:
    go(typist, "Builder")
    typist.choose(page.get_by_label("Call", exact=True), *"queryI")
    typist.follow(page.get_by_role("button", name="Fill in"))
    typist.type(page.locator("#field-instanceId"), "unknown")
    typist.type(page.get_by_label("Name", exact=True), "nobody")
    typist.submit(page.locator("#send"))
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()
    typist.submit(page.get_by_role("listitem").filter(has_text="nobody").get_by_role("button").first)
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()


def test_calls_are_searched_kept_compared_and_messages_tried_again(
    page: Page, typist: Typist, module_world: BrowserWorld
) -> None:
    module_world.server.market.switches.inject("lost", 2)
    go(typist, "Buyer")
    for _ in range(2):
        typist.submit(page.get_by_role("button", name="Buy: One-time V1"))
    go(typist, "Calls")
    typist.type(page.get_by_label("Activity"), "newInstance")
    typist.follow(page.get_by_label("Activity"))
    page.wait_for_url("**/calls?activity=newInstance")
    expect(page.get_by_label("Activity")).to_be_focused()
    typist.press(page.locator("summary", has_text="Views"))
    typist.type(page.get_by_label("Name of this view"), "purchases")
    typist.submit(page.get_by_role("button", name="Save"))
    typist.press(page.locator("summary", has_text="Views"))
    expect(page.get_by_role("link", name="purchases")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="Views")).to_be_focused()
    typist.press(page.locator("table.calls [data-row]").first)
    expect(page.locator("#panel article")).to_be_visible()
    typist.type(page.get_by_label("Number of the other call"), "1")
    typist.follow(page.get_by_label("Number of the other call"))
    expect(page.get_by_role("heading", name="Two calls side by side")).to_be_visible()
    go(typist, "Seller")
    typist.follow(page.get_by_role("link", name="Messages", exact=True))
    typist.submit(page.locator(".failures").get_by_role("button").first)
    expect(page.locator(".failures")).to_have_count(0)


def test_readiness_and_its_report(page: Page, typist: Typist) -> None:
    go(typist, "Readiness")
    typist.submit(page.get_by_role("button", name="Check my server"))
    expect(page.get_by_text("Report for a colleague")).to_be_visible(timeout=60_000)
    typist.kept()
    with page.expect_download() as report:
        typist.at(page.get_by_role("main").get_by_role("link", name="English"))
        page.keyboard.press("Enter")
    assert report.value.suggested_filename.endswith(".html")
    typist.kept()


def test_a_month_of_usage(page: Page, typist: Typist) -> None:
    go(typist, "Usage")
    typist.submit(page.locator("#use-month"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_language_theme_keys(page: Page, typist: Typist) -> None:
    typist.follow(page.get_by_role("link", name="中文"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    typist.follow(page.get_by_role("link", name="English"))
    typist.press(page.locator("summary", has_text="Theme"))
    typist.follow(page.get_by_role("link", name="Dark"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    typist.press(page.locator("[data-help]"))
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    typist.press(page.get_by_role("dialog").get_by_role("button"))
    expect(page.locator("[data-help]")).to_be_focused()
    typist.kept()
