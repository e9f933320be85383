"""``make serve`` and the console are processes of their own, and the marketplace's clock is moved: signatures keep real
time, in both directions.
"""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from emulator.clock import MovableClock
from emulator.console.server import Console, keys_of
from emulator.development import KEYS
from emulator.keys import OpenApiKeys
from emulator.marketplace.apis import Marketplace
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running, serving
from shared.clock import Deadline, SystemClock
from shared.openapi.usage_push import UsageRecord
from shared.server.routes import routes

HOUR = timedelta(hours=1)
RECORD = UsageRecord("i", "20261120T080000Z", "20261120T090000Z", "20261120T090000Z", Decimal(1), "sn-1")


@pytest.mark.parametrize("moved", [HOUR, -HOUR, timedelta(days=40)], ids=str)
@pytest.mark.parametrize("product", ["yearly-v1", "yearly-v2"])
def test_what_is_signed_is_let_in_however_far_the_marketplaces_clock_is_moved(
    tmp_path: Path, moved: timedelta, product: str
) -> None:
    environ = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}
    keys = keys_of(local_settings(environ).settings)
    open_api = OpenApiKeys(*(KEYS[f"KOOGALLERY_{name}"] for name in ("USAGE_KEY", "AK", "SK")))
    clock = MovableClock()
    market = Market(MarketConfig(keys=keys, target=Target(""), clock=clock, signing_clock=SystemClock()))
    console = Console(Marketplace(market, open_api))
    clock.shift(moved)
    with serving(console.front, threads=4) as url:
        app = local_app(local_settings({**environ, "KOOGALLERY_API_URLS": url}))
        with running(routes(app), threads=4) as bundle:
            market.sender.target = Target(bundle)
            bought = market.shop.buy(market.database.all(Customer)[0].id, product)
            market.advance(timedelta(seconds=1))
            pushed = app.usage_push.push([RECORD], Deadline(app.clock, 10))

    assert market.database.the(Subscription, bought.id).status is SubscriptionStatus.ACTIVE
    assert pushed.status == 200
    market.close()
