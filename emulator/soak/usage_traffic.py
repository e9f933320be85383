"""What the seller's application does in a soak: it posts usage, some of it late and some of it twice."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from threading import Lock
from typing import Any

from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.seller.application import SellerApplication, usage_event
from emulator.soak.random_plan import PlannedAction
from shared.clock import Clock

LATE = timedelta(days=5)
"""How late usage may be posted."""
MUCH = Decimal(60_000_000)
"""More than half of what one usage record can say."""
SETTLED_IN = timedelta(seconds=5)
"""How long an instance is there before it is used: what runs for less than a second of its hour cannot be billed."""
REPEATED = 50
"""Calls that may come again."""
REPEATED_WITHIN = timedelta(days=15)
"""The intake takes nothing that is much older than that."""
TRIES = 5
EXPECTED = (
    "after the instance was frozen or released",
    "before the instance started",
    "instance has not started",
    "less than a second of its hour can be billed",
)
"""Why an event may rightly be rejected: the application did not know yet."""
Posting = Callable[[], None]
"""What is to be posted, and may be posted beside other things."""


@dataclass
class UsageTraffic:
    """Posts to the intake as ``application``. ``taken``: what the intake has accepted, by instance."""

    application: SellerApplication
    clock: Clock
    taken: dict[str, Decimal] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    _recent: deque[Sequence[Mapping[str, Any]]] = field(default_factory=lambda: deque(maxlen=REPEATED))
    _number: int = 0
    _lock: Any = field(default_factory=Lock)

    def use(self, action: PlannedAction, subscription: Subscription) -> Posting | None:
        """Something was used, just now or, if ``action`` says so, days ago."""
        opened, now = subscription.opened_at, self.clock.now()
        if opened is None or not self._in_use(subscription):
            return None
        latest = now - LATE * action.subject if action.name == "use late" else now
        events = []
        for number in range(1 + int(action.choice * 8)):
            when = max(latest - timedelta(seconds=number * 7), opened + SETTLED_IN)
            events.append(self._plain(subscription, when, _value(action, number)))
        return partial(self._post, events)

    def use_much(self, subscription: Subscription) -> Posting | None:
        """More within an hour than one usage record can say (metering and open APIs, section 13)."""
        if not self._in_use(subscription):
            return None
        now = self.clock.now()
        return partial(self._post, [self._plain(subscription, now, MUCH) for _ in range(3)])

    def use_after(self, subscription: Subscription) -> Posting | None:
        """What was used in the last minute before the end is posted after it, in portions, while it can be billed."""
        closed = subscription.closed_at or self.clock.now()
        first = (subscription.opened_at or closed) + SETTLED_IN
        if first > closed or self.clock.now() - closed > REPEATED_WITHIN:
            return None
        when = max(closed - timedelta(seconds=50), first)
        return partial(self._post, [self._plain(subscription, when, Decimal("0.5")) for _ in range(6)])

    def use_frozen(self, subscription: Subscription, moment: datetime) -> Posting:
        """Something that was used at a moment at which it was frozen: nobody may take it in."""
        event = self._plain(subscription, moment, Decimal(3))
        return partial(self._post, [event], frozen=True)

    def _in_use(self, subscription: Subscription) -> bool:
        opened = subscription.opened_at
        settled_in = opened is not None and opened + SETTLED_IN <= self.clock.now()
        return settled_in and subscription.status is SubscriptionStatus.ACTIVE

    def _plain(self, subscription: Subscription, when: datetime, value: Decimal) -> Mapping[str, str]:
        self._number += 1
        return usage_event(f"use-{self._number}", subscription.instance_id, when, value)

    def again(self, action: PlannedAction) -> Posting | None:
        """A call comes again, as when its answer was lost."""
        fresh = [events for events in self._recent if self.clock.now() - _time(events[0]) < REPEATED_WITHIN]
        return partial(self._post, fresh[int(action.subject * len(fresh))], again=True) if fresh else None

    def _post(self, events: Sequence[Mapping[str, Any]], *, again: bool = False, frozen: bool = False) -> None:
        for _ in range(TRIES):
            try:
                answer = self.application.post_usage(events)
            except ConnectionError as error:
                with self._lock:
                    self.problems[str(error)] += 1
                continue
            if frozen and answer["accepted"]:
                self.problems[f"accepted though it was frozen: {events[0]}"] += 1
            self._told(events, answer, again=again)
            return

    def _told(self, events: Sequence[Mapping[str, Any]], answer: Mapping[str, Any], *, again: bool) -> None:
        """Keep what was accepted. A call that comes again must not be accepted again: it was, or was rejected."""
        rejected = {each["id"]: each["reason"] for each in answer["rejected"]}
        with self._lock:
            self.counts["accepted"] += answer["accepted"]
            self.counts["duplicates"] += answer["duplicates"]
            for reason in rejected.values():
                self.counts[f"rejected: {reason}"] += 1
                if reason not in EXPECTED:
                    self.problems[f"rejected: {reason}"] += 1
            kept = [each for each in events if each["id"] not in rejected]
            if again:
                if answer["accepted"]:
                    self.problems["accepted a second time"] += 1
                return
            for each in kept:
                name = str(each["instanceId"])
                self.taken[name] = self.taken.get(name, Decimal(0)) + Decimal(each["value"])
            if kept:
                self._recent.append(kept)


def _value(action: PlannedAction, number: int) -> Decimal:
    return Decimal(int(action.choice * 100000) + number + 1) / Decimal(10 ** (number % 7))


def _time(event: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(event["time"]))
