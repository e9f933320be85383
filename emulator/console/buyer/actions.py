"""The buttons of a subscription: what each does in the shop, and when there is a point in showing it.

The shop decides; what is shown here only spares the reader a click in vain.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from emulator.console.buyer.delivery import deliver, mark, posted
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.shop import USED
from emulator.marketplace.subscriptions.subscription import EXPIRED, Subscription, SubscriptionStatus
from shared.commands import Version
from shared.provisioning import Charging

VIOLATION = "violation"


class ActionRefused(Exception):
    """The seller said no to a question that was asked first."""


class BuyerAction(NamedTuple):
    """``does`` is given the plan that was chosen, if ``plans`` offers any. ``kind``: of button."""

    name: str
    does: Callable[[Market, str, str], object]
    shown: Callable[[Subscription, ListedProduct], bool]
    plans: Callable[[Subscription, ListedProduct], Sequence[Plan]] = lambda _subscription, _product: ()
    kind: str = ""


class Offer(NamedTuple):
    """A button: an act that is possible now."""

    name: str
    plans: Sequence[Plan]
    kind: str


def offers(subscription: Subscription, product: ListedProduct) -> Sequence[Offer]:
    """What is possible now."""
    if not subscription.live:
        return []
    return [
        Offer(name, act.plans(subscription, product), act.kind)
        for name, act in ACTS.items()
        if act.shown(subscription, product)
    ]


def _renew_changed(market: Market, subscription_id: str, plan_id: str) -> None:
    """Version 2 asks the seller first (production interfaces, section 3.7).

    :raises Refused: it said no, or nothing.
    """
    product = market.database.the(ListedProduct, market.database.the(Subscription, subscription_id).product)
    if product.version is Version.V2:
        since = mark(market.database)
        question = market.shop.ask_change(subscription_id, plan_id)
        deliver(market, since)
        answered = next(message for message in posted(market.database, since) if message.id == question.id)
        if not _agreed(answered):
            raise ActionRefused
    market.shop.renew(subscription_id, plan_id)


def _agreed(question: Message) -> bool:
    return question.state is Delivery.DELIVERED


def _others(subscription: Subscription, product: ListedProduct) -> Sequence[Plan]:
    return [plan for plan in product.plans if plan.id != subscription.plan]


def _larger(subscription: Subscription, product: ListedProduct) -> Sequence[Plan]:
    return product.larger(subscription.plan)


def _renewable(subscription: Subscription, product: ListedProduct) -> bool:
    paused = subscription.frozen_for not in ("", EXPIRED)
    return product.charging is Charging.PERIOD and not subscription.trial and not paused


_ALL = (
    BuyerAction("renew", lambda market, subscription_id, _plan: market.shop.renew(subscription_id), _renewable),
    BuyerAction(
        "renew-change",
        _renew_changed,
        lambda mine, product: _renewable(mine, product) and bool(product.plans[1:]),
        _others,
    ),
    BuyerAction("convert", lambda market, mine, _plan: market.shop.convert(mine), lambda mine, _product: mine.trial),
    BuyerAction(
        "upgrade",
        lambda market, mine, plan: market.shop.upgrade(mine, plan),
        lambda mine, product: mine.status is SubscriptionStatus.ACTIVE and bool(_larger(mine, product)),
        _larger,
    ),
    BuyerAction(
        "return",
        lambda market, mine, _plan: market.shop.return_renewal(mine),
        lambda mine, _product: bool(mine.renewals),
    ),
    BuyerAction("open", lambda market, mine, _plan: market.shop.open(mine), lambda _mine, _product: True),
    BuyerAction("query", lambda market, mine, _plan: market.shop.query(mine), lambda _mine, _product: True),
    BuyerAction(
        "freeze",
        lambda market, mine, _plan: market.shop.freeze(mine, VIOLATION),
        lambda mine, _product: mine.status is SubscriptionStatus.ACTIVE,
    ),
    BuyerAction(
        "unfreeze",
        lambda market, mine, _plan: market.shop.unfreeze(mine),
        lambda mine, _product: mine.status is SubscriptionStatus.FROZEN and mine.frozen_for != EXPIRED,
    ),
    BuyerAction(
        "unsubscribe",
        lambda market, mine, _plan: market.shop.unsubscribe(mine),
        lambda mine, product: mine.trial or product.charging not in USED,
        kind="danger",
    ),
    BuyerAction(
        "close",
        lambda market, mine, _plan: market.shop.close(mine),
        lambda _mine, product: product.charging in USED,
        kind="danger",
    ),
)
ACTS = {act.name: act for act in _ALL}
"""By name, in the order of the buttons."""
