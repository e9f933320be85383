"""``refreshInstance``: renewal, trial to formal, a renewal returned, a renewal with a change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.errors import Unavailable
from shared.openapi.order import OrderNotFound
from shared.provisioning import OrderType, RenewalScene
from tests.market import V1, V2, VERSIONS, bought, ended, expiry, freezing, release, renewal, upgrade
from tests.world import order

RENEWED = datetime(2028, 11, 20, 16, tzinfo=UTC)


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_moves_the_expiry(world, version):
    instance = bought(world, version)
    assert world.send(renewal(world, version, instance)) == {"resultCode": "000000", "resultMsg": "success."}
    assert world.app.instances.get(instance).expires_at == RENEWED
    [told] = world.provisioner.renewals
    assert (told.scene, told.order_id, told.expires_at) == (RenewalScene.RENEWAL, "CS-renewal", RENEWED)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("product_id", "after"), [(None, "unchanged"), ("", "unchanged"), ("monthly", "monthly")])
def test_the_product_changes_only_if_the_renewal_names_one(world, version, product_id, after):
    world.orders.orders["CS-renewal"] = order("CS-renewal", product_id="monthly")
    instance = bought(world, version)
    before = world.app.instances.get(instance).specification
    assert world.send(renewal(world, version, instance, productId=product_id))["resultCode"] == "000000"
    present = world.app.instances.get(instance).specification
    assert present.product_id == (before.product_id if after == "unchanged" else after)
    assert present.sku_code == before.sku_code
    assert world.provisioner.renewals[0].specification == present


def test_version_1_names_period_and_amount(world):
    instance = bought(world, V1)
    world.send(renewal(world, V1, instance, periodType="month", periodNumber=3, orderAmount="12.345"))
    specification = world.app.instances.get(instance).specification
    assert (specification.period_type, specification.period_number) == ("month", 3)
    assert world.provisioner.renewals[0].amount == Decimal("12.345")


@pytest.mark.parametrize("version", VERSIONS)
def test_renewing_twice_extends_once(world, version):
    instance = bought(world, version)
    first = world.send(renewal(world, version, instance))
    world.clock.advance(3600)
    assert world.send(renewal(world, version, instance)) == first
    assert world.provisioner.count("renew") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_two_renewals_extend_twice(world, version):
    instance = bought(world, version)
    world.send(renewal(world, version, instance, "CS-first"))
    world.send(renewal(world, version, instance, "CS-second"))
    keys = [key for method, _, key in world.provisioner.calls if method == "renew"]
    assert len(set(keys)) == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_renewal_with_other_content_is_a_conflict(world, version, log_lines):
    instance = bought(world, version)
    world.send(renewal(world, version, instance))
    stored = world.app.instances.get(instance)
    answer = world.send(renewal(world, version, instance, expireTime="20301120000000"))
    assert answer == {"resultCode": "000002", "resultMsg": "the order was already processed with other content"}
    assert world.app.instances.get(instance) == stored
    assert world.provisioner.count("renew") == 1
    [line] = log_lines("the order was already processed with other content")
    assert line["level"] == "ERROR"
    assert (line["order_id"], line["instance_id"]) == ("CS-renewal", instance)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_unfreezes(world, version):
    instance = bought(world, version)
    world.send(ended(world, version, instance))
    assert world.state(instance) == "FROZEN"
    assert world.send(renewal(world, version, instance))["resultCode"] == "000000"
    assert world.state(instance) == "ACTIVE"
    assert [method for method, *_ in world.provisioner.calls][-2:] == ["renew", "unfreeze"]


def test_a_renewal_after_the_expiry_unfreezes(world):
    instance = bought(world, V1)
    world.clock.set(datetime(2027, 12, 1, tzinfo=UTC))
    world.send(expiry(world, instance))
    world.send(renewal(world, V1, instance))
    assert world.state(instance) == "ACTIVE"


def test_version_1_turns_a_trial_formal(world):
    instance = bought(world, V1, trialFlag=1)
    assert world.app.instances.get(instance).trial
    world.send(renewal(world, V1, instance, trialToFormal=1, productId="yearly"))
    record = world.app.instances.get(instance)
    assert not record.trial
    assert record.specification.product_id == "yearly"
    assert world.provisioner.renewals[0].scene is RenewalScene.TRIAL_TO_FORMAL


def test_a_plain_renewal_leaves_a_trial_a_trial(world):
    instance = bought(world, V1, trialFlag=1)
    world.send(renewal(world, V1, instance, trialToFormal=0))
    assert world.app.instances.get(instance).trial


def test_version_2_turns_a_trial_formal_with_what_the_order_says(world):
    world.orders.orders["CS1"] = order("CS1", kind=OrderType.TRIAL)
    world.orders.orders["CS-formal"] = order("CS-formal", product_id="yearly", quantity=50)
    instance = bought(world, V2)
    assert world.app.instances.get(instance).trial
    world.send(renewal(world, V2, instance, "CS-formal", scene="TRIAL_TO_FORMAL"))
    record = world.app.instances.get(instance)
    assert not record.trial
    assert (record.specification.product_id, record.specification.quantity) == ("yearly", 50)


@pytest.mark.parametrize(
    ("version", "more"),
    [(V1, {"orderAmount": "-99.5"}), (V2, {"scene": "UNSUBSCRIBE_RENEWAL_PERIOD"})],
)
def test_a_returned_renewal_brings_an_earlier_expiry_and_does_not_unfreeze(world, version, more):
    instance = bought(world, version)
    world.send(renewal(world, version, instance))
    world.send(freezing(world, version, instance))
    earlier = renewal(world, version, instance, "CS-return", expireTime="20261201000000", **more)
    assert world.send(earlier)["resultCode"] == "000000"
    record = world.app.instances.get(instance)
    assert record.expires_at < RENEWED - timedelta(days=600)
    assert record.state == "FROZEN"
    assert world.provisioner.renewals[-1].scene is RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
    assert world.provisioner.count("unfreeze") == 0


def test_version_1_tells_the_amount_returned(world):
    instance = bought(world, V1)
    world.send(renewal(world, V1, instance, orderAmount="-99.5"))
    assert world.provisioner.renewals[0].amount == Decimal("-99.5")


def test_a_renewal_with_a_change_takes_the_specification_from_the_order(world):
    world.orders.orders["CS-change"] = order("CS-change", product_id="small", sku_code="sku-s", quantity=2)
    instance = bought(world, V2)
    world.send(ended(world, V2, instance))
    answer = world.send(renewal(world, V2, instance, "CS-change", scene="RENEWAL_CHANGE"))
    assert answer["resultCode"] == "000000"
    record = world.app.instances.get(instance)
    assert (record.specification.product_id, record.specification.quantity) == ("small", 2)
    assert record.state == "ACTIVE"
    assert world.orders.asked == ["CS1", "CS-change"]


@pytest.mark.parametrize("more", [{}, {"productId": "OFFI1"}])
def test_a_plain_renewal_of_version_2_asks_for_no_order(world, more):
    instance = bought(world, V2)
    world.send(renewal(world, V2, instance, **more))
    assert world.orders.asked == ["CS1"]


def test_a_plain_renewal_with_another_product_takes_the_quantity_from_the_order(world):
    """An upgrade was done whose answers all got lost. The marketplace gave it up; the buyer renews what was before."""
    world.orders.orders |= {
        "CS-upgrade": order("CS-upgrade", product_id="large", quantity=50),
        "CS-renewal": order("CS-renewal", kind=OrderType.RENEW, quantity=10),
    }
    instance = bought(world, V2)
    world.send(upgrade(world, V2, instance))
    world.send(renewal(world, V2, instance, productId="OFFI1"))
    specification = world.app.instances.get(instance).specification
    assert (specification.product_id, specification.quantity) == ("OFFI1", 10)
    assert world.provisioner.renewals[0].specification == specification


@pytest.mark.parametrize("answer", [Unavailable("no answer in time"), OrderNotFound("no such order"), None])
def test_a_plain_renewal_does_not_wait_for_the_order_query(world, answer, log_lines):
    """It is told twice in an hour and then no more; what its call says is enough to go on with."""
    instance = bought(world, V2)
    world.orders.error = answer
    assert world.send(renewal(world, V2, instance, productId="monthly"))["resultCode"] == "000000"
    record = world.app.instances.get(instance)
    assert record.expires_at == RENEWED
    assert (record.specification.product_id, record.specification.quantity) == ("monthly", 10)
    lines = log_lines("order query: what was bought is not known, what the call told counts")
    assert [line["order_id"] for line in lines] == ["CS-renewal"]


def test_a_renewal_with_a_change_waits_for_the_order_query(world):
    instance = bought(world, V2)
    world.orders.error = Unavailable("no answer in time")
    answer = world.send(renewal(world, V2, instance, scene="RENEWAL_CHANGE"))
    assert answer["resultCode"] == "000005"
    assert world.app.instances.get(instance).expires_at < RENEWED
    world.orders.error = None
    assert world.send(renewal(world, V2, instance, scene="RENEWAL_CHANGE"))["resultCode"] == "000000"
    assert world.app.instances.get(instance).expires_at == RENEWED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_renewal_that_failed_is_made_at_the_next_call_with_the_same_key(world, version):
    instance = bought(world, version)

    def fail(method: str) -> None:
        if method == "renew":
            raise RuntimeError

    world.provisioner.before = fail
    assert world.send(renewal(world, version, instance))["resultCode"] == "000005"
    world.provisioner.before = None
    assert world.send(renewal(world, version, instance))["resultCode"] == "000000"
    first, second = (key for method, _, key in world.provisioner.calls if method == "renew")
    assert first == second


@pytest.mark.parametrize("version", VERSIONS)
def test_an_applied_renewal_is_success_even_after_the_release(world, version):
    instance = bought(world, version)
    world.send(renewal(world, version, instance))
    world.send(release(world, version, instance))
    assert world.send(renewal(world, version, instance))["resultCode"] == "000000"
    assert world.send(renewal(world, version, instance, "CS-late"))["resultCode"] == "000003"
    assert world.state(instance) == "RELEASED"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_renewal_touches_nothing(world, version):
    answer = world.send(renewal(world, version, "huaiweitest123456", testFlag="1"))
    assert answer == {"resultCode": "000000", "resultMsg": "success."}
    assert world.provisioner.calls == []
    assert set(world.tables.calls) <= {("idempotency", "create")}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_instance_cannot_be_renewed(world, version):
    answer = world.send(renewal(world, version, "nobody"))
    assert answer == {"resultCode": "000003", "resultMsg": "instance id does not exist"}
