"""Two years of every product against the real bundle: at the end both sides have the same."""

from collections import Counter
from pathlib import Path

import pytest

from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from tests.emulator.marketplace.lives import keep_diary, living, plan_lives
from tests.emulator.marketplace.seller import DAY


@pytest.mark.sweep
@pytest.mark.e2e
def test_two_years_leave_both_sides_with_the_same(tmp_path: Path) -> None:
    with living(tmp_path) as life:
        keep_diary(life.market)
        plan_lives(life.market)
        for _ in range(104):
            life.market.advance(7 * DAY)
            assert life.differences() == []
        life.market.advance(2 * DAY)
        assert life.differences() == []
        messages = life.market.database.all(Message)
        assert [message for message in messages if message.state is not Delivery.DELIVERED] == []
        assert {line.verdict for line in life.market.timeline.lines(limit=10_000)} == {"passed"}
        left = Counter(
            each.product for each in life.market.database.all(Subscription) if each.status is SubscriptionStatus.ACTIVE
        )
        assert left == Counter(("yearly-v1", "yearly-v2", "one-time-v1", "one-time-v2"))
        released = [
            each for each in life.market.database.all(Subscription) if each.status is SubscriptionStatus.RELEASED
        ]
        assert len(released) == 16
