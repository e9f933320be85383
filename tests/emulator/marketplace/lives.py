"""The real bundle before a marketplace, and what a buyer does in two years."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from emulator.keys import Keys, OpenApiKeys
from emulator.marketplace.apis import Marketplace
from emulator.marketplace.catalogue.products import SHELF
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.market import Market, MarketConfig
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running
from shared.app import App
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from shared.instance.record import InstanceRecord
from shared.provisioning import Charging, State
from shared.server.routes import routes
from tests.emulator.marketplace.seller import DAY, START
from tests.emulator.marketplace.still_clock import StillClock

STATES = {
    SubscriptionStatus.ACTIVE: State.ACTIVE,
    SubscriptionStatus.FROZEN: State.FROZEN,
    SubscriptionStatus.RELEASED: State.RELEASED,
}


@dataclass
class Life:
    """A marketplace and the bundle behind it."""

    market: Market
    app: App

    @property
    def customer(self) -> str:
        """The first buyer's id."""
        return self.market.database.all(Customer)[0].id

    def instance(self, subscription: Subscription) -> InstanceRecord:
        """What the bundle has of it."""
        found = self.app.instances.get(subscription.instance_id)
        assert found is not None
        return found

    def differences(self) -> list[str]:
        """Where marketplace and bundle do not have the same of a subscription."""
        found = []
        for subscription in self.market.database.all(Subscription):
            instance = self.instance(subscription)
            here = STATES[subscription.status], subscription.expires_at, subscription.trial
            there = instance.state, instance.expires_at, instance.trial
            if here != there:
                found.append(f"{subscription.product} {subscription.id}: {here} here, {there} there")
        return found


@contextmanager
def living(folder: Path, *, seed: int = 1) -> Iterator[Life]:
    """Both on one clock that stands still but when it is moved, in files below ``folder``."""
    clock = StillClock(START)
    queried: list[Marketplace] = []

    def orders(request: HttpRequest) -> HttpResponse:
        return queried[0].order_query.answer(request)

    with running(orders, threads=4) as api:
        app = bundle({"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}", "KOOGALLERY_API_URLS": api}, clock)
        settings = app.settings
        keys = Keys(settings.key[0], settings.access_key[0], settings.notify_access_key[0])
        with running(routes(app), threads=8) as url:
            target = Target(url, settings.base_path)
            file = folder / "market.sqlite"
            plans = MarketConfig(keys=keys, target=target, clock=clock, signing_clock=clock, file=file, seed=seed)
            market = Market(plans)
            api_keys = OpenApiKeys("usage", settings.required("KOOGALLERY_AK"), settings.required("KOOGALLERY_SK"))
            queried.append(Marketplace(market, api_keys))
            yield Life(market, app)
            market.close()


def bundle(environ: Mapping[str, str], clock: Clock) -> App:
    """The bundle of this process."""
    return local_app(replace(local_settings(environ), clock=clock))


ACT = "act"
"""Task: something a buyer does, at the time it was planned for."""
YEARLY = (
    (5, "convert"),
    (6, "open"),
    (10, "upgrade"),
    (150, "renew"),
    (151, "return_renewal"),
    (160, "ask_change"),
    (200, "freeze"),
    (210, "unfreeze"),
    (375, "renew"),
    (400, "upgrade"),
)
MONTHLY = (
    (20, "renew"),
    (50, "renew"),
    (90, "renew"),
    (100, "freeze"),
    (110, "renew"),
    (112, "unfreeze"),
    (115, "renew"),
)
DIARIES: Mapping[Charging, tuple[tuple[int, str], ...]] = {
    Charging.PERIOD: YEARLY,
    Charging.ONE_TIME: ((1, "open"), (30, "freeze"), (60, "unfreeze"), (500, "query")),
    Charging.ON_DEMAND: ((1, "query"), (100, "owe"), (105, "pay"), (300, "freeze"), (301, "unfreeze"), (600, "owe")),
    Charging.ON_DEMAND_PACKAGE: ((1, "query"), (200, "upgrade")),
}
"""What is done on which day, counted from the purchase."""


def plan_lives(market: Market) -> None:
    """Buy each product twice, the second time on trial where there is one, and plan what is done with it. The first one
    is given back after 450 days.
    """
    now, customer = market.clock.now(), market.database.all(Customer)[0].id
    for product in SHELF.values():
        for again in (False, True):
            bought = market.shop.buy(customer, product.id, trial=again and bool(product.trial_days))
            diary = MONTHLY if product.plans[0].days == 30 else DIARIES[product.charging]
            for day, act in [*diary, *([] if again else [(450, "unsubscribe")])]:
                market.agenda.put(ACT, f"{bought.id} {act} {day}", now + day * DAY)


def keep_diary(market: Market) -> None:
    """Let the marketplace do what was planned, each thing once even if it dies in the middle."""

    def act(subject: str) -> None:
        subscription_id, name, _ = subject.split()
        with market.database.changing():
            market.agenda.drop(ACT, subject)
            with suppress(NotPossible):
                _do(market, market.database.the(Subscription, subscription_id), name)

    market.agenda.handle(ACT, act)


def _do(market: Market, subscription: Subscription, act: str) -> None:
    shop, arrears = market.shop, market.arrears
    plans = [plan.id for plan in SHELF[subscription.product].plans]
    larger = plans[min(plans.index(subscription.plan) + 1, len(plans) - 1)]
    acts: Mapping[str, Callable[[], object]] = {
        "upgrade": lambda: shop.upgrade(subscription.id, larger),
        "ask_change": lambda: shop.ask_change(subscription.id, larger),
        "freeze": lambda: shop.freeze(subscription.id, "violation"),
        "owe": lambda: arrears.fall_into_arrears(subscription.customer_id),
        "pay": lambda: arrears.pay(subscription.customer_id),
    }
    if act in acts:
        acts[act]()
    else:
        of_shop: Callable[[str], object] = getattr(shop, act)
        of_shop(subscription.id)


def finals(market: Market) -> list[tuple[object, ...]]:
    """What became of each subscription, without ids."""
    return [
        (
            each.product,
            each.status,
            each.plan,
            each.expires_at,
            each.closed_at,
            each.frozen_for,
            each.trial,
            tuple((order.kind, order.state, order.expires_at) for order in market.database.all(PlacedOrder, each.id)),
            tuple(
                (message.purpose, message.state, message.activity) for message in market.database.all(Message, each.id)
            ),
        )
        for each in market.database.all(Subscription)
    ]
