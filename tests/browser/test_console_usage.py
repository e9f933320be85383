"""The pages about usage in a browser: using, uploading, the chart."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from emulator.console.usage.amounts import exact
from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.timers import SellerTimers
from shared.metering.export import Selection, exported
from shared.metering.records import RecordState
from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

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


def chart(page: Page, span: str = "hour") -> Locator:
    return page.get_by_role("slider", name=f"Usage by {span}")


def read_by_keyboard(page: Page, *keys: str) -> Locator:
    """What is said below the chart, which says the same to a screen reader."""
    shown, read = chart(page), page.locator(".read")
    for key in keys:
        shown.press(key)
    expect(shown).to_have_attribute("aria-valuetext", read.inner_text())
    return read


def test_use_upload_bill(world: BrowserWorld, mine: Subscription, market: Market, open_page: Open) -> None:
    with quiet_page(world, open_page, "/usage") as page:
        page.locator(f"[data-row='{mine.instance_id}']").click()
        page.get_by_label("Amount of each event").fill("2.5")
        page.get_by_label("Events").fill("4")
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_text("took 4 events in")).to_be_visible()
        expect(page.locator(".read")).to_contain_text("Point at a column")
        market.advance(timedelta(hours=1))
        page.get_by_role("button", name="Run the seller's upload").click()
        expect(page.get_by_text("The upload has run")).to_be_visible()
        expect(read_by_keyboard(page, "End", "ArrowLeft")).to_contain_text("used 10, accepted 10, billed 0, refused 0")
        market.advance(timedelta(minutes=20))
        page.reload()
        expect(read_by_keyboard(page, "ArrowLeft", "ArrowLeft")).to_contain_text("billed 10, refused 0")
        page.mouse.move(0, 0)
        page.locator(".u-over").hover(position={"x": 3, "y": 100})
        expect(page.locator(".read")).to_contain_text("used 0, accepted 0")
        expect(chart(page)).to_have_attribute("aria-valuenow", "0")
        page.get_by_text("As numbers").click()
        expect(page.locator(".numbers td.number").first).to_have_text("10")


@pytest.mark.sweep
def test_by_keyboard_alone(world: BrowserWorld, mine: Subscription, open_page: Open) -> None:
    with quiet_page(world, open_page, f"/usage/{mine.instance_id}") as page:
        tab_to(page, page.get_by_label("Amount of each event"))
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        expect(page.get_by_text("took 1 event in")).to_be_visible()
        by_day = page.get_by_role("link", name="By day")
        tab_to(page, by_day)
        page.keyboard.press("Enter")
        expect(chart(page, "day")).to_be_visible()


@pytest.mark.sweep
def test_looks(world: BrowserWorld, mine: Subscription, market: Market, open_page: Open) -> None:
    with quiet_page(world, open_page, "/usage") as page:
        looks_right(page, "usage")
    with quiet_page(world, open_page, f"/usage/{mine.instance_id}") as page:
        page.get_by_role("button", name="Use it").click()
        expect(page.get_by_text("took 1 event in")).to_be_visible()
        market.switches.inject("usage-some-refused", 1)
        market.advance(timedelta(hours=1))
        page.get_by_role("button", name="Run the seller's upload").click()
        expect(page.get_by_text("product is off the shelf").first).to_be_visible()
        looks_right(page, "usage-instance")


def total(rows: Iterable[Mapping[str, str]]) -> Decimal:
    return sum((Decimal(each["value"]) for each in rows), Decimal(0))


@pytest.mark.sweep
def test_a_month(world: BrowserWorld, mine: Subscription, market: Market, open_page: Open) -> None:
    """A day of it is like a month. All three numbers are those of the seller's own files."""
    SellerTimers(world.server.seller, market.agenda, market.clock).start()
    market.switches.inject("usage-some-refused", 1)
    with quiet_page(world, open_page, "/usage") as page:
        page.get_by_label("How long").select_option("a day")
        page.get_by_role("button", name="Simulate").click()
        expect(page.get_by_text("24 of 24 hours were used")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("progressbar")).to_have_count(0)
        rows = list(exported(world.program, Selection(mine.instance_id)))
        events = total(row for row in rows if row["kind"] == "event")
        ends = (RecordState.ACCEPTED, RecordState.DEAD)
        billed, refused = (total(row for row in rows if row.get("state") == each) for each in ends)
        shown = page.locator(".adding dd")
        expect(shown).to_have_text([exact(each) for each in (events, billed, Decimal(0), refused, Decimal(0))])
        assert events == billed + refused
        assert refused
        expect(read_by_keyboard(page, "Home")).to_contain_text("used ")
        numbers, link = shown.all_inner_texts(), page.get_by_role("link", name="/usage/months/")
        with quiet_page(world, open_page, str(link.get_attribute("href"))) as elsewhere:
            expect(elsewhere.locator(".adding dd")).to_have_text(numbers)
        looks_right(page, "usage-month")
