"""The story of an instance in a browser: read, scrubbed by keyboard and without script."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e


@pytest.fixture
def lived(world: BrowserWorld) -> Subscription:
    """Bought at the second attempt, renewed, ended."""
    market = world.server.market
    market.switches.inject("lost", 1)
    mine = market.shop.buy(market.database.all(Customer)[0].id, "monthly-v2")
    market.run_due()
    market.advance(timedelta(hours=3))
    market.shop.renew(mine.id)
    market.advance(timedelta(days=150))
    return market.database.the(Subscription, mine.id)


def test_time_is_scrubbed_by_keyboard(world: BrowserWorld, lived: Subscription, open_page: Open) -> None:
    with quiet_page(world, open_page, f"/instances/{lived.instance_id}") as page:
        expect(page.get_by_role("heading", name="As it stands")).to_be_visible()
        slider = page.get_by_role("slider", name="Moment")
        tab_to(page, slider)
        page.keyboard.press("Home")
        expect(page.get_by_role("heading", name="As it stood then")).to_be_visible()
        expect(page.locator("[aria-current=step]")).to_contain_text("bought")
        expect(slider).to_be_focused()
        page.get_by_role("link", name="renewed").press("Enter")
        expect(page.locator("[aria-current=step]")).to_contain_text("renewed")
        page.go_back()
        expect(page.locator("[aria-current=step]")).to_contain_text("bought")


@pytest.mark.sweep
def test_log_lines_under_their_call(world: BrowserWorld, lived: Subscription, open_page: Open) -> None:
    with quiet_page(world, open_page, f"/instances/{lived.instance_id}") as page:
        page.locator("li.of-message", has_text="Purchase").locator("summary", has_text="Log").click()
        expect(page.locator(".log[open]")).to_contain_text("answered")
        lines = page.locator(".story .whose").evaluate_all(
            "all => all.map(each => each.clientHeight || each.offsetHeight)"
        )
        assert lines
        assert max(lines) < 40, "a line is a line"


@pytest.mark.sweep
def test_without_script(world: BrowserWorld, lived: Subscription, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{world.console}/instances?id={lived.instance_id}")
    page.get_by_role("link", name="frozen").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("frozen")
    page.get_by_role("link", name="Earlier").click()
    page.get_by_role("slider").fill("0")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("bought")


@pytest.mark.sweep
def test_accessible(world: BrowserWorld, lived: Subscription, open_page: Open) -> None:
    with quiet_page(world, open_page, f"/instances/{lived.instance_id}") as page:
        looks_right(page, "story")
        page.goto(f"{world.console}/instances")
        looks_right(page, "instances")
