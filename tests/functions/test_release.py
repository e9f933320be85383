"""``releaseInstance``: the instance is deleted, whatever state it is in, and stays so."""

from typing import Any

import pytest

from shared.provisioning import Charging
from tests.market import V1, V2, VERSIONS, bought, freezing, purchase, query, release
from tests.world import order

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_instance_is_gone_and_its_secrets_with_it(world, version):
    instance = bought(world, version)
    assert world.send(release(world, version, instance)) == SUCCESS
    record = world.app.instances.get(instance)
    assert (record.state, record.closed_at) == ("RELEASED", world.clock.now())
    assert record.access.front_end_url == f"https://{instance}.example.com"
    assert (record.access.user_name, record.access.password, record.content) == (None, None, None)


@pytest.mark.parametrize("version", VERSIONS)
def test_releasing_twice_releases_once(world, version):
    instance = bought(world, version)
    world.send(release(world, version, instance))
    world.clock.advance(3600)
    assert world.send(release(world, version, instance)) == SUCCESS
    assert world.provisioner.count("release") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_frozen_instance_is_released(world, version):
    instance = bought(world, version)
    world.send(freezing(world, version, instance))
    assert world.send(release(world, version, instance)) == SUCCESS
    assert world.state(instance) == "RELEASED"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_wins_even_if_it_comes_late(world, version):
    instance = bought(world, version)
    late = release(world, version, instance)
    world.clock.advance(30)
    world.send(freezing(world, version, instance))
    assert world.send(late) == SUCCESS
    assert world.state(instance) == "RELEASED"


@pytest.mark.parametrize("order_id", [None, "", "CS-unsubscription"])
def test_version_2_names_the_order_only_if_the_buyer_unsubscribed(world, order_id):
    instance = bought(world, V2)
    assert world.send(world.v2.call("releaseInstance", instanceId=instance, orderId=order_id)) == SUCCESS
    assert world.state(instance) == "RELEASED"


def test_an_amount_is_no_matter(world):
    instance = bought(world, V1)
    assert world.send(release(world, V1, instance, orderAmount="99.123")) == SUCCESS


def test_a_pending_instance_is_undone_by_its_release(world):
    world.provisioner.pending = True
    assert world.buy_v2()["resultCode"] == "000004"
    assert world.send(release(world, V2, "business-2")) == SUCCESS
    assert world.state("business-2") == "RELEASED"
    assert world.provisioner.count("release") == 1
    assert world.send(query(world, V2, "business-2"))["info"] == [{"instanceId": "business-2"}]
    assert world.buy_v2(business_id="business-9")["instanceId"] == "business-2"
    assert world.provisioner.count("create") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_that_failed_is_made_at_the_next_call_with_the_same_key(world, version):
    instance = bought(world, version)

    def fail(method: str) -> None:
        raise RuntimeError

    world.provisioner.before = fail
    assert world.send(release(world, version, instance))["resultCode"] == "000005"
    assert world.state(instance) == "ACTIVE"
    world.provisioner.before = None
    assert world.send(release(world, version, instance)) == SUCCESS
    assert len({key for method, _, key in world.provisioner.calls if method == "release"}) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_provisioner_is_not_asked_about_what_it_has_released(world, version):
    world.orders.orders["CS1"] = order("CS1", charging=Charging.ON_DEMAND)
    more: dict[str, Any] = {"chargingMode": 0} if version == V1 else {}
    instance = str(world.send(purchase(world, version, **more))["instanceId"])
    world.send(release(world, version, instance))
    world.provisioner.calls.clear()
    [info] = world.send(query(world, version, instance))["info"]
    assert info.pop("usageInfo") == [{"usageValue": 0.0, "statisticalTime": "20261120083000000"}]
    assert info["appInfo"] == {"frontEndUrl": f"https://{instance}.example.com"}
    assert world.provisioner.calls == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_release_touches_nothing(world, version):
    instance = bought(world, version)
    assert world.send(release(world, version, instance, testFlag="1")) == SUCCESS
    assert world.state(instance) == "ACTIVE"
    assert world.provisioner.count("release") == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_instance_cannot_be_released(world, version):
    assert world.send(release(world, version, "nobody"))["resultCode"] == "000003"
