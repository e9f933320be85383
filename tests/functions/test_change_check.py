"""``changeInstanceCheck``: may the buyer change the product when renewing?"""

import pytest

from shared.clock import SystemClock
from shared.provisioning import Pending, Refusal
from tests.market import V2, bought, check, freezing, release

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
TARGET = {"productId": "small", "skuCode": "sku-s", "linearValue": 2, "productName": "Small"}


@pytest.mark.every_entry
@pytest.mark.parametrize("product", [TARGET, [TARGET], TARGET | {"linearValue": "2"}], ids=["object", "array", "text"])
def test_the_provisioner_decides_about_the_target(world, product):
    instance = bought(world, V2)
    stored = world.app.instances.get(instance)
    assert world.send(check(world, instance, product)) == SUCCESS
    [target] = world.provisioner.specifications
    assert (target.product_id, target.sku_code, target.quantity) == ("small", "sku-s", 2)
    assert target.charging == stored.specification.charging
    assert world.app.instances.get(instance) == stored
    assert [method for method, *_ in world.provisioner.calls] == ["create", "can_change"]


def test_a_refusal_has_its_reason(world):
    instance = bought(world, V2)
    world.provisioner.refusal = Refusal("12 users exist, the target allows 2")
    answer = world.send(check(world, instance, TARGET))
    assert answer == {"resultCode": "000002", "resultMsg": "12 users exist, the target allows 2"}


@pytest.mark.every_entry
def test_a_reason_leaves_as_the_marketplace_takes_it(world):
    instance = bought(world, V2)
    world.provisioner.refusal = Refusal("超过 " + "x" * 300)
    answer = world.send(check(world, instance, TARGET))
    assert answer["resultMsg"] == ("?? " + "x" * 300)[:255]


def test_the_keys_of_the_documented_sample_are_tolerated(world):
    instance = bought(world, V2)
    assert world.send(check(world, instance, TARGET, orderId="CS9", orderLineId="CS9-000001")) == SUCCESS


def test_a_frozen_instance_may_be_asked_about(world):
    instance = bought(world, V2)
    world.send(freezing(world, V2, instance))
    assert world.send(check(world, instance, TARGET)) == SUCCESS


def test_an_instance_that_is_not_there_cannot_change(world):
    instance = bought(world, V2)
    world.send(release(world, V2, instance))
    unknown = {"resultCode": "000003", "resultMsg": "instance id does not exist"}
    assert world.send(check(world, instance, TARGET)) == unknown
    assert world.send(check(world, "nobody", TARGET)) == unknown


def test_a_pending_instance_cannot_change_yet(world):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2()
    assert world.send(check(world, "business-2", TARGET))["resultCode"] == "000004"
    assert world.provisioner.count("can_change") == 0


@pytest.mark.parametrize(
    ("product", "name"),
    [
        (None, "productInfo"),
        ([TARGET, TARGET], "productInfo"),
        ([], "productInfo"),
        ("small", "productInfo"),
        (TARGET | {"linearValue": -1}, "productInfo.linearValue"),
        (TARGET | {"linearValue": True}, "productInfo.linearValue"),
        (TARGET | {"linearValue": 1.5}, "productInfo.linearValue"),
        (TARGET | {"skuCode": ["sku"]}, "productInfo.skuCode"),
    ],
)
def test_a_malformed_target_is_named(world, product, name):
    instance = bought(world, V2)
    answer = world.send(check(world, instance, product))
    assert answer == {"resultCode": "000002", "resultMsg": f"{name} is missing or malformed"}
    assert world.provisioner.count("can_change") == 0


def test_the_provisioner_is_not_waited_for(build, blocked):
    world = build(clock=SystemClock())
    instance = bought(world, V2)
    world.hurry()
    world.provisioner.before = blocked.on("can_change")
    assert world.send(check(world, instance, TARGET))["resultCode"] == "000004"


def test_a_debug_check_touches_nothing(world):
    assert world.send(check(world, "huaiweitest123456", TARGET, testFlag="1")) == SUCCESS
    assert world.provisioner.calls == []
    assert set(world.tables.calls) <= {("idempotency", "create")}


def test_version_1_has_no_such_activity(world):
    answer = world.send(world.v1.call("changeInstanceCheck", instanceId="business-1"))
    assert answer == {"resultCode": "000002", "resultMsg": "activity is unknown"}
