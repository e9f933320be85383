"""The pages about usage in a browser: using, uploading, the chart."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import Looks, each_look, looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e


@pytest.fixture
def market(world: BrowserWorld) -> Market:
    return world.server.market


@pytest.fixture
def mine(world: BrowserWorld, market: Market) -> Subscription:
    """Opened early in an hour."""
    world.clock.set(world.clock.now().replace(minute=5, second=0) + timedelta(hours=1))
    bought = market.shop.buy(market.database.all(Customer)[0].id, "pay-per-use-v1")
    market.advance(timedelta(minutes=1))
    return market.database.the(Subscription, bought.id)


def test_use_upload_bill(world: BrowserWorld, mine: Subscription, market: Market, open_page: Open) -> None:
    with quiet_page(world, open_page, "/usage") as page:
        page.locator(f"[data-row='{mine.instance_id}']").click()
        page.get_by_label("Amount of each event").fill("2.5")
        page.get_by_label("Events").fill("4")
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_text("took 4 events in")).to_be_visible()
        expect(page.locator("rect.used[height]:not([height='10'])")).to_have_count(1)
        market.advance(timedelta(hours=1))
        page.get_by_role("button", name="Run it now").click()
        expect(page.locator(".chart rect.pending")).to_have_count(1)
        market.advance(timedelta(minutes=20))
        page.reload()
        expect(page.locator(".chart rect.billed")).to_have_count(1)
        page.get_by_text("As numbers").click()
        expect(page.locator(".numbers td.number").first).to_have_text("10")


def test_by_keyboard_alone(world: BrowserWorld, mine: Subscription, open_page: Open) -> None:
    with quiet_page(world, open_page, f"/usage/{mine.instance_id}") as page:
        tab_to(page, page.get_by_label("Amount of each event"))
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        expect(page.get_by_text("took 1 event in")).to_be_visible()
        by_day = page.get_by_role("link", name="By day")
        tab_to(page, by_day)
        page.keyboard.press("Enter")
        expect(page.get_by_role("img", name="Usage by day")).to_be_visible()


@each_look
def test_looks(world: BrowserWorld, mine: Subscription, market: Market, open_page: Open, looks: Looks) -> None:
    with quiet_page(world, open_page, "/usage") as page:
        looks_right(page, "usage", looks)
    with quiet_page(world, open_page, f"/usage/{mine.instance_id}") as page:
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_text("took 1 event in")).to_be_visible()
        market.switches.inject("usage-some-refused", 1)
        market.advance(timedelta(hours=1))
        page.get_by_role("button", name="Run it now").click()
        expect(page.get_by_text("product is off the shelf")).to_be_visible()
        looks_right(page, "usage-instance", looks)
