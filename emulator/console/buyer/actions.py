"""The buttons of a subscription."""

from collections.abc import Sequence
from typing import NamedTuple

from emulator.console.buyer.delivery import delivered, posted
from emulator.marketplace.catalogue.products import ListedProduct, Plan
from emulator.marketplace.delivery.messages import Delivery
from emulator.marketplace.market import Market
from emulator.marketplace.subscriptions.actions import ACTIONS
from emulator.marketplace.subscriptions.subscription import Subscription
from shared.commands import Version

_KINDS = {"unsubscribe": "danger", "close": "danger"}


class ActionRefused(Exception):
    """The seller said no to a question that was asked first."""


class Offer(NamedTuple):
    """A button: an action that is possible now, with the plans to choose from. ``kind``: of button."""

    name: str
    plans: Sequence[Plan]
    kind: str


def offers(subscription: Subscription, product: ListedProduct) -> Sequence[Offer]:
    if not subscription.live:
        return []
    return [
        Offer(name, action.plans(subscription, product), _KINDS.get(name, ""))
        for name, action in ACTIONS.items()
        if action.possible(subscription, product)
    ]


def do(market: Market, name: str, subscription_id: str, plan_id: str) -> None:
    """One of the actions, in another plan where it is that what is done.

    :raises NotPossible: the shop does not allow it.
    :raises ActionRefused: the seller was asked first, and said no, or nothing.
    """
    if name == "renew-change":
        _ask(market, subscription_id, plan_id)
    ACTIONS[name].does(market.shop, subscription_id, "" if name == "renew" else plan_id)


def _ask(market: Market, subscription_id: str, plan_id: str) -> None:
    """Version 2 asks the seller before a renewal in another plan (production interfaces, section 3.7)."""
    product = market.database.the(ListedProduct, market.database.the(Subscription, subscription_id).product)
    if product.version is Version.V2:
        with delivered(market) as since:
            question = market.shop.ask_change(subscription_id, plan_id)
        answered = next(message for message in posted(market.database, since) if message.id == question.id)
        if answered.state is not Delivery.DELIVERED:
            raise ActionRefused
