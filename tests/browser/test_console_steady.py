"""What must not surprise who works with the console: double clicks, lost connections, jumping lists, keys."""

import pytest
from playwright.sync_api import Page, Route, expect

from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import DESK, SMALLEST, quiet_page

pytestmark = pytest.mark.e2e

ENDS = """all => all.map(each => {
  const words = document.createRange();
  words.selectNodeContents(each);
  return words.getBoundingClientRect().right;
})"""
ROW = "table.calls [data-row]"


def buyer(market: Market) -> str:
    """The first customer."""
    return market.database.all(Customer)[0].id


@pytest.mark.sweep
def test_a_slow_seller_and_an_impatient_buyer(world: BrowserWorld, open_page: Open) -> None:
    market = world.server.market
    market.channel.slow, before = 2.0, market.database.count(Subscription)
    market.switches.inject("slow-reading", 1)
    with quiet_page(world, open_page, "/buyer") as page:
        buy = page.get_by_role("button", name="Buy: Yearly V1")
        buy.dblclick()
        expect(page.locator("form[aria-busy='true']")).to_have_count(1)
        buy.click(force=True)
        expect(page.get_by_role("link", name="newInstance")).to_be_visible()
    assert market.database.count(Subscription) == before + 1


@pytest.mark.sweep
def test_what_was_typed_stays_and_the_reason_stands_beside_it(
    page: Page, module_world: BrowserWorld, metered: str
) -> None:
    page.goto(f"{module_world.console}/usage/{metered}")
    page.get_by_label("Amount of each event").fill("nothing")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert").filter(has_text="Give an amount")).to_be_visible()
    expect(page.get_by_label("Amount of each event")).to_have_value("nothing")


@pytest.fixture(scope="module")
def metered(module_world: BrowserWorld) -> str:
    """Bought after others, with usage: its instance id."""
    market = module_world.server.market
    for product in ("yearly-v1", "monthly-v2", "one-time-v1", "pay-per-use-v2"):
        bought = market.shop.buy(buyer(market), product)
        market.run_due()
    return market.database.the(Subscription, bought.id).instance_id


@pytest.fixture
def page(module_world: BrowserWorld, metered: str, open_page: Open) -> Page:
    """The list of calls in a wide window; nobody changes what there is."""
    page = open_page()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{module_world.console}/calls")
    return page


def test_a_lost_connection_shows(module_world: BrowserWorld, metered: str, open_page: Open) -> None:
    def gone(route: Route) -> None:
        route.abort()

    page = open_page(spent=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.clock.install()
    page.goto(f"{module_world.console}/calls")
    lost = page.get_by_role("alert").filter(has_text="No connection")
    page.route("**/*", gone)
    page.locator(ROW).first.click()
    expect(lost).to_be_visible()
    expect(page.locator("#panel")).to_have_text("The console does not answer.")
    stopped = page.locator("[data-clock]").text_content()
    page.clock.run_for(2_000)
    assert page.locator("[data-clock]").text_content() == stopped, "the clock does not tick on"
    page.unroute("**/*")
    page.clock.run_for(6_000)
    expect(lost).to_be_hidden()


@pytest.mark.sweep
def test_the_list_stays_where_it_is_when_the_panel_opens(page: Page) -> None:
    places = """[...document.querySelectorAll('table.calls [data-row]')].slice(0, 12).map(
        each => each.closest('tr').getBoundingClientRect().toJSON())"""
    for width in (1100, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("scrollTo(0, 0)")
        before = page.evaluate(places)
        page.locator(ROW).nth(3).click()
        expect(page.locator("#panel article")).to_be_visible()
        assert page.evaluate(places) == before, width
        page.locator("#panel [data-close]").click()
        expect(page.locator("#panel")).to_be_hidden()


def test_keys_move_the_open_panel_and_reach_into_it(page: Page) -> None:
    numbers = [row.get_attribute("data-row") for row in page.locator(ROW).all()]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel article")).to_contain_text(f"#{numbers[0]}")
    assert page.evaluate("document.activeElement.id") == "panel"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#panel') !== null")
    page.keyboard.press("j")
    expect(page.locator("#panel article")).to_contain_text(f"#{numbers[1]}")
    page.keyboard.press("k")
    expect(page.locator("#panel article")).to_contain_text(f"#{numbers[0]}")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.row") == numbers[0]


@pytest.mark.sweep
def test_escape_closes_a_menu(page: Page) -> None:
    page.locator("summary", has_text="Theme").click()
    expect(page.get_by_role("link", name="Dark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Dark")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.sweep
def test_verdicts_can_be_read_at_every_width(page: Page) -> None:
    verdicts = page.locator("table.calls td.c-verdict .cut")
    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"
    for width in (1024, 1100, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert verdicts.evaluate_all(cut) == [], width
    page.locator(ROW).first.click()
    expect(page.locator("#panel article")).to_be_visible()
    for width in (1100, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        panel = page.locator("#panel").bounding_box()
        assert panel
        words = page.locator("table.calls td.c-verdict .verdict")
        assert max(words.evaluate_all(ENDS)) < panel["x"], f"and beside the panel at {width}"


@pytest.mark.sweep
def test_the_filters_never_cover_the_panel(page: Page, module_world: BrowserWorld) -> None:
    for width in (1100, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{module_world.console}/calls?verdict=passed&code=000000&call=1")
        expect(page.locator("summary", has_text="Views")).to_be_visible()
        page.locator("#panel [data-close]").click()
        expect(page.locator("#panel")).to_be_hidden()


@pytest.mark.sweep
@pytest.mark.parametrize("path", ["/readings", "/recorder"])
def test_nothing_is_wider_than_the_smallest_phone_in_chinese(page: Page, module_world: BrowserWorld, path: str) -> None:
    """Nor is any of the pages at which :func:`looks_right` looks."""
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    page.goto(f"{module_world.console}{path}?lang=zh")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator("summary", has_text="菜单")).to_be_in_viewport()


@pytest.mark.sweep
def test_the_chart_with_its_scale_stays_in_sight_on_a_phone(
    page: Page, module_world: BrowserWorld, metered: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{module_world.console}/usage/{metered}")
    drawn = page.locator(".chart canvas")
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
