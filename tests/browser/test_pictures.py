"""The README's picture, made from a run that is the same each time: `make pictures`, which sets ``PICTURES=docs``."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.buyers import Customer
from tests.browser.conftest import BrowserWorld

pytestmark = [pytest.mark.e2e, pytest.mark.sweep]

SIZE = {"width": 1180, "height": 720}
AT = datetime(2027, 3, 1, 2, 10, tzinfo=UTC)
CUT = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"


@pytest.fixture
def number(world: BrowserWorld) -> int:
    """Some days of a market; the call of which the answer was lost."""
    market = world.server.market
    world.clock.set(AT)
    customer = market.database.all(Customer)[0].id
    for product in (
        "monthly-v2",
        "one-time-v1",
        "pay-per-use-v2",
        "monthly-v1",
        "yearly-v2",
        "one-time-v2",
        "package-v2",
    ):
        market.shop.buy(customer, product)
        market.run_due()
    mine = market.shop.buy(customer, "yearly-v1")
    market.run_due()
    market.switches.inject("answer-lost", 1)
    market.shop.renew(mine.id)
    market.run_due()
    market.shop.open(mine.id)
    market.run_due()
    return market.timeline.lines(Filter(verdict="injected"), limit=1)[0].number


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_readme_shows_the_verdicts(world: BrowserWorld, number: int, chromium: Browser, language: str) -> None:
    context = chromium.new_context(viewport=SIZE, device_scale_factor=1.5, locale="en-US")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{world.console}/calls?call={number}&theme=light&lang={language}")
    expect(page.locator("#panel article")).to_be_visible()
    assert page.locator("table.calls td.c-verdict .cut").evaluate_all(CUT) == [], "every verdict can be read"
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / ("console.png" if language == "en" else "console.zh-CN.png"))
    context.close()
