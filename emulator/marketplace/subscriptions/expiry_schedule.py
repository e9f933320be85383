"""When a subscription ends, as tasks of the agenda (production interfaces, sections 2.3, 2.4 and 10)."""

from datetime import datetime, timedelta

from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus

EXPIRE, REMIND, RELEASE = "expire", "remind", "release"
"""Tasks: the period of a subscription ends, its buyer is told that it soon will, what was frozen is deleted."""

RETENTION = timedelta(days=15)
"""For how long a frozen instance is kept."""

REMINDERS = (timedelta(days=7), timedelta(days=1))
"""How long before the end the buyer is told. No page tells."""


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
    """It is over already."""
    for task in (EXPIRE, REMIND, RELEASE):
        agenda.drop(task, subscription_id)
