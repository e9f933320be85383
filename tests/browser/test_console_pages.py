"""The console as people use it: calls, check and journey in a real browser, by mouse and keyboard, wide and narrow."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from emulator.console.replay import edited
from emulator.journey import Player, play
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.buyers import Customer
from tests.browser.conftest import BrowserWorld, Open, keep
from tests.browser.looks import DESK, looks_right, quiet_page, watched
from tests.emulator.conformance.seller import Seller
from tests.emulator.conformance.server import serving

pytestmark = pytest.mark.e2e


@pytest.fixture
def market(world: BrowserWorld) -> Market:
    """Two purchases, one in each version, delivered to the bundle; a call that failed; the journey."""
    market = world.server.market
    customer = market.database.all(Customer)[0]
    for product_id in ("yearly-v1", "monthly-v2"):
        market.shop.buy(customer.id, product_id)
        market.run_due()
    first = purchase(market)
    edited(market, first, first.sent.request(), "notify_key", fresh=True)
    return market


def purchase(market: Market) -> RecordedCall:
    """The first one of version 1."""
    chosen = Filter(direction="out", activity="newInstance")
    found = [line.number for line in market.timeline.lines(chosen) if line.version == "v1"]
    call = market.timeline.get(found[-1])
    assert call is not None
    return call


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What the browser complains about; there must be nothing."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def page(world: BrowserWorld, market: Market, open_page: Open, problems: list[str]) -> Page:
    """A wide window in English at the list of calls."""
    page = watched(open_page(), problems)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(f"{world.console}/calls")
    return page


def rows(page: Page) -> int:
    return page.locator("table.calls [data-row]").count()


@pytest.mark.sweep
def test_new_calls_appear_unless_paused(world: BrowserWorld, market: Market, open_page: Open) -> None:
    page = open_page(spent=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.clock.install()
    page.goto(f"{world.console}/calls")
    before = rows(page)
    one = purchase(market)
    market.timeline.add(one)
    expect(page.locator("table.calls [data-row]")).to_have_count(before + 1)
    page.get_by_role("button", name="Pause").click()
    with page.expect_response("**/time"):
        market.timeline.add(one)
        page.clock.run_for(6_000)
    assert rows(page) == before + 1
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("table.calls [data-row]")).to_have_count(before + 2)


def test_filters_stand_in_the_address(page: Page, world: BrowserWorld) -> None:
    page.get_by_label("Both directions").select_option("from the seller")
    page.wait_for_url("**/calls?direction=in")
    expect(page.locator(".arrow.out")).to_have_count(0)
    expect(page.locator(".arrow.in").first).to_be_visible()
    page.get_by_label("Any verdict").select_option("failed")
    page.wait_for_url("**/calls?direction=in&verdict=failed")
    expect(page.get_by_text("No call matches")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url("**/calls")
    page.get_by_label("Order or instance id").fill("nothing")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?about=nothing")


@pytest.mark.sweep
def test_older_calls_follow_as_one_scrolls(page: Page, market: Market) -> None:
    one = purchase(market)
    for _ in range(120):
        market.timeline.add(one)
    page.reload()
    assert rows(page) == 50
    page.keyboard.press("End")
    expect(page.locator("table.calls [data-row]")).to_have_count(100)
    page.locator("tbody.older a").scroll_into_view_if_needed()
    expect(page.locator("table.calls [data-row='1']")).to_have_count(1)


def test_by_keyboard_only(page: Page, world: BrowserWorld) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.dataset.row")
    page.keyboard.press("Enter")
    expect(page.locator("#panel article")).to_contain_text(f"#{focused}")
    assert page.url.endswith(f"?call={focused}")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.url == f"{world.console}/calls"
    assert page.evaluate("document.activeElement.dataset.row") == focused
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "about"
    page.keyboard.type("gc?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Tab")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/readiness")


@pytest.mark.sweep
def test_a_reload_keeps_the_open_call(page: Page, market: Market) -> None:
    number = purchase(market).number
    page.locator(f"[data-row='{number}']").click()
    expect(page.locator("#panel")).to_contain_text("newInstance")
    page.reload()
    expect(page.locator("#panel")).to_contain_text(f"#{number}")
    page.get_by_role("button", name="Copy as curl").wait_for()
    page.locator("#panel").get_by_role("link", name="Decrypt").click()
    expect(page.locator("#panel")).to_contain_text("decrypted")
    keep(page, "console-panel")


@pytest.mark.sweep
def test_pretty_and_raw(page: Page, world: BrowserWorld, market: Market) -> None:
    page.goto(f"{world.console}/calls/{purchase(market).number}")
    pretty, raw = (page.locator(f".views .{which}").last for which in ("first", "second"))
    expect(pretty).to_be_visible()
    expect(raw).to_be_hidden()
    page.get_by_text("Raw", exact=True).last.click()
    expect(raw).to_be_visible()
    expect(pretty).to_be_hidden()


@pytest.mark.sweep
def test_copied(page: Page, world: BrowserWorld, market: Market) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=world.console)
    page.goto(f"{world.console}/calls/{purchase(market).number}")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -i 'http://127.0.0.1:")


def test_send_again_replay_and_edit(page: Page, world: BrowserWorld, market: Market) -> None:
    page.goto(f"{world.console}/calls/{purchase(market).number}")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Sent as call")).to_be_visible()
    expect(page.locator("article header")).to_contain_text("passed")
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("article header")).to_contain_text("replay of")
    page.get_by_role("link", name="Edit and send").click()
    page.get_by_label("Signature").select_option("Leave it as it is")
    page.get_by_label("Value of parameter 3").fill("forged")
    page.get_by_label("The right answer").select_option("Refuses it")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article header")).to_contain_text("passed")
    expect(page.locator(".signature").first).to_contain_text("does not fit")
    expect(page.locator("mark").first).to_be_visible()


@pytest.mark.sweep
def test_a_check_runs_and_shows_what_it_found(page: Page, world: BrowserWorld) -> None:
    page.goto(f"{world.console}/check")
    page.get_by_label("Organisation sync").check()
    page.get_by_role("button", name="Run the check").click()
    expect(page.get_by_role("heading", name="Nothing failed")).to_be_visible(timeout=60_000)
    page.locator("[id='v1.new.period'] summary").click()
    page.locator("[id='v1.new.period']").get_by_role("link", name="call").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("newInstance")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="HTML").click()
    assert download.value.suggested_filename == "conformance-127.0.0.1.html"


@pytest.mark.sweep
def test_without_script(world: BrowserWorld, market: Market, open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{world.console}/calls")
    page.get_by_label("Any verdict").select_option("failed")
    page.get_by_role("button", name="Filter").click()
    page.locator("table.calls a[data-row]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("newInstance")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Sent as call")).to_be_visible()


@pytest.mark.sweep
def test_accessible(page: Page, world: BrowserWorld, market: Market) -> None:
    number = purchase(market).number
    for path in (f"/calls?call={number}", f"/calls/{number}?decrypt=1", f"/calls/{number}/edit"):
        page.goto(f"{world.console}{path}")
        looks_right(page, f"console{path.replace('/', '-').replace('?', '-')}")


@pytest.mark.sweep
def test_a_check_is_accessible(world: BrowserWorld, open_page: Open) -> None:
    """A part of it looks like all of it, and axe looks at each element."""
    with quiet_page(world, open_page, "/check") as page:
        page.get_by_label("Only cases").fill("sign.* v1.new.* v2.refused.n*")
        page.get_by_role("button", name="Run the check").click()
        expect(page.get_by_role("heading", name="Nothing failed")).to_be_visible(timeout=60_000)
        looks_right(page, "console-check")


@pytest.mark.sweep
def test_what_is_to_be_mended_is_accessible(world: BrowserWorld, market: Market, open_page: Open) -> None:
    """Before a server that has other keys, so that there is much to mend."""
    before = market.sender.target
    with serving(Seller()) as url, quiet_page(world, open_page, "/readiness?lang=en") as page:
        base, _, path = url.rpartition("/")
        market.sender.target = Target(base, f"/{path}")
        page.get_by_role("button", name="Check my server").or_(page.get_by_role("button", name="again")).first.click()
        expect(page.get_by_role("heading", name="to mend before you go live")).to_be_visible(timeout=60_000)
        page.locator(".mends summary").first.click()
        looks_right(page, "console-readiness")
        page.goto(f"{world.console}/readiness")
        page.get_by_role("link", name="The call that shows it").first.click()
        expect(page.locator(".mistake").first).to_be_visible()
        looks_right(page, "console-mistake")
        market.sender.target = before


@pytest.mark.sweep
def test_a_journey_is_accessible(world: BrowserWorld, open_page: Open) -> None:
    base = world.bundle.rpartition("/")[0]
    rows = play(Player(base, world.program.settings, world.clock, world.server.market.orders))[:30]
    world.server.context.rows, world.server.context.finished = rows, True
    with quiet_page(world, open_page, "/journey?lang=en") as page:
        expect(page.get_by_role("status").first).to_contain_text(f"{len(rows)} passed")
        looks_right(page, "console-journey")


@pytest.mark.sweep
def test_the_theme_of_the_system_and_the_readers_own(world: BrowserWorld, open_page: Open, problems: list[str]) -> None:
    page = watched(open_page(color_scheme="dark"), problems)
    page.goto(f"{world.console}/calls")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator("summary", has_text="Theme").click()
    page.get_by_role("link", name="Light").click()
    page.wait_for_url("**/calls?theme=light")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("调用")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == light
