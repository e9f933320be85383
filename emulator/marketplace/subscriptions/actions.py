"""What can be done with a subscription in the shop, by name: for the console's buttons, soaks and scenarios.

The shop decides; ``possible`` spares a buyer a try in vain.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.subscriptions.shop import USED, Shop
from emulator.marketplace.subscriptions.subscription import EXPIRED, Subscription, SubscriptionStatus
from shared.provisioning import Charging

VIOLATION = "violation"


class BuyerAction(NamedTuple):
    """``does`` is given the subscription's id and that of a plan, empty for none. ``plans``: those to choose from."""

    does: Callable[[Shop, str, str], object]
    possible: Callable[[Subscription, ListedProduct], bool] = lambda _mine, _product: True
    plans: Callable[[Subscription, ListedProduct], Sequence[Plan]] = lambda _mine, _product: ()


def _plainly(does: Callable[[Shop, str], object]) -> Callable[[Shop, str, str], object]:
    return lambda shop, mine, _plan: does(shop, mine)


def _others(mine: Subscription, product: ListedProduct) -> Sequence[Plan]:
    """Larger ones first: what is chosen without thinking is no step down."""
    larger = product.larger(mine.plan)
    return [*larger, *(plan for plan in product.plans if plan.id != mine.plan and plan not in larger)]


def _larger(mine: Subscription, product: ListedProduct) -> Sequence[Plan]:
    return product.larger(mine.plan)


def _renewable(mine: Subscription, product: ListedProduct) -> bool:
    paused = mine.frozen_for not in ("", EXPIRED)
    return product.charging is Charging.PERIOD and not mine.trial and not paused


def _active(mine: Subscription, _product: ListedProduct) -> bool:
    return mine.status is SubscriptionStatus.ACTIVE


ACTIONS: Mapping[str, BuyerAction] = MappingProxyType(
    {
        "renew": BuyerAction(Shop.renew, _renewable),
        "renew-change": BuyerAction(
            Shop.renew, lambda mine, product: _renewable(mine, product) and bool(product.plans[1:]), _others
        ),
        "convert": BuyerAction(_plainly(Shop.convert), lambda mine, _product: mine.trial),
        "upgrade": BuyerAction(
            Shop.upgrade, lambda mine, product: _active(mine, product) and bool(_larger(mine, product)), _larger
        ),
        "return": BuyerAction(_plainly(Shop.return_renewal), lambda mine, _product: bool(mine.renewals)),
        "open": BuyerAction(_plainly(Shop.open)),
        "query": BuyerAction(_plainly(Shop.query)),
        "freeze": BuyerAction(lambda shop, mine, _plan: shop.freeze(mine, VIOLATION), _active),
        "unfreeze": BuyerAction(
            _plainly(Shop.unfreeze),
            lambda mine, _product: mine.status is SubscriptionStatus.FROZEN and mine.frozen_for != EXPIRED,
        ),
        "unsubscribe": BuyerAction(
            _plainly(Shop.unsubscribe), lambda mine, product: mine.trial or product.charging not in USED
        ),
        "close": BuyerAction(_plainly(Shop.close), lambda _mine, product: product.charging in USED),
    }
)
"""In the order of the buttons. Version 2 asks the seller before ``renew-change``: see :meth:`Shop.ask_change`."""
