"""The buyer's page in a browser: one click each, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page

pytestmark = pytest.mark.e2e


def test_buy_look_in_and_unsubscribe(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/buyer") as page:
        page.evaluate("window.same = true")
        page.get_by_role("button", name="Buy: Yearly V1").click()
        caused = page.get_by_role("region", name="What the last click caused")
        expect(caused.get_by_role("link", name="newInstance")).to_be_visible()
        expect(caused.get_by_text("passed")).to_be_visible()
        expect(page.get_by_role("button", name="Buy: Yearly V1")).to_be_focused()
        page.get_by_role("button", name="Open details").click()
        expect(page.get_by_text(re.compile("https://demo.example/[^/]+$"))).to_be_visible()
        page.get_by_text("Show").click()
        expect(page.locator(".secret code")).not_to_be_empty()
        page.get_by_role("button", name="Renew", exact=True).click()
        expect(caused.get_by_role("link", name="refreshInstance")).to_be_visible()
        page.get_by_role("button", name="Unsubscribe").click()
        expect(page.get_by_text("released").first).to_be_visible()
        assert page.evaluate("window.same"), "the page was never loaded anew"
    mine = world.server.market.database.all(Subscription)[-1]
    assert mine.status is SubscriptionStatus.RELEASED


@pytest.mark.sweep
def test_what_comes_later_is_shown_without_a_click(world: BrowserWorld, open_page: Open) -> None:
    market = world.server.market
    market.switches.inject("lost", 1)
    with quiet_page(world, open_page, "/buyer") as page:
        page.get_by_role("button", name="Buy: One-time V1").click()
        expect(page.get_by_text("next attempt")).to_be_visible()
        (message,) = (task.subject for task in market.agenda.ahead() if task.name == "deliver")
        market.deliveries.hurry(message)
        market.run_due()
        expect(page.get_by_text("next attempt")).to_be_hidden()
        expect(page.get_by_text("active").first).to_be_visible()


@pytest.mark.sweep
def test_without_script(world: BrowserWorld, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{world.console}/buyer")
    page.get_by_role("button", name="Try: Yearly V2").click()
    expect(page.get_by_role("link", name="newInstance")).to_be_visible()
    page.get_by_role("button", name="Convert to formal").click()
    expect(page.get_by_role("link", name="refreshInstance")).to_be_visible()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, open_page: Open) -> None:
    with quiet_page(world, open_page, "/buyer") as page:
        page.get_by_role("button", name="Buy: Yearly V1").click()
        page.get_by_role("button", name="Open details").click()
        expect(page.get_by_role("link", name="call #")).to_be_visible()
        looks_right(page, "buyer")
