"""Searching and comparing calls in a browser."""

import pytest
from playwright.sync_api import expect

from emulator.marketplace.subscriptions.buyers import Customer
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import PHONE, looks_right, quiet_page, resize, shown

pytestmark = pytest.mark.e2e


@pytest.fixture
def failures(world: BrowserWorld) -> None:
    """Two purchases whose first attempt was lost."""
    market = world.server.market
    market.switches.inject("lost", 2)
    for _ in range(2):
        market.shop.buy(market.database.all(Customer)[0].id, "yearly-v1")
        market.run_due()


def test_filters_and_views_by_keyboard(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/calls") as page:
        page.locator("summary", has_text="More filters").press("Enter")
        field = page.get_by_label("In path, parameters or body")
        field.fill("newInstance")
        field.press("Enter")
        page.wait_for_url("**/calls?text=newInstance")
        expect(page.locator(".further .badge")).to_have_text("1")
        page.locator("summary", has_text="Views").press("Enter")
        name = page.get_by_label("Name of this view")
        name.fill("purchases")
        name.press("Enter")
        page.locator("summary", has_text="Views").press("Enter")
        expect(page.get_by_role("link", name="purchases")).to_be_visible()


@pytest.mark.sweep
def test_without_script(world: BrowserWorld, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{world.console}/calls")
    page.locator("summary", has_text="More filters").click()
    page.get_by_label("Made by").select_option("seller")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("table.calls .arrow.out")).to_have_count(0)


@pytest.mark.sweep
def test_menus_stay_in_the_window_of_a_phone(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/calls?code=000000&verdict=passed") as page:
        resize(page, PHONE)
        for menu in ("More filters", "Views"):
            page.locator("summary", has_text=menu).press("Enter")
            expect(page.locator("details[open] .menu-box")).to_be_visible()
            shown(page, f"calls-{menu}", "light")
            page.keyboard.press("Escape")


@pytest.mark.sweep
@pytest.mark.usefixtures("failures")
def test_accessible(world: BrowserWorld, open_page: Open) -> None:
    newest = world.server.market.timeline.latest()
    with quiet_page(world, open_page, "/calls?code=000000&verdict=passed") as page:
        looks_right(page, "calls-filtered")
        page.goto(f"{world.console}/calls/compare?left=1&right={newest}")
        looks_right(page, "calls-compared")
        page.goto(f"{world.console}/seller/messages")
        page.get_by_role("link", name="Purchase").first.click()
        looks_right(page, "message")
