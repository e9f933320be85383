"""``upgrade`` and ``upgradeInstance``: once per order, and the expiry stays."""

import pytest

from shared.errors import ProvisioningError, ResultCode, Unavailable
from tests.market import V1, V2, VERSIONS, bought, freezing, release, upgrade
from tests.world import order

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


@pytest.fixture(autouse=True)
def _order(world):
    world.orders.orders["CS-upgrade"] = order("CS-upgrade", product_id="product-2", sku_code="sku-2", quantity=20)


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_the_specification_changes_and_the_expiry_stays(world, version):
    instance = bought(world, version)
    before = world.app.instances.get(instance)
    assert world.send(upgrade(world, version, instance)) == SUCCESS
    after = world.app.instances.get(instance)
    bought_now = after.specification
    assert (bought_now.product_id, bought_now.sku_code, bought_now.quantity) == ("product-2", "sku-2", 20)
    assert after.expires_at == before.expires_at
    assert bought_now.charging == before.specification.charging
    assert world.provisioner.specifications == [bought_now]


def test_what_an_upgrade_does_not_mention_stays(world):
    instance = bought(world, V1, amount=10, diskSize=100, bandWidth=5)
    world.send(upgrade(world, V1, instance, amount=None, diskSize=200))
    specification = world.app.instances.get(instance).specification
    assert (specification.quantity, specification.disk_size, specification.bandwidth) == (10, 200, 5)
    assert specification.period_type == "year"


@pytest.mark.parametrize("version", VERSIONS)
def test_upgrading_twice_upgrades_once(world, version):
    instance = bought(world, version)
    world.send(upgrade(world, version, instance))
    world.clock.advance(3600)
    assert world.send(upgrade(world, version, instance)) == SUCCESS
    assert world.provisioner.count("change") == 1


def test_the_same_upgrade_with_other_content_is_a_conflict(world, log_lines):
    instance = bought(world, V1)
    world.send(upgrade(world, V1, instance))
    stored = world.app.instances.get(instance)
    answer = world.send(upgrade(world, V1, instance, amount=99))
    assert answer == {"resultCode": "000002", "resultMsg": "the order was already processed with other content"}
    assert world.app.instances.get(instance) == stored
    assert len(log_lines(answer["resultMsg"])) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_frozen_instance_is_upgraded_and_stays_frozen(world, version):
    instance = bought(world, version)
    world.send(freezing(world, version, instance))
    assert world.send(upgrade(world, version, instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_instance_cannot_be_upgraded(world, version):
    instance = bought(world, version)
    world.send(release(world, version, instance))
    assert world.send(upgrade(world, version, instance)) == {
        "resultCode": "000003",
        "resultMsg": "instance was released",
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refused_upgrade_changes_nothing_and_may_be_repeated(world, version):
    instance = bought(world, version)
    stored = world.app.instances.get(instance).specification

    def refuse(method: str) -> None:
        raise ProvisioningError("no such size", ResultCode.PRODUCT_ERROR)

    world.provisioner.before = refuse
    answer = world.send(upgrade(world, version, instance))
    assert answer == {"resultCode": "000104", "resultMsg": "no such size"}
    assert world.app.instances.get(instance).specification == stored
    world.provisioner.before = None
    assert world.send(upgrade(world, version, instance)) == SUCCESS


def test_an_upgrade_waits_for_the_order_query(world):
    instance = bought(world, V2)
    world.orders.error = Unavailable("no answer in time")
    assert world.send(upgrade(world, V2, instance))["resultCode"] == "000005"
    world.orders.error = None
    assert world.send(upgrade(world, V2, instance)) == SUCCESS
    assert world.provisioner.count("change") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_upgrade_touches_nothing(world, version):
    assert world.send(upgrade(world, version, "huaiweitest123456", testFlag="1")) == SUCCESS
    assert world.provisioner.calls == []
    assert world.orders.asked == []


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_instance_cannot_be_upgraded(world, version):
    assert world.send(upgrade(world, version, "nobody"))["resultCode"] == "000003"


def test_the_activity_has_another_name_in_each_version(world):
    assert world.send(world.v1.call("upgradeInstance", instanceId="x", orderId="y"))["resultCode"] == "000002"
    assert world.send(world.v2.call("upgrade", instanceId="x", orderId="y"))["resultCode"] == "000002"
