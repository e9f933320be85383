"""Who says what is on file about an instance."""

from datetime import timedelta

from emulator.openapi.usage.instances import Bought, KnownInstances, MeteredInstances
from tests.emulator.openapi.usage.seller import NOW, START, Seller, record


def known(*instances: Bought, others: KnownInstances | None = None) -> MeteredInstances:
    found = MeteredInstances(others)
    for instance in instances:
        found.register(instance)
    return found


def test_the_first_that_knows_wins() -> None:
    second = known(Bought("a", START, frozen=True), Bought("b", START, frozen=True))
    both = known(Bought("a", START), others=second)
    assert [both.get(name) for name in "abc"] == [Bought("a", START), Bought("b", START, frozen=True), None]
    assert known().get("a") is None


def test_the_market_answers_for_its_subscriptions_as_they_are_now() -> None:
    market = known(Bought("s-1", START), Bought("i-1", START, frozen=True))
    seller = Seller(instances=market)
    assert seller.refusals(record("sn-1", "s-1"), record("sn-2", "i-1")) == {}
    market.change("s-1", closed_at=NOW - timedelta(hours=1))
    assert seller.refusals(record("sn-3", "s-1", end_time="20261120T080600Z")) == {"sn-3": "011"}
    assert seller.refusals(record("sn-4", "s-2")) == {"sn-4": "001"}
