"""``expireInstance``: a period has ended. Version 2 freezes by status."""

from datetime import UTC, datetime

from shared.provisioning import FreezeReason
from tests.market import V1, bought, expiry, release, unfreezing

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


def test_an_expired_instance_is_frozen(world):
    instance = bought(world, V1)
    assert world.send(expiry(world, instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"
    assert world.provisioner.reasons == [FreezeReason.EXPIRED]


def test_the_order_may_be_missing_as_in_the_documented_sample(world):
    instance = bought(world, V1)
    assert world.send(world.v1.call("expireInstance", instanceId=instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"


def test_expiring_twice_freezes_once(world):
    instance = bought(world, V1)
    world.send(expiry(world, instance))
    world.clock.advance(3600)
    assert world.send(expiry(world, instance)) == SUCCESS
    assert world.provisioner.count("freeze") == 1


def test_a_late_expiry_leaves_a_released_instance_released(world):
    instance = bought(world, V1)
    world.send(release(world, V1, instance))
    world.clock.advance(3600)
    assert world.send(expiry(world, instance)) == SUCCESS
    assert world.state(instance) == "RELEASED"
    assert world.provisioner.count("freeze") == 0


def test_an_expiry_sent_before_the_latest_change_has_no_effect(world):
    instance = bought(world, V1)
    world.send(expiry(world, instance))
    late = expiry(world, instance)
    world.clock.advance(60)
    world.send(unfreezing(world, V1, instance))
    assert world.send(late) == SUCCESS
    assert world.state(instance) == "ACTIVE"


def test_a_time_stamp_ahead_of_time_does_not_shut_out_later_calls(world):
    instance = bought(world, V1)
    assert world.send(expiry(world, instance, timeStamp="99991231235959999")) == SUCCESS
    world.clock.advance(60)
    assert world.send(unfreezing(world, V1, instance)) == SUCCESS
    assert world.state(instance) == "ACTIVE"


def test_a_debug_expiry_touches_nothing(world):
    assert world.send(expiry(world, "huaiweitest123456", testFlag=1)) == SUCCESS
    assert world.provisioner.calls == []
    assert world.tables.total == 0


def test_an_unknown_instance_cannot_expire(world):
    assert world.send(expiry(world, "nobody"))["resultCode"] == "000003"


def test_version_2_has_no_such_activity(world):
    answer = world.send(world.v2.call("expireInstance", instanceId="business-1"))
    assert answer == {"resultCode": "000002", "resultMsg": "activity is unknown"}


def test_the_provisioner_is_told_that_a_period_has_ended(world):
    instance = bought(world, V1)
    world.clock.set(datetime(2027, 12, 1, tzinfo=UTC))
    world.send(expiry(world, instance))
    assert world.provisioner.reasons == [FreezeReason.EXPIRED]
