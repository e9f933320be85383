"""State changes after a message was delivered or given up (production interfaces, sections 2, 3 and 10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.checks import Reading
from emulator.marketplace.catalogue.listing_status import ListingStatus
from emulator.marketplace.delivery.mails import SELLER, send_mail
from emulator.marketplace.delivery.messages import Message, Purpose, schedule
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.expiry import forget_end, plan_end
from emulator.marketplace.subscriptions.instances import InstanceName
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.subscription import EXPIRED, Subscription, SubscriptionStatus
from emulator.texts import Parameter, Text, named
from shared.clock import Clock
from shared.provisioning import OrderType


@dataclass
class Settlement:
    """Brings the marketplace's file up to date; what was released or refunded stays so.

    ``told`` hears of each message that was delivered, and whether it ended a freeze.
    """

    database: Database
    agenda: MarketAgenda
    clock: Clock
    listing_status: ListingStatus
    told: Callable[[Message, bool], None] = lambda _message, _thawed: None

    def __post_init__(self) -> None:
        self._effects: Mapping[Purpose, Callable[[Subscription, PlacedOrder], Subscription]] = {
            Purpose.RENEWAL: self._renewed,
            Purpose.TRIAL_TO_FORMAL: self._formal,
            Purpose.RETURN: self._returned,
            Purpose.UPGRADE: self._upgraded,
        }

    def opening(self, message: Message, reading: Reading) -> None:
        """The id is known already, the instance is not there yet."""
        subscription = self.database.the(Subscription, message.about)
        self.database.put(subscription.model_copy(update={"instance_id": _instance(reading)}))

    def delivered(self, message: Message, reading: Reading) -> None:
        """Change the subscription as the message says, and finish its order."""
        order, thawed = self._order_of(message), False
        if order and message.purpose is not Purpose.RELEASE:
            before = self.database.the(Subscription, message.about)
            effect = self._effects.get(message.purpose)
            changed = effect(before, order) if effect else _opened(before, order, message, reading)
            if before.closed_at:
                changed = changed.model_copy(update={"status": before.status})
            thawed = before.status is SubscriptionStatus.FROZEN and changed.status is SubscriptionStatus.ACTIVE
            self.database.put(changed, *_names(changed))
            plan_end(self.agenda, changed, self.clock.now())
        if message.purpose is Purpose.RELEASE:
            forget_end(self.agenda, message.about)
        if order:
            self.database.put(order.model_copy(update={"state": OrderState.DONE}))
        self.told(message, thawed)

    def refused(self, message: Message) -> None:
        """Every failed attempt makes a mail (section 2.1)."""
        common: dict[str, Parameter] = {
            "attempts": message.attempts,
            "purpose": named("market.purpose", message.purpose),
            "order": message.order_id or "-",
            "problem": message.problem or "",
        }
        text = Text("mails.text.last", **common)
        if message.next_at:
            text = Text("mails.text.failed", **common, at=f"{message.next_at:%Y-%m-%d %H:%M}")
        self._mail(SELLER, Text("mails.subject.failed", activity=message.activity), text, message)

    def given_up(self, message: Message) -> None:
        """A purchase or an upgrade is refunded; everything else waits for a restart."""
        order = self._order_of(message)
        if order is None:
            return
        refunds = schedule(message.purpose).refunds
        self.database.put(order.model_copy(update={"state": OrderState.REFUNDED if refunds else OrderState.FAILED}))
        if not refunds:
            return
        if message.purpose is Purpose.PURCHASE:
            closed = {"status": SubscriptionStatus.REFUNDED, "closed_at": self.clock.now()}
            self.database.put(self.database.the(Subscription, message.about).model_copy(update=closed))
        refunded = Text("mails.text.refunded", order=order.id)
        self._mail(order.customer_id, Text("mails.subject.refunded"), refunded, message)
        self.listing_status.order_failed(order)

    # --- effects ---

    def _renewed(self, subscription: Subscription, order: PlacedOrder) -> Subscription:
        placed = [each.id for each in self.database.all(PlacedOrder, subscription.id)]
        renewals = sorted((*subscription.renewals, order.id), key=placed.index)
        return self._extended(subscription, order).model_copy(update={"renewals": tuple(renewals)})

    def _formal(self, subscription: Subscription, order: PlacedOrder) -> Subscription:
        return self._extended(subscription, order).model_copy(update={"trial": False})

    def _extended(self, subscription: Subscription, order: PlacedOrder) -> Subscription:
        """Renewed, also out of the frozen time (section 2.3)."""
        before = subscription.frozen_before
        thawed: dict[str, Any] = {}
        if subscription.frozen_for == EXPIRED:
            thawed = {
                "status": SubscriptionStatus.FROZEN if before else SubscriptionStatus.ACTIVE,
                "frozen_for": before,
            }
            thawed |= {"frozen_before": ""} | ({} if before else {"frozen_at": None})
        if self._overtaken(order):
            return subscription.model_copy(update=thawed)
        bought = {"expires_at": order.expires_at, "plan": order.plan, "quantity": order.quantity}
        return subscription.model_copy(update={**bought, **thawed})

    def _overtaken(self, order: PlacedOrder) -> bool:
        """Was one done that was placed later? Its effect stays, whenever the seller hears of this one."""
        placed = self.database.all(PlacedOrder, order.subscription_id)
        later = placed[[each.id for each in placed].index(order.id) + 1 :]
        return any(each.state is OrderState.DONE for each in later)

    def _returned(self, subscription: Subscription, order: PlacedOrder) -> Subscription:
        return subscription.model_copy(update={"expires_at": order.expires_at, "renewals": subscription.renewals[:-1]})

    def _upgraded(self, subscription: Subscription, order: PlacedOrder) -> Subscription:
        if self._overtaken(order):
            return subscription
        return subscription.model_copy(update={"plan": order.plan, "quantity": order.quantity})

    def _order_of(self, message: Message) -> PlacedOrder | None:
        """The order that a message carries out; others only name the order of the purchase."""
        order = self.database.get(PlacedOrder, message.order_id)
        returns = order and message.purpose is Purpose.RELEASE and order.kind is OrderType.UNSUBSCRIBE
        return order if returns or message.purpose in (Purpose.PURCHASE, *self._effects) else None

    def _mail(self, to: str, subject: Text, text: Text, message: Message) -> None:
        about = {"about": message.about, "message_id": message.id}
        send_mail(self.database, self.clock.now(), to, subject=subject, text=text, **about)


def _opened(subscription: Subscription, order: PlacedOrder, message: Message, reading: Reading) -> Subscription:
    if subscription.opened_at:
        return subscription
    opened = {"status": SubscriptionStatus.ACTIVE, "opened_at": message.first_at, "expires_at": order.expires_at}
    named = {"instance_id": _instance(reading) or subscription.instance_id}
    return subscription.model_copy(update=opened | named)


def _instance(reading: Reading) -> str:
    return str(reading.members.get("instanceId") or "")


def _names(subscription: Subscription) -> list[InstanceName]:
    instance_id = subscription.instance_id
    return [InstanceName(id=instance_id, subscription_id=subscription.id)] if instance_id else []
