"""Calls that overtake each other, fail first or come again in other words, as the marketplace sends them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.http import HttpRequest
from shared.provisioning import Charging, FreezeReason, OrderType, Pending
from tests.market import (
    ENDED,
    V1,
    V2,
    VERSIONS,
    bought,
    ended,
    expiry,
    freezing,
    release,
    renewal,
    unfreezing,
    upgrade,
)
from tests.world import World, order

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
IN_2028 = {V1: "20281121000000", V2: "20281120160000"}
IN_2029 = {V1: "20291121000000", V2: "20291120160000"}
EXPIRES_2028, EXPIRES_2029 = datetime(2028, 11, 20, 16, tzinfo=UTC), datetime(2029, 11, 20, 16, tzinfo=UTC)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def failing(world: World, request: HttpRequest) -> None:
    """The call fails at the provisioner."""

    def fail(_method: str) -> None:
        raise RuntimeError

    world.provisioner.before = fail
    answer = world.send(request)
    world.provisioner.before = None
    assert answer["resultCode"] == "000005"


def record(world: World) -> Any:
    return world.app.instances.get("business-1")


def returned(world: World, version: str, order_id: str, expires: Mapping[str, str], **more: str) -> HttpRequest:
    scene = {"orderAmount": "-10"} if version == V1 else {"scene": "UNSUBSCRIBE_RENEWAL_PERIOD"}
    return renewal(world, version, "business-1", order_id, expireTime=expires[version], **scene | more)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_retried_after_a_newer_one_does_not_move_the_expiry_back(world, version, log_lines):
    bought(world, version)
    failing(world, renewal(world, version, "business-1", "A", expireTime=IN_2028[version]))
    world.clock.advance(60)
    assert world.send(renewal(world, version, "business-1", "B", expireTime=IN_2029[version])) == SUCCESS
    world.clock.advance(3600)
    told = world.provisioner.count("renew")
    assert world.send(renewal(world, version, "business-1", "A", expireTime=IN_2028[version])) == SUCCESS
    assert record(world).expires_at == EXPIRES_2029
    assert world.provisioner.count("renew") == told
    assert len(record(world).applied) == 2
    assert len(log_lines("no effect: a newer order counts")) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_newest_upgrade_stays(world, version):
    for order_id, seats in (("U20", 20), ("U30", 30)):
        world.orders.orders[order_id] = order(order_id, quantity=seats)
    bought(world, version)
    chosen: dict[str, dict[str, Any]] = (
        {"U20": {"amount": 20}, "U30": {"amount": 30}} if version == V1 else {"U20": {}, "U30": {}}
    )
    failing(world, upgrade(world, version, "business-1", "U20", **chosen["U20"]))
    world.clock.advance(60)
    assert world.send(upgrade(world, version, "business-1", "U30", **chosen["U30"])) == SUCCESS
    world.clock.advance(3600)
    assert world.send(upgrade(world, version, "business-1", "U20", **chosen["U20"])) == SUCCESS
    assert record(world).specification.quantity == 30
    assert world.provisioner.specifications[-1].quantity == 30


def test_version_2_knows_the_older_upgrade_even_if_its_first_calls_were_lost(world):
    for order_id, seats, minute in (("U20", 20, 1), ("U30", 30, 2)):
        placed = datetime(2026, 11, 20, 8, minute, tzinfo=UTC)
        world.orders.orders[order_id] = order(order_id, quantity=seats)
        object.__setattr__(world.orders.orders[order_id], "created_at", placed)
    bought(world, V2)
    world.send(upgrade(world, V2, "business-1", "U30"))
    world.clock.advance(3600)
    assert world.send(upgrade(world, V2, "business-1", "U20")) == SUCCESS
    assert record(world).specification.quantity == 30


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("skew", [-30, -2, 0, 2, 30])
@pytest.mark.parametrize("first", ["freeze", "unfreeze"])
def test_of_freeze_and_unfreeze_the_later_sent_one_counts(world, version, skew, first):
    bought(world, version)
    make = {"freeze": freezing, "unfreeze": unfreezing}
    second = "unfreeze" if first == "freeze" else "freeze"
    now = world.clock.now()
    world.clock.set(now + timedelta(seconds=skew))
    earlier = make[first](world, version, "business-1")
    world.clock.advance(1)
    later = make[second](world, version, "business-1")
    world.clock.set(now + timedelta(seconds=1))
    assert world.send(later) == SUCCESS
    assert world.send(earlier) == SUCCESS
    assert world.state("business-1") == ("FROZEN" if second == "freeze" else "ACTIVE")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_freeze_retried_after_the_unfreeze_that_followed_it_is_the_older_wish(world, version, log_lines):
    bought(world, version)
    failing(world, freezing(world, version, "business-1"))
    world.clock.advance(5)
    assert world.send(unfreezing(world, version, "business-1")) == SUCCESS
    assert world.provisioner.calls[-1][0] == "unfreeze", "the product may have been frozen before it failed"
    world.clock.advance(600)
    assert world.send(freezing(world, version, "business-1")) == SUCCESS
    assert world.state("business-1") == "ACTIVE"
    assert len(log_lines("no effect: a newer call counts")) == 1
    world.clock.advance(5)
    assert world.send(freezing(world, version, "business-1")) == SUCCESS
    assert world.state("business-1") == "FROZEN", "the next one is another wish"


def test_a_freeze_of_another_day_is_another_wish(world):
    bought(world, V2)
    failing(world, freezing(world, V2, "business-1"))
    world.clock.advance(5)
    world.send(unfreezing(world, V2, "business-1"))
    world.clock.advance(timedelta(hours=4))
    assert world.send(freezing(world, V2, "business-1")) == SUCCESS
    assert world.state("business-1") == "FROZEN"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_expiry_retried_after_the_renewal_that_followed_it_has_no_effect(world, version):
    bought(world, version)
    failing(world, ended(world, version, "business-1"))
    world.clock.advance(5)
    assert world.send(renewal(world, version, "business-1")) == SUCCESS
    world.clock.advance(600)
    again = expiry(world, "business-1") if version == V1 else freezing(world, V2, "business-1")
    assert world.send(again) == SUCCESS
    assert world.state("business-1") == "ACTIVE"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_violation_stays_frozen_when_it_is_renewed(world, version):
    bought(world, version)
    world.send(freezing(world, version, "business-1"))
    world.clock.advance(5)
    assert world.send(renewal(world, version, "business-1")) == SUCCESS
    assert record(world).expires_at == EXPIRES_2028
    assert world.state("business-1") == "FROZEN"
    assert (world.provisioner.count("renew"), world.provisioner.count("unfreeze")) == (1, 0)
    world.clock.advance(5)
    assert world.send(unfreezing(world, version, "business-1")) == SUCCESS
    assert world.state("business-1") == "ACTIVE"


def test_an_instance_may_be_frozen_for_two_reasons(world):
    bought(world, V1)
    world.send(expiry(world, "business-1"))
    world.clock.advance(5)
    world.send(freezing(world, V1, "business-1"))
    assert world.provisioner.reasons == [FreezeReason.EXPIRED]
    world.clock.advance(5)
    world.send(renewal(world, V1, "business-1"))
    assert world.state("business-1") == "FROZEN"
    world.clock.advance(5)
    world.send(unfreezing(world, V1, "business-1"))
    assert world.state("business-1") == "ACTIVE"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_return_under_the_renewals_own_id_is_done_once(world, version):
    bought(world, version)
    before = record(world).expires_at
    world.send(renewal(world, version, "business-1", "R"))
    world.clock.advance(5)
    back = {V1: "20271120235959", V2: "20271120155959"}
    for _ in range(2):
        assert world.send(returned(world, version, "R", back)) == SUCCESS
        assert record(world).expires_at == before
        world.clock.advance(60)
    assert world.send(renewal(world, version, "business-1", "R")) == SUCCESS
    assert record(world).expires_at == before
    assert world.provisioner.count("renew") == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_retried_after_its_own_return_does_nothing(world, version):
    bought(world, version)
    failing(world, renewal(world, version, "business-1", "R"))
    told = len(world.provisioner.calls)
    back = {V1: "20271120235959", V2: "20271120155959"}
    world.clock.advance(60)
    assert world.send(returned(world, version, "R", back)) == SUCCESS
    world.clock.advance(60)
    assert world.send(renewal(world, version, "business-1", "R")) == SUCCESS
    assert record(world).expires_at < EXPIRES_2028
    assert len(world.provisioner.calls) == told + 1


def test_version_2_asks_which_was_first_where_a_renewal_meets_a_return(world):
    for order_id, kind, minute in (("R", OrderType.RENEW, 1), ("X", OrderType.UNSUBSCRIBE, 2)):
        world.orders.orders[order_id] = order(order_id, kind=kind)
        object.__setattr__(world.orders.orders[order_id], "created_at", datetime(2026, 11, 20, 8, minute, tzinfo=UTC))
    bought(world, V2)
    world.send(returned(world, V2, "X", {V2: "20271120155959"}))
    assert world.orders.asked == ["CS1"], "nothing is doubtful yet"
    world.clock.advance(3600)
    assert world.send(renewal(world, V2, "business-1", "R")) == SUCCESS
    assert world.orders.asked == ["CS1", "R", "X"]
    assert record(world).expires_at < EXPIRES_2028


def test_a_renewal_does_not_fail_for_a_question_it_could_do_without(world):
    bought(world, V2)
    world.send(returned(world, V2, "X", {V2: "20271120155959"}))
    world.clock.advance(3600)
    world.orders.error = Unavailable("no answer in time")
    assert world.send(renewal(world, V2, "business-1", "R")) == SUCCESS
    assert record(world).expires_at == EXPIRES_2028


@pytest.mark.parametrize("value", [1, 2])
def test_version_1_turns_a_trial_pay_per_use(world, value):
    bought(world, V1, trialFlag=1)
    request = renewal(world, V1, "business-1", "F", expireTime=None, trialToFormal=value, productId="metered")
    assert world.send(request) == SUCCESS
    after = record(world)
    assert (after.expires_at, after.trial) == (None, False)
    bought_now = after.specification
    assert (bought_now.product_id, bought_now.charging, bought_now.period_type) == ("metered", Charging.ON_DEMAND, None)
    assert world.provisioner.renewals[0].expires_at is None


@pytest.mark.parametrize("told", [None, "20281120155959"])
def test_version_2_turns_a_trial_pay_per_use(world, told):
    world.orders.orders["CS1"] = order("CS1", kind=OrderType.TRIAL)
    world.orders.orders["F"] = order("F", charging=Charging.ON_DEMAND)
    bought(world, V2)
    assert world.send(renewal(world, V2, "business-1", "F", expireTime=told, scene="TRIAL_TO_FORMAL")) == SUCCESS
    assert (record(world).expires_at, record(world).trial) == (None, False)


def test_a_period_without_expire_time_takes_that_of_the_order_line(world):
    bought(world, V2)
    world.orders.orders["F"] = order("F", charging=Charging.PERIOD)
    assert world.send(renewal(world, V2, "business-1", "F", expireTime=None, scene="TRIAL_TO_FORMAL")) == SUCCESS
    assert record(world).expires_at == datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("version", VERSIONS)
def test_only_a_conversion_may_lack_an_expiry(world, version):
    bought(world, version)
    answer = world.send(renewal(world, version, "business-1", expireTime=None))
    assert answer == {"resultCode": "000002", "resultMsg": "expireTime is missing or malformed"}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_renewal_in_other_words_is_the_same(world, version):
    bought(world, version)
    world.send(renewal(world, version, "business-1", productId="yearly", orderAmount="10"))
    world.clock.advance(60)
    again = renewal(world, version, "business-1", orderAmount="11", orderLineId=None)
    assert world.send(again) == SUCCESS
    other = renewal(world, version, "business-1", productId="monthly")
    assert world.send(other)["resultCode"] == "000002"
    assert world.provisioner.count("renew") == 1


def test_the_same_upgrade_in_other_words_is_the_same(world):
    bought(world, V1)
    world.send(upgrade(world, V1, "business-1", amount=20))
    assert world.send(upgrade(world, V1, "business-1", amount=None)) == SUCCESS
    assert world.provisioner.count("change") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_what_waits_for_the_creation_counts_from_then_on(world, version):
    world.provisioner.pending, world.provisioner.present = True, Pending()
    instance = world.buy_v2()["instanceId"]
    assert world.send(freezing(world, version, instance))["resultCode"] == "000004"
    world.clock.advance(5)
    assert world.send(unfreezing(world, version, instance)) == SUCCESS
    world.provisioner.pending, world.provisioner.present = False, None
    world.clock.advance(60)
    assert world.buy_v2(business_id="business-9")["resultCode"] == "000000"
    assert world.send(freezing(world, version, instance)) == SUCCESS
    assert world.state(instance) == "ACTIVE"


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_brings_a_released_instance_back(world, version):
    bought(world, version)
    failing(world, upgrade(world, version, "business-1"))
    world.clock.advance(5)
    world.send(release(world, version, "business-1"))
    world.clock.advance(5)
    assert world.send(upgrade(world, version, "business-1"))["resultCode"] == "000003"
    assert world.state("business-1") == "RELEASED"


def test_what_the_first_release_stored_is_read_as_it_was_meant(world):
    bought(world, V1)
    stored = world.app.tables.table("instances").get("business-1")
    sent = int(world.clock.now().timestamp() * 1000)
    old = {"state": "FROZEN", "frozen_at": "2026-11-20T08:30:00Z", "changed_ms": sent, "applied": {"R0/": "ab" * 32}}
    world.app.tables.table("instances").replace(stored | old)
    assert world.send(renewal(world, V1, "business-1", "R0", expireTime="20300101000000")) == SUCCESS
    late = unfreezing(world, V1, "business-1", timeStamp="20261120082959000")
    assert world.send(late) == SUCCESS
    assert world.state("business-1") == "FROZEN", "sent before the latest change"
    assert world.send(renewal(world, V1, "business-1", "R1")) == SUCCESS
    assert world.state("business-1") == "ACTIVE"
    assert record(world).expires_at > ENDED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_trial_whose_conversion_fails_first_and_ends_meanwhile_is_not_left_frozen(world, version):
    kind: Mapping[str, Any] = {"trialFlag": 1} if version == V1 else {}
    world.orders.orders["CS1"] = order("CS1", kind=OrderType.TRIAL)
    world.orders.orders["F"] = order("F", charging=Charging.ON_DEMAND)
    bought(world, version, **kind)
    end = record(world).expires_at
    world.clock.advance(end - world.clock.now() - timedelta(minutes=30))
    more = {"trialToFormal": 1, "productId": "metered"} if version == V1 else {"scene": "TRIAL_TO_FORMAL"}

    def converting() -> HttpRequest:
        return renewal(world, version, "business-1", "F", expireTime=None, **more)

    failing(world, converting())
    world.clock.advance(timedelta(minutes=30))
    assert world.send(freezing(world, version, "business-1")) == SUCCESS
    assert world.state("business-1") == "FROZEN"
    world.clock.advance(timedelta(minutes=30))
    assert world.send(converting()) == SUCCESS
    assert world.state("business-1") == "ACTIVE"
    world.clock.advance(timedelta(hours=3))
    assert world.send(freezing(world, version, "business-1")) == SUCCESS
    assert world.state("business-1") == "FROZEN", "for arrears"


def test_what_fails_before_the_provisioner_is_asked_leaves_nobody_unsure(world):
    bought(world, V2)
    changing = renewal(world, V2, "business-1", "R", scene="RENEWAL_CHANGE")
    world.orders.error = Unavailable("down")
    assert world.send(changing)["resultCode"] == "000005"
    assert record(world).unsure == frozenset()
    world.orders.error = None
    failing(world, renewal(world, V2, "business-1", "R", scene="RENEWAL_CHANGE"))
    assert record(world).unsure
    world.orders.error = Unavailable("down")
    assert world.send(renewal(world, V2, "business-1", "R", scene="RENEWAL_CHANGE"))["resultCode"] == "000005"
    assert record(world).unsure, "what was left unsure before stays so"
