"""A marketplace before a bundle on loopback, and the directory that the bundle makes of what it is told."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emulator.clock import MovableClock
from emulator.keys import Keys
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.organisation.comparison import Difference, compare
from emulator.marketplace.organisation.documents import Credential, Enterprise
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.order_query import OrderQueryApi
from emulator.seller.application import SellerApplication
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.client_secret import public_half
from emulator.wire.server import running
from shared.app import App
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes

PRODUCTS = {"v1": "yearly-v1", "v2": "yearly-v2"}
DOMAIN, CALLBACK = "https://sign-in.example", "https://isv.example/saas/login/callback"
NOWHERE = Target("http://127.0.0.1:9", "/saas")
"""Nobody listens there."""


@dataclass
class Side:
    """``market`` calls the bundle ``app``, which answers at ``target``."""

    market: Market
    app: App
    target: Target
    plans: MarketConfig

    def customer(self, name: str = "acme") -> Customer:
        return next(each for each in self.market.database.all(Customer) if each.name == name)

    def enterprise(self, name: str = "acme") -> Enterprise:
        return self.market.organisation.repository.enterprises(self.customer(name).id)[0]

    def bought(self, version: str, name: str = "acme") -> Subscription:
        """A subscription that is active."""
        subscription = self.market.shop.buy(self.customer(name).id, PRODUCTS[version])
        self.market.run_due()
        return self.market.database.the(Subscription, subscription.id)

    def bound(self, version: str, name: str = "acme") -> Subscription:
        """A subscription whose application is bound to the customer's enterprise."""
        subscription = self.bought(version, name)
        self.market.organisation.bindings.bind(subscription.id)
        self.market.run_due()
        return subscription

    def differences(self, name: str = "acme") -> list[Difference]:
        """What the bundle's directory has otherwise, once everything that is due was done."""
        self.market.run_due()
        tenant_id = self.enterprise(name).id
        found = SellerApplication(self.target, self.app.settings.app_tokens[0]).directory(tenant_id)
        return compare(self.market.organisation.repository, tenant_id, found)

    def untold(self, name: str = "acme") -> list[tuple[str, str]]:
        found = self.market.organisation.notifier.untold(self.enterprise(name).id)
        return sorted((each.subject.value, each.key) for each in found)

    def sent(self, activity: str) -> list[Mapping[str, Any]]:
        """The bodies of the calls of an interface, oldest first."""
        lines = self.market.timeline.lines(Filter(activity=activity), limit=100)
        calls = [self.market.timeline.get(line.number) for line in reversed(lines)]
        return [json.loads(call.sent.body) for call in calls if call]

    def reopened(self) -> "Side":
        """The same marketplace in a new process."""
        self.market.close()
        return replace(self, market=Market(self.plans))


@contextmanager
def side(folder: Path) -> Iterator[Side]:
    """Everything, kept in ``folder``."""
    clock = MovableClock()
    environ = {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}
    handles: list[OrderQueryApi] = []

    def orders(request: HttpRequest) -> HttpResponse:
        return handles[0].answer(request)

    with running(orders, threads=2) as api:
        local = replace(local_settings({**environ, "KOOGALLERY_API_URLS": api}), clock=clock)
        app, settings = local_app(local), local.settings
        public = public_half(settings.required("KOOGALLERY_RSA_PRIVATE_KEY"))
        with running(routes(app), threads=4) as url:
            plans = MarketConfig(
                keys=Keys(
                    settings.key[0],
                    settings.access_key[0],
                    settings.notify_access_key[0],
                    settings.sync_access_key[0],
                    public,
                ),
                target=Target(url, settings.base_path),
                clock=clock,
                signing_clock=clock,
                file=folder / "market.sqlite",
                bits=settings.cipher_bits,
                zone=settings.v1_zone,
                credential=Credential(settings.required("KOOGALLERY_APP_ID"), CALLBACK, DOMAIN),
            )
            market = Market(plans)
            ak, sk = settings.required("KOOGALLERY_AK"), settings.required("KOOGALLERY_SK")
            handles.append(OrderQueryApi(ak, sk, clock, market.orders))
            yield Side(market, app, plans.target, plans)
            market.close()
