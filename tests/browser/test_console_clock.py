"""Moving the clock in a browser."""

from datetime import timedelta
from threading import Event

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BrowserWorld, Open
from tests.browser.looks import looks_right, quiet_page, tab_to

pytestmark = pytest.mark.e2e


@pytest.fixture
def held(world: BrowserWorld) -> Event:
    """Half an hour ahead the clock stops until this is set."""
    market, go_on = world.server.market, Event()
    market.agenda.handle("hold", lambda _subject: [go_on.wait(30)].clear())
    market.agenda.put("hold", "", market.clock.now() + timedelta(minutes=30))
    return go_on


@pytest.mark.sweep
def test_an_hour_from_the_header_of_any_page(world: BrowserWorld, held: Event, open_page: Open) -> None:
    before = world.clock.now()
    with quiet_page(world, open_page, "/calls") as page:
        page.get_by_role("form", name="Move the clock").get_by_role("button", name="+1 hour").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        held.set()
        expect(page.get_by_text("Moved from")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_be_hidden()
    assert world.clock.now() - before > timedelta(hours=1)


@pytest.mark.sweep
def test_stopped_on_the_way_by_keyboard(world: BrowserWorld, held: Event, open_page: Open) -> None:
    before = world.clock.now()
    with quiet_page(world, open_page, "/clock") as page:
        tab_to(page, page.get_by_role("main").get_by_role("button", name="+1 day"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("progressbar")).to_be_visible()
        with page.expect_response("**/clock/cancel"):
            page.get_by_role("button", name="Stop here").click()
        held.set()
        expect(page.get_by_text("Stopped on the way")).to_be_visible()
    assert world.clock.now() - before < timedelta(hours=2)


def test_to_a_moment_and_back(world: BrowserWorld, held: Event, open_page: Open) -> None:
    held.set()
    with quiet_page(world, open_page, "/clock") as page:
        wanted = world.clock.now() + timedelta(days=2)
        page.get_by_label("Moment").fill(f"{wanted:%Y-%m-%dT%H:%M:%S}")
        page.get_by_role("button", name="Move there").click()
        expect(page.get_by_text("Moved from")).to_be_visible()
        expect(page.locator("#clock time")).to_contain_text(f"{wanted:%Y-%m-%d}")
        page.get_by_role("button", name="Back to real time").click()
        expect(page.get_by_role("button", name="Back to real time")).to_be_hidden()
    assert abs(world.clock.offset) < timedelta(minutes=1)


@pytest.mark.sweep
def test_looks(world: BrowserWorld, held: Event, open_page: Open) -> None:
    with quiet_page(world, open_page, "/clock") as page:
        page.get_by_role("main").get_by_role("button", name="+1 hour").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        looks_right(page, "clock-moving")
        page.goto(f"{world.console}/clock")
        held.set()
        expect(page.get_by_text("Moved from")).to_be_visible()
        looks_right(page, "clock-moved")
