"""What each fault does to a message on its way, seen from both ends."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from emulator.marketplace.delivery.messages import Delivery, Message, Purpose
from emulator.marketplace.faults.fault_list import FAULTS
from emulator.marketplace.faults.forged_calls import FORGED_CALLS
from emulator.marketplace.faults.switches import Switches, Where
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import texts
from shared.commands import Version
from tests.emulator.marketplace.scripted import ScriptedMarket, scripted_market

BOTH = ("yearly-v1", "yearly-v2")


@pytest.fixture
def scene() -> Iterator[ScriptedMarket]:
    with scripted_market() as made:
        made.market.channel.slow = 0.01
        yield made


def the_purchase(scene: ScriptedMarket, subscription: str) -> Message:
    return next(m for m in scene.market.database.all(Message, subscription) if m.purpose is Purpose.PURCHASE)


@pytest.mark.parametrize("product", BOTH)
def test_a_duplicate_is_a_second_call_of_the_same_message_and_no_attempt(scene: ScriptedMarket, product: str) -> None:
    scene.market.switches.inject("duplicate", 1)
    subscription = scene.bought(product)
    scene.market.run_due()
    assert len(scene.told()) == 2
    assert len({call.query for call in scene.told()}) == 2, "each is signed by itself"
    assert len(scene.seller.instances) == 1
    assert [line.verdict for line in scene.lines()] == ["passed", "passed"]
    assert the_purchase(scene, subscription).attempts == 1


def test_a_copy_that_is_answered_with_another_instance_is_found(scene: ScriptedMarket) -> None:
    class Forgetful(dict[str, str]):
        def setdefault(self, key: str, default: str = "") -> str:
            return default

    scene.seller.instances = Forgetful()
    scene.market.switches.inject("duplicate", 1)
    scene.bought()
    scene.market.run_due()
    assert sorted(line.verdict for line in scene.lines()) == ["failed", "passed"]


def test_the_same_bytes_come_once_more(scene: ScriptedMarket) -> None:
    scene.market.switches.inject("replayed-bytes", 1)
    subscription = scene.bought()
    scene.market.run_due()
    first, again = scene.told()
    assert (first.query, first.body) == (again.query, again.body)
    assert the_purchase(scene, subscription).attempts == 1


def test_a_message_comes_again_minutes_after_it_was_done(scene: ScriptedMarket) -> None:
    scene.market.switches.inject("repeated-later", 1)
    subscription = scene.bought()
    scene.market.run_due()
    assert len(scene.told()) == 1
    scene.market.advance(timedelta(minutes=31))
    assert len(scene.told()) == 2
    assert scene.lines()[-1].verdict == "passed"
    assert the_purchase(scene, subscription).attempts == 1


def test_a_late_message_is_overtaken_and_counts_as_no_attempt(scene: ScriptedMarket) -> None:
    subscription = scene.bought()
    scene.market.run_due()
    scene.market.switches.inject("late", 1)
    scene.market.shop.renew(subscription)
    scene.market.run_due()
    assert not scene.told("refreshInstance")
    scene.market.shop.query(subscription)
    scene.market.run_due()
    assert scene.told("queryInstance")
    scene.market.advance(timedelta(hours=3))
    assert len(scene.told("refreshInstance")) == 1
    renewal = next(m for m in scene.market.database.all(Message, subscription) if m.purpose is Purpose.RENEWAL)
    assert (renewal.attempts, renewal.state) == (1, Delivery.DELIVERED)


def test_nothing_is_late_twice(scene: ScriptedMarket) -> None:
    scene.market.switches.set("late", 1)
    scene.bought()
    scene.market.run_due()
    scene.market.advance(timedelta(hours=3))
    assert len(scene.told()) == 1


def test_a_lost_call_never_reaches_the_seller_and_is_tried_again_an_hour_later(scene: ScriptedMarket) -> None:
    scene.market.switches.inject("lost", 1)
    subscription = scene.bought()
    scene.market.run_due()
    assert not scene.told()
    assert the_purchase(scene, subscription).attempts == 1
    scene.market.advance(timedelta(hours=1))
    assert len(scene.told()) == 1
    assert scene.market.database.the(Subscription, subscription).status is SubscriptionStatus.ACTIVE


def test_answers_lost_for_three_hours_refund_an_order_that_the_seller_has_done(scene: ScriptedMarket) -> None:
    scene.market.switches.set("answer-lost", 1)
    subscription = scene.bought()
    scene.market.run_due()
    scene.market.advance(timedelta(hours=4))
    assert len(scene.told()) == 4
    assert len(scene.seller.instances) == 1
    assert scene.market.database.the(Subscription, subscription).status is SubscriptionStatus.REFUNDED


@pytest.mark.parametrize("fault", ["slow-body", "slow-reading", "clock-skew"])
@pytest.mark.parametrize("product", BOTH)
def test_what_is_slow_or_skewed_must_be_done_all_the_same(scene: ScriptedMarket, fault: str, product: str) -> None:
    scene.market.switches.inject(fault, 1)
    subscription = scene.bought(product)
    scene.market.run_due()
    (line,) = scene.lines()
    assert (line.fault, line.verdict) == (fault, "passed")
    assert scene.market.database.the(Subscription, subscription).status is SubscriptionStatus.ACTIVE


def test_a_skewed_clock_signs_at_another_time(scene: ScriptedMarket) -> None:
    def stamps() -> list[float]:
        return [int(call.first("timestamp") or 0) / 1000 for call in scene.told("newInstance")]

    scene.market.switches.inject("clock-skew", 20)
    for _ in range(10):
        scene.bought()
    scene.market.run_due()
    now = scene.market.clock.now().timestamp()
    assert all(-56 < stamp - now < 51 for stamp in stamps())
    assert any(abs(stamp - now) > 10 for stamp in stamps())


@pytest.mark.parametrize("fault", FORGED_CALLS)
@pytest.mark.parametrize("product", BOTH)
def test_a_forged_call_is_refused_by_who_verifies_and_counts_as_no_attempt(
    scene: ScriptedMarket, fault: str, product: str
) -> None:
    version_2_only = ("old-signature", "early-signature", "replayed-nonce")
    subscription = scene.bought(product)
    scene.market.run_due()
    scene.market.shop.query(subscription)
    scene.market.run_due()  # uses a nonce up
    scene.market.switches.inject(fault, 1)
    another = scene.bought(product)
    scene.market.run_due()
    forged = [line for line in scene.lines() if line.fault == fault]
    if product == "yearly-v1" and fault in version_2_only:
        assert not forged
        return
    (line,) = forged
    assert (line.code, line.verdict) == ("000001", "passed")
    assert the_purchase(scene, another).attempts == 1
    assert len(scene.seller.instances) == 2


@pytest.mark.parametrize("fault", FORGED_CALLS)
def test_a_seller_who_does_not_verify_is_found_out(fault: str) -> None:
    with scripted_market(verifies=False) as scene:
        first = scene.bought()
        scene.market.run_due()
        scene.market.shop.query(first)
        scene.market.run_due()
        scene.market.switches.inject(fault, 1)
        scene.market.shop.query(first)
        scene.market.run_due()
        forged = [line for line in scene.lines("queryInstance") if line.fault == fault]
        assert [line.verdict for line in forged] == ["failed"]


def test_each_fault_has_a_place_a_title_and_can_be_set(scene: ScriptedMarket) -> None:
    switches = scene.market.switches
    assert {switch.where for switch in switches.known.values()} == set(Where) - {Where.READING, Where.BACKEND}
    assert all(texts()[f"faults.what.{name}"]["en"] and name == switch.id for name, switch in switches.known.items())
    switches.set("lost", 0.5)
    assert Switches(scene.market.database, 1, FAULTS).rate("lost") == 0.5
    switches.all_off()
    assert not switches.on()
    with pytest.raises(ValueError, match="0 to 1"):
        switches.set("lost", 2)
    with pytest.raises(KeyError):
        switches.set("no-such-fault", 1)


def test_what_is_drawn_for_a_message_follows_from_the_seed_alone(scene: ScriptedMarket) -> None:
    database = scene.market.database

    def drawn(seed: int, keys: list[str]) -> dict[str, str | None]:
        switches = Switches(database, seed, FAULTS)
        return {key: switches.drawn(Where.DELIVERY, key=key) for key in keys}

    for name in ("lost", "answer-lost", "duplicate"):
        scene.market.switches.set(name, 0.2)
    keys = [str(number) for number in range(100)]
    assert drawn(7, keys) == drawn(7, keys[::-1])
    assert drawn(7, keys) != drawn(8, keys)
    assert {None, "lost", "answer-lost", "duplicate"} == set(drawn(7, keys).values())


def test_version_1_has_no_nonce_to_replay() -> None:
    with scripted_market() as scene:
        scene.market.switches.set("replayed-nonce", 1)
        scene.bought("yearly-v1")
        scene.market.run_due()
        assert {line.version for line in scene.lines()} == {Version.V1.value}
        assert {line.fault for line in scene.lines()} == {""}
