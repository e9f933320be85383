"""The home page in a browser: four clicks, with and without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page

pytestmark = pytest.mark.e2e


def test_four_clicks_to_begin(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/") as page:
        page.get_by_role("button", name="Buy it").click()
        expect(page.get_by_role("link", name="newInstance")).to_be_visible()
        page.get_by_role("link", name="Home").click()
        page.get_by_role("button", name="Lose an answer").click()
        page.get_by_role("button", name="Open the call").click()
        expect(page.get_by_text("The seller is not to blame")).to_be_visible()
        page.get_by_role("link", name="Home").click()
        page.get_by_role("button", name="Move a year").click()
        expect(page.get_by_text("Moved from")).to_be_visible(timeout=60_000)
        page.get_by_role("link", name="Home").click()
        expect(page.get_by_text("Four clicks to begin")).to_be_hidden()


@pytest.mark.sweep
def test_on_a_phone_without_script(world: BrowserWorld, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{world.console}/usage")
    menu = page.locator("summary", has_text="Menu: Usage")
    expect(menu).to_be_in_viewport()
    menu.click()
    page.get_by_role("link", name="Home").click()
    page.get_by_role("button", name="Buy it").click()
    expect(page.get_by_role("link", name="newInstance")).to_be_visible()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/") as page:
        looks_right(page, "home-empty")
    world.server.market.switches.inject("lost", 1)
    with quiet_page(world, open_page, "/") as page:
        page.get_by_role("button", name="Buy it").click()
        expect(page.get_by_role("link", name="newInstance")).to_be_visible()
        page.goto(f"{world.console}/")
        looks_right(page, "home")
