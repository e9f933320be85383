"""The switches of the faults in a browser, and the badge in the header."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e


def test_on_and_off(world: BrowserWorld, open_page: Open) -> None:
    switches = world.server.market.switches
    with quiet_page(world, open_page, "/faults") as page:
        badge = page.locator("#faults-on")
        expect(badge).to_be_empty()
        page.locator("#p-answer-lost").fill("35")
        page.locator("#on-answer-lost").click()
        expect(badge).to_have_text("faults on: 1")
        assert switches.rate("answer-lost") == pytest.approx(0.35)
        page.get_by_role("button", name="All off").click()
        expect(badge).to_be_empty()
        assert not switches.on()


@pytest.mark.sweep
def test_by_keyboard_alone(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/faults") as page:
        rate = page.locator("#p-lost")
        tab_to(page, rate)
        page.keyboard.type("100")
        page.keyboard.press("Enter")
        expect(page.locator("#faults-on")).to_have_text("faults on: 1")
        assert world.server.market.switches.rate("lost") == 1
        page.keyboard.press("g")
        tab_to(page, page.locator("#off-lost"))
        page.keyboard.press("Enter")
        expect(page.locator("#faults-on")).to_be_empty()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, open_page: Open) -> None:
    world.server.market.switches.set("late", 0.5)
    with quiet_page(world, open_page, "/faults") as page:
        looks_right(page, "faults")
