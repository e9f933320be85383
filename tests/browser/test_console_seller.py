"""The seller's pages in a browser."""

import pytest
from playwright.sync_api import expect

from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.subscriptions.buyers import Customer
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e


@pytest.fixture
def failed(world: BrowserWorld) -> Message:
    """A purchase whose first attempt was lost, and one that arrived."""
    market = world.server.market
    market.switches.inject("lost", 1)
    for product in ("yearly-v1", "monthly-v2"):
        market.shop.buy(market.database.all(Customer)[0].id, product)
        market.run_due()
    return market.database.all(Message)[0]


def test_a_message_is_tried_again_by_keyboard(world: BrowserWorld, failed: Message, open_page: Open) -> None:
    with quiet_page(world, open_page, "/seller") as page:
        messages = page.get_by_role("link", name="Messages")
        tab_to(page, messages)
        page.keyboard.press("Enter")
        page.wait_for_url("**/seller/messages")
        again = page.get_by_role("button", name="Try now")
        tab_to(page, again)
        page.keyboard.press("Enter")
        expect(page.locator(f"#m-{failed.id}").get_by_text("delivered")).to_be_visible()
    assert world.server.market.database.the(Message, failed.id).state is Delivery.DELIVERED


@pytest.mark.sweep
def test_cases_are_saved_and_probed(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/seller/probes") as page:
        row = page.locator("#yearly-v2")
        row.get_by_role("button", name="Debug and save").click()
        expect(page.get_by_text("They are saved.")).to_be_visible()
        row.get_by_role("button", name="Probe now").click()
        expect(row.locator(".days .good")).to_have_count(1)


@pytest.mark.sweep
def test_mails_open_and_close(world: BrowserWorld, failed: Message, open_page: Open) -> None:
    with quiet_page(world, open_page, "/seller/mails") as page:
        text = page.locator(".mails .text").first
        expect(text).to_be_hidden()
        page.locator(".mails summary").first.click()
        expect(text).to_be_visible()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, failed: Message, open_page: Open) -> None:
    with quiet_page(world, open_page, "/seller") as page:
        looks_right(page, "seller")
        for view in ("messages", "orders", "mails", "probes"):
            page.goto(f"{world.console}/seller/{view}")
            looks_right(page, f"seller-{view}")
