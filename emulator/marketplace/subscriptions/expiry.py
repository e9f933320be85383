"""The end of a subscription: it expires, is kept frozen, and is deleted unless it is renewed meanwhile (production
interfaces, sections 2.3, 2.4, 3.4 and 3.5).

A trial ends in the same way. A renewal that the seller was told of in vain fails, and the service ends with its period.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.deliveries import Deliveries
from emulator.marketplace.delivery.mails import send_mail
from emulator.marketplace.delivery.message_payloads import MessagePayloads
from emulator.marketplace.delivery.messages import Purpose
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import transactional
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder
from emulator.marketplace.subscriptions.shop import Shop
from emulator.marketplace.subscriptions.subscription import ARREARS, EXPIRED, Subscription, SubscriptionStatus
from emulator.texts import Text, named
from shared.clock import Clock
from shared.provisioning import Charging

EXPIRE, REMIND, RELEASE = "expire", "remind", "release"
"""Tasks: the period of a subscription ends, its buyer is told that it soon will, what was frozen is deleted."""

RETENTION = timedelta(days=15)
"""For how long a frozen instance is kept."""

REMINDERS = (timedelta(days=7), timedelta(days=1))
"""How long before the end the buyer is told. No page tells."""

WHILE_ORDERED = timedelta(hours=1)
"""How long a release waits for an order that the seller is just being told of."""


@dataclass
class Expiry:
    """Ends the subscriptions in ``database`` when their time is over."""

    database: Database
    agenda: MarketAgenda
    clock: Clock
    shop: Shop
    deliveries: Deliveries
    payloads: MessagePayloads

    def __post_init__(self) -> None:
        self.agenda.handle(REMIND, self._remind)
        self.agenda.handle(EXPIRE, self._expire)
        self.agenda.handle(RELEASE, self._release)

    @transactional
    def _remind(self, subscription_id: str) -> None:
        subscription = self.database.the(Subscription, subscription_id)
        if subscription.status is SubscriptionStatus.ACTIVE and subscription.expires_at:
            self._mail(subscription, "ends")
            plan_reminder(self.agenda, subscription, self.clock.now())

    @transactional
    def _expire(self, subscription_id: str) -> None:
        """Freeze, whatever it may be frozen for already: only a renewal ends that."""
        now = self.clock.now()
        subscription = self.database.the(Subscription, subscription_id)
        if not subscription.live or subscription.expires_at is None or subscription.frozen_for == EXPIRED:
            return
        if subscription.expires_at > now:
            plan_end(self.agenda, subscription, now)
            return
        before = "" if subscription.frozen_for == ARREARS else subscription.frozen_for
        ended = {"status": SubscriptionStatus.FROZEN, "frozen_at": now, "frozen_for": EXPIRED}
        frozen = subscription.model_copy(update=ended | {"frozen_before": before})
        self.database.put(frozen)
        product = self.database.the(ListedProduct, frozen.product)
        # Packages have no expireInstance in version 1 (section 2.6).
        purpose = Purpose.EXPIRY if product.charging is Charging.PERIOD else Purpose.FREEZE
        self.deliveries.post(self.payloads.message(purpose, frozen))
        self.agenda.put(RELEASE, frozen.id, now + RETENTION)
        self._mail(frozen, "ended", days=RETENTION.days)

    @transactional
    def _release(self, subscription_id: str) -> None:
        subscription = self.database.the(Subscription, subscription_id)
        ended = subscription.frozen_for in (EXPIRED, ARREARS)
        if subscription.status is not SubscriptionStatus.FROZEN or not ended:
            return
        if self._ordered(subscription):
            self.agenda.put(RELEASE, subscription.id, self.clock.now() + WHILE_ORDERED)
        else:
            self.shop.release(subscription)

    def _ordered(self, subscription: Subscription) -> bool:
        return any(order.state is OrderState.PAID for order in self.database.all(PlacedOrder, subscription.id))

    def _mail(self, subscription: Subscription, name: str, **more: int) -> None:
        product = named("market.product", self.database.the(ListedProduct, subscription.product).name)
        at, order = f"{subscription.expires_at:%Y-%m-%d %H:%M}", subscription.order_id
        subject = Text(f"mails.subject.{name}")
        text = Text(f"mails.text.{name}", product=product, order=order, at=at, **more)
        to, now = subscription.customer_id, self.clock.now()
        send_mail(self.database, now, to, subject=subject, text=text, about=subscription.id)


def plan_end(agenda: MarketAgenda, subscription: Subscription, now: datetime) -> None:
    """Let a period end when the subscription says, be it later or earlier than planned before."""
    if not subscription.live or subscription.expires_at is None:
        return
    agenda.put(EXPIRE, subscription.id, subscription.expires_at)
    plan_reminder(agenda, subscription, now)
    if subscription.status is SubscriptionStatus.ACTIVE:
        agenda.drop(RELEASE, subscription.id)


def plan_reminder(agenda: MarketAgenda, subscription: Subscription, now: datetime) -> None:
    """Let the buyer be told at the next of the times for that."""
    agenda.drop(REMIND, subscription.id)
    ends = subscription.expires_at
    if following := next((ends - before for before in REMINDERS if ends and ends - before > now), None):
        agenda.put(REMIND, subscription.id, following)


def forget_end(agenda: MarketAgenda, subscription_id: str) -> None:
    for task in (EXPIRE, REMIND, RELEASE):
        agenda.drop(task, subscription_id)
