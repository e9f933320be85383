"""Instances = orders: what the marketplace has on file beside what the bundle and the provisioner have."""

from collections import Counter
from collections.abc import Callable, Iterator

from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.soak.environment import SoakEnvironment
from emulator.soak.finding import SoakFinding
from emulator.soak.test_provisioner import Site
from shared.instance.record import InstanceRecord
from shared.provisioning import OrderType, State

STATES = {
    SubscriptionStatus.ACTIVE: State.ACTIVE,
    SubscriptionStatus.FROZEN: State.FROZEN,
    SubscriptionStatus.RELEASED: State.RELEASED,
}


class Comparison:
    """Of all subscriptions of a soak with their instances."""

    def __init__(self, environment: SoakEnvironment) -> None:
        self._environment = environment
        self._by_order: dict[str, list[str]] = {}
        for instance_id, site in environment.provisioner.sites.items():
            self._by_order.setdefault(site.order, []).append(instance_id)
        self._ordered: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def run(self) -> SoakFinding:
        """Every subscription that lives has one instance, made once, in the same state, plan and quantity and with the
        same end; nothing else has one.
        """
        subscriptions = self._environment.market.database.all(Subscription)
        self._ordered.update(subscription.order_id for subscription in subscriptions)
        for subscription in subscriptions:
            self.counts[subscription.status] += 1
            self.problems += (f"{subscription.id[:12]} {problem}" for problem in self._of(subscription))
        strangers = [order for order in self._by_order if order not in self._ordered]
        self.problems += (f"a site without an order: {order}" for order in strangers)
        made = Counter(site.made for site in self._environment.provisioner.sites.values())
        numbers = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        return SoakFinding(f"{len(subscriptions)} orders ({numbers}); {made[1]} sites made once", self.problems)

    def _of(self, subscription: Subscription) -> Iterator[str]:
        sites = self._by_order.get(subscription.order_id, [])
        if len(sites) > self._ordered[subscription.order_id]:
            yield f"order {subscription.order_id} made {len(sites)} sites"
        if subscription.status is SubscriptionStatus.REFUNDED:
            self._refunded(sites)
        elif subscription.status is SubscriptionStatus.OPENING:
            yield "is still being opened"
        else:
            yield from self._instance(subscription)

    def _refunded(self, sites: list[str]) -> None:
        """The seller opened it, and the marketplace never knew: nothing tells the seller."""
        if any(not self._environment.provisioner.sites[instance_id].released for instance_id in sites):
            self.counts["refunded though opened"] += 1

    def _instance(self, subscription: Subscription) -> Iterator[str]:
        instance_id = subscription.instance_id
        record = self._environment.app.instances.get(instance_id)
        site = self._environment.provisioner.sites.get(instance_id)
        if record is None or site is None:
            yield f"has no instance {instance_id}"
            return
        if site.made != 1:
            yield f"was made {site.made} times"
        if record.state is not STATES[subscription.status]:
            yield f"is {subscription.status}, its instance {record.state}"
        elif subscription.live:
            yield from self._bought(subscription, record, site)
        if site.released is not (subscription.status is SubscriptionStatus.RELEASED):
            yield f"is {subscription.status}, its site {'is' if site.released else 'is not'} released"

    def _bought(self, subscription: Subscription, record: InstanceRecord, site: Site) -> Iterator[str]:
        bought = record.specification
        if (bought.product_id, site.plan) != (subscription.plan, subscription.plan):
            if self._refunded_upgrade(subscription, lambda order: order.plan == bought.product_id):
                self.counts["upgrade refunded though done"] += 1
                return
            yield f"has plan {subscription.plan}, its instance {bought.product_id}, its site {site.plan}"
        if bought.quantity not in (None, subscription.quantity) or site.quantity != bought.quantity:
            if self._refunded_upgrade(subscription, lambda order: order.quantity == bought.quantity == site.quantity):
                self.counts["quantity of a refunded upgrade"] += 1  # the renewal after it told the plan alone
            else:
                yield f"has quantity {subscription.quantity}, its instance {bought.quantity}, its site {site.quantity}"
        if (record.expires_at, site.expires_at) != (subscription.expires_at, subscription.expires_at):
            yield f"ends {subscription.expires_at}, its instance {record.expires_at}, its site {site.expires_at}"
        if site.frozen is not (subscription.status is SubscriptionStatus.FROZEN):
            yield f"is {subscription.status}, its site {'is' if site.frozen else 'is not'} frozen"

    def _refunded_upgrade(self, subscription: Subscription, fits: Callable[[PlacedOrder], bool]) -> bool:
        placed = self._environment.market.database.all(PlacedOrder, subscription.id)
        return any(
            order.kind is OrderType.CHANGE and order.state is OrderState.REFUNDED and fits(order) for order in placed
        )


def forgotten(environment: SoakEnvironment) -> set[str]:
    """Instances that were opened though their orders were paid back: the answers that told of them got lost."""
    subscriptions = environment.market.database.all(Subscription)
    refunded = {each.order_id for each in subscriptions if each.status is SubscriptionStatus.REFUNDED}
    opened = {name for name, site in environment.provisioner.sites.items() if site.order in refunded}
    return opened - {each.instance_id for each in subscriptions if each.status is not SubscriptionStatus.REFUNDED}
