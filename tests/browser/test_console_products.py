"""The catalogue and the builder in a browser: what is wrong with a product, a call by keyboard, and as they look."""

import pytest
from playwright.sync_api import expect

from emulator.marketplace.catalogue.product_files import read
from emulator.marketplace.subscriptions.buyers import Customer
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import DESK, looks_right, quiet_page, tab_to
from tests.emulator.marketplace.catalogue.own import OWN

pytestmark = pytest.mark.e2e


@pytest.fixture
def own(world: BrowserWorld) -> BrowserWorld:
    """With products of the seller's own, one of which somebody has."""
    market = world.server.market
    market.catalogue.load(each.listed() for each in read(OWN).products)
    market.shop.buy(market.database.all(Customer)[0].id, "crm")
    market.run_due()
    return world


def test_what_is_wrong_stands_beside_its_field(own: BrowserWorld, open_page: Open) -> None:
    page = open_page()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{own.console}/products/crm")
    price = page.locator('[id="plans.0.price"]')
    price.fill("cheap")
    page.locator("#keep").click()
    expect(price).to_have_value("cheap")
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_accessible_description("An amount such as 99.00, please.")
    page.get_by_role("button", name="Another plan").click()
    expect(price).to_have_value("cheap")
    expect(page.locator('[id="plans.2.productId"]')).to_be_focused()
    price.fill("120.00")
    page.locator("#keep").click()
    expect(page.get_by_role("status").filter(has_text="crm@2")).to_be_visible()


@pytest.mark.sweep
def test_a_call_is_built_by_keyboard_alone(own: BrowserWorld, open_page: Open) -> None:
    with quiet_page(own, open_page, "/builder?call=v1.queryInstance") as page:
        tab_to(page, page.locator("#field-instanceId"))
        page.keyboard.press("Control+a")
        page.keyboard.type("nobody")
        page.keyboard.press("Enter")
        answer = page.get_by_role("region", name="The answer").first
        expect(answer).to_contain_text("000000")
        page.get_by_role("button", name="Send again").click()
        expect(answer).to_contain_text("000000")
    lines = own.server.market.timeline.lines(limit=2)
    assert [line.activity for line in lines] == ["queryInstance"] * 2


@pytest.mark.sweep
def test_looks(own: BrowserWorld, open_page: Open) -> None:
    with quiet_page(own, open_page, "/products") as page:
        looks_right(page, "own-products")
        for path in ("/products/crm", "/builder?call=v1.newInstance"):
            page.goto(f"{own.console}{path}")
            looks_right(page, f"own{path.partition('?')[0].replace('/', '-')}")
