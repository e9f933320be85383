"""Every page on a phone and on the smallest, in one run of the emulator: the longer words, in the dark."""

import pytest
from playwright.sync_api import Browser, Page, expect

from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.browser.conftest import BrowserWorld
from tests.browser.looks import PHONE, SMALLEST, barriers, resize, shown

pytestmark = pytest.mark.e2e

ALWAYS = ["/calls/1", "/buyer"]
PATHS = ["/", "/calls", "/calls/1/edit", "/calls/compare?left=1&right=2", "/builder", "/recorder"]
PATHS += ["/seller", "/seller/messages", "/seller/orders", "/seller/mails", "/seller/probes", "/faults", "/readings"]
PATHS += ["/products", "/products/new", "/instances", "/instances/{0}", "/usage", "/usage/{0}", "/organisation"]
PATHS += ["/clock", "/readiness", "/check", "/journey"]
EXAMINED = [*ALWAYS, "/recorder", "/readings"]
"""Where axe looks: at what ``make test`` sees, and at the pages that no other test makes it look at."""


@pytest.fixture(scope="module")
def instance(module_world: BrowserWorld) -> str:
    """Bought after a lost call; used and billed."""
    market = module_world.server.market
    market.switches.inject("lost", 1)
    for product in ("yearly-v2", "pay-per-use-v2"):
        bought = market.shop.buy(market.database.all(Customer)[0].id, product)
        market.run_due()
    return market.database.the(Subscription, bought.id).instance_id


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Page:
    """One window for all: to open one takes longer than to look."""
    return chromium.new_context(locale="en-US").new_page()


@pytest.mark.parametrize("path", [*ALWAYS, *(pytest.param(path, marks=pytest.mark.sweep) for path in PATHS)])
def test_on_a_phone(module_world: BrowserWorld, instance: str, page: Page, path: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{module_world.console}{path.format(instance)}")
    expect(page.locator(".htmx-request")).to_have_count(0)
    look = f"phone{path.partition('?')[0].replace('/', '-')}"
    shown(page, look, "dark")
    if path in EXAMINED:
        assert barriers(page) == [], look
    resize(page, SMALLEST)
    shown(page, f"{look}-small", "dark")
    expect(page.locator("summary", has_text="Menu")).to_be_in_viewport()
