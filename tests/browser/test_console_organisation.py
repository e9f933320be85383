"""The organisation's page in a browser."""

import pytest
from playwright.sync_api import expect

from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e

SAME = "the seller's side holds the same"


@pytest.fixture
def mine(world: BrowserWorld) -> Subscription:
    """Of the second customer: the stage has bound the first one's."""
    market = world.server.market
    bought = market.shop.buy(market.database.all(Customer)[1].id, "yearly-v2")
    market.run_due()
    return market.database.the(Subscription, bought.id)


@pytest.fixture
def path(world: BrowserWorld, mine: Subscription) -> str:
    tenant = world.server.market.organisation.repository.enterprises(mine.customer_id)[0]
    return f"/organisation?tenant={tenant.id}"


def test_bind_authorise_and_let_somebody_go(world: BrowserWorld, path: str, open_page: Open) -> None:
    with quiet_page(world, open_page, path) as page:
        expect(page.get_by_text("nothing is bound")).to_be_visible()
        page.get_by_role("button", name="Bind", exact=True).click()
        expect(page.get_by_text(SAME)).to_be_visible()
        page.locator("[id^=pick-]").first.click()
        page.get_by_role("button", name="Authorise for V2").click()
        caused = page.get_by_role("region", name="What the last click caused")
        expect(caused.get_by_role("link", name="authSync")).to_be_visible()
        expect(page.get_by_text(SAME)).to_be_visible()
        page.get_by_role("button", name="Remove").click()
        expect(page.locator("[id^=pick-][aria-expanded=true]")).to_have_count(0)
        expect(page.get_by_text(SAME)).to_be_visible()


@pytest.mark.sweep
def test_the_tree_by_keyboard_alone(world: BrowserWorld, path: str, open_page: Open) -> None:
    with quiet_page(world, open_page, path) as page:
        fold, below = page.locator(".tree summary").first, page.locator(".tree .tree a").first
        expect(below).to_be_visible()
        tab_to(page, fold)
        page.keyboard.press("Enter")
        expect(below).to_be_hidden()
        page.keyboard.press("Enter")
        expect(below).to_be_visible()
        tab_to(page, below)
        name = below.inner_text()
        page.keyboard.press("Enter")
        expect(page.locator("#chosen")).to_contain_text(name)
        tab_to(page, page.get_by_label("New department"))
        page.keyboard.type("Laboratory")
        page.keyboard.press("Enter")
        expect(page.locator(".tree").get_by_role("link", name="Laboratory")).to_be_visible()


@pytest.mark.sweep
def test_red_until_the_seller_has_heard(world: BrowserWorld, path: str, open_page: Open) -> None:
    with quiet_page(world, open_page, path) as page:
        page.get_by_role("button", name="Bind", exact=True).click()
        expect(page.get_by_text(SAME)).to_be_visible()
        world.server.market.switches.inject("lost", 1)
        page.get_by_label("New department").fill("Unheard")
        page.locator("#add-department").click()
        expect(page.get_by_text("1 difference at the seller")).to_be_visible()
        looks_right(page, "organisation-differs")
        page.goto(f"{world.console}{path}")
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_text(SAME)).to_be_visible()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, path: str, open_page: Open) -> None:
    with quiet_page(world, open_page, path) as page:
        page.get_by_role("button", name="Bind", exact=True).click()
        expect(page.get_by_text(SAME)).to_be_visible()
        page.locator(".tree a").first.click()
        page.locator("[id^=pick-]").first.click()
        expect(page.get_by_role("button", name="Disable")).to_be_visible()
        looks_right(page, "organisation")
