"""What buyers do in a soak."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.faults.fault_list import OVERTAKEN
from emulator.marketplace.market import Market
from emulator.marketplace.storage.transactions import NotPossible
from emulator.marketplace.subscriptions.actions import ACTIONS, VIOLATION
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.soak.random_plan import PlannedAction
from shared.provisioning import OrderType

MOST_LIVE = 120
"""Subscriptions at a time; beyond that buyers rather leave than come."""
TRIED_ON: Mapping[str, Callable[[Subscription], bool]] = {
    "renew": lambda _each: True,
    "freeze": lambda _each: True,
    "unfreeze": lambda each: each.frozen_for == VIOLATION,
}
"""What an action is tried on, if that is not what it is possible for."""
KEPT = 20
"""So many of those that are gone are kept in mind."""


class Buyers:
    """Acts on the subscriptions of ``market``; ``live`` are the ids of those that may have an instance, ``ended``
    the latest of those paid by use that have none any more.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._shop = market.shop
        self.live: list[str] = []
        self.ended: list[Subscription] = []
        self.done: Counter[str] = Counter()
        self._acts: Mapping[str, Callable[[PlannedAction], object]] = {
            "buy": lambda action: self._buy(action, trial=False),
            "try": lambda action: self._buy(action, trial=True),
            "change": self._change,
            "unsubscribe": self._leave,
            "arrears": lambda action: market.arrears.fall_into_arrears(self._customer(action).id),
            "pay": lambda action: market.arrears.pay(self._customer(action).id),
            "insist": self._insist,
            "waver": self._waver,
        }

    def action(self, action: PlannedAction) -> bool:
        """Do it, if it can be done; ``False`` if it is none of a buyer."""
        if action.name not in self._acts and action.name not in ACTIONS:
            return False
        try:
            self._acts.get(action.name, self._act_on)(action)
        except NotPossible as refusal:
            self.done[f"{action.name}: {refusal.reason}"] += 1
        else:
            self.done[action.name] += 1
        return True

    def forget_the_gone(self) -> None:
        """Keep in mind only what may still be acted on."""
        gone = [each for each in map(self._get, self.live) if each.closed_at]
        self.live = [each for each in self.live if self._get(each).closed_at is None]
        used = [each for each in gone if each.opened_at and each.product.startswith("pay-per-use")]
        self.ended = [*self.ended, *used][-KEPT:]

    def thaw(self) -> None:
        """Everybody pays, and no violation is left."""
        for customer in self._market.database.all(Customer):
            self._market.arrears.pay(customer.id)
        for subscription_id in self.live:
            if self._get(subscription_id).frozen_for == VIOLATION:
                self._shop.unfreeze(subscription_id)

    def choose(
        self, action: PlannedAction, fits: Callable[[Subscription], bool] = lambda _each: True
    ) -> Subscription | None:
        """One of those that fit and have nothing to be restarted, by ``action.subject``; ``None`` if there is none."""
        among = [each for each in map(self._get, self.live) if each.live and fits(each)]
        return among[int(action.subject * len(among))] if among else None

    def _one(self, action: PlannedAction, fits: Callable[[Subscription], bool] = lambda _each: True) -> Subscription:
        chosen = self.choose(action, fits)
        if chosen is None:
            raise NotPossible("nobody", "there is none")
        return chosen

    def _get(self, subscription_id: str) -> Subscription:
        return self._market.database.the(Subscription, subscription_id)

    def _buy(self, action: PlannedAction, *, trial: bool) -> None:
        if len(self.live) >= MOST_LIVE:
            self._leave(action)
            return
        listed = self._market.database.all(ListedProduct)
        products = [each for each in listed if not trial or self._shop.trial_days(each)]
        product = products[int(action.subject * len(products))]
        if product.shelf is not Shelf.ON_SALE:
            self._market.listing_status.put_back(product.id)  # the seller has asked for it
        bought = self._shop.buy(self._customer(action).id, product.id, trial=trial)
        beside = self._market.database.all(Subscription, bought.customer_id)
        self.live += [each.id for each in beside if each.order_id == bought.order_id]

    def _act_on(self, action: PlannedAction) -> None:
        """Mostly only what the shop would allow."""
        known = ACTIONS[action.name]
        fits = TRIED_ON.get(action.name, lambda each: known.possible(each, self._product(each)))
        chosen = self._one(action, fits)
        plans = known.plans(chosen, self._product(chosen))
        known.does(self._shop, chosen.id, plans[int(action.choice * len(plans))].id if plans else "")

    def _leave(self, action: PlannedAction) -> None:
        """Give back what can be given back; what cannot is closed."""
        chosen = self._one(action)
        returnable = ACTIONS["unsubscribe"].possible(chosen, self._product(chosen))
        ACTIONS["unsubscribe" if returnable else "close"].does(self._shop, chosen.id, "")

    def _insist(self, action: PlannedAction) -> None:
        """Renew or upgrade what is just being renewed or upgraded, if the marketplace lets buyers do that."""
        pending = {id_: self._pending(id_) for id_ in self.live}
        chosen = self._one(action, lambda each: bool(pending[each.id]))
        if pending[chosen.id] == OrderType.RENEW:
            self._shop.renew(chosen.id)
        elif larger := self._product(chosen).larger(chosen.plan):
            self._shop.upgrade(chosen.id, larger[-1].id)

    def _pending(self, subscription_id: str) -> str:
        """The kind of the latest order that the seller is being told of, if it may be followed by another."""
        orders = self._market.database.all(PlacedOrder, subscription_id)
        kinds = [order.kind for order in orders if order.state is OrderState.PAID]
        return kinds[-1] if kinds and kinds[-1] in {OrderType.RENEW, OrderType.CHANGE} else ""

    def _waver(self, action: PlannedAction) -> None:
        """Freeze for a violation and a second later take that back, or the other way round; if messages may overtake
        each other, the second arrives first.
        """
        one = self._one(action, lambda each: each.frozen_for in ("", VIOLATION))
        freeze: Callable[[], object] = partial(self._shop.freeze, one.id, VIOLATION)
        unfreeze: Callable[[], object] = partial(self._shop.unfreeze, one.id)
        first, then = (freeze, unfreeze) if one.status is SubscriptionStatus.ACTIVE else (unfreeze, freeze)
        if self._market.switches.rate(OVERTAKEN):
            self._market.switches.inject(OVERTAKEN, 1)
        self._market.run_due()
        first()
        self._market.run_due()
        self._market.clock.set(self._market.clock.now() + timedelta(seconds=1.1))
        then()

    def _change(self, action: PlannedAction) -> None:
        """A renewal in another plan; in version 2 the seller is asked first."""
        chosen = self._one(action, lambda each: len(self._product(each).plans) > 1)
        plans = self._product(chosen).plans
        plan = plans[int(action.choice * len(plans))].id
        try:
            self._shop.ask_change(chosen.id, plan)
        except NotPossible:
            plan = chosen.plan
        self._shop.renew(chosen.id, plan)

    def _product(self, subscription: Subscription) -> ListedProduct:
        return self._market.database.the(ListedProduct, subscription.product)

    def _customer(self, action: PlannedAction) -> Customer:
        customers = self._market.database.all(Customer)
        return customers[int(action.choice * len(customers))]
