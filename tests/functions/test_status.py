"""``instanceStatus`` and ``updateInstanceStatus``: freeze and unfreeze, repeated and out of order."""

from datetime import UTC, datetime

import pytest

from shared.provisioning import FreezeReason
from tests.market import V1, V2, VERSIONS, bought, ended, freezing, release, renewal, unfreezing

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_an_instance_is_frozen_and_unfrozen(world, version):
    instance = bought(world, version)
    assert world.send(freezing(world, version, instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"
    assert world.provisioner.reasons == [FreezeReason.SUSPENDED]
    assert world.send(unfreezing(world, version, instance)) == SUCCESS
    assert world.state(instance) == "ACTIVE"


def test_version_2_freezes_an_expired_instance_because_it_has_expired(world):
    instance = bought(world, V2)
    world.clock.set(datetime(2027, 12, 1, tzinfo=UTC))
    world.send(freezing(world, V2, instance))
    assert world.provisioner.reasons == [FreezeReason.EXPIRED]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_is_done_once(world, version):
    instance = bought(world, version)
    for request in (freezing, freezing, unfreezing, unfreezing):
        world.clock.advance(1)
        assert world.send(request(world, version, instance)) == SUCCESS
    assert (world.provisioner.count("freeze"), world.provisioner.count("unfreeze")) == (1, 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_round_has_a_key_of_its_own(world, version):
    instance = bought(world, version)
    for request in (freezing, unfreezing, freezing, unfreezing):
        world.clock.advance(1)
        world.send(request(world, version, instance))
    keys = [key for method, _, key in world.provisioner.calls if method in ("freeze", "unfreeze")]
    assert len(set(keys)) == 4


@pytest.mark.parametrize("version", VERSIONS)
def test_a_freeze_replayed_after_the_unfreeze_has_no_effect(world, version):
    instance = bought(world, version)
    replayed = freezing(world, version, instance)
    world.send(replayed)
    world.clock.advance(5)
    world.send(unfreezing(world, version, instance))
    world.clock.advance(5)
    assert world.send(replayed) == SUCCESS
    assert world.state(instance) == "ACTIVE"
    assert world.provisioner.count("freeze") == 1


def test_a_freeze_of_the_very_moment_of_the_unfreeze_is_known_by_its_nonce(world):
    instance = bought(world, V2)
    replayed = freezing(world, V2, instance)
    world.send(replayed)
    world.send(unfreezing(world, V2, instance))
    world.restarted()
    assert world.send(replayed) == SUCCESS
    assert world.state(instance) == "ACTIVE"
    assert world.send(freezing(world, V2, instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_late_freeze_does_not_undo_a_renewal(world, version):
    instance = bought(world, version)
    late = ended(world, version, instance)
    world.clock.advance(5)
    world.send(renewal(world, version, instance))
    assert world.send(late) == SUCCESS
    assert world.state(instance) == "ACTIVE"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_instance_stays_released(world, version):
    instance = bought(world, version)
    world.send(release(world, version, instance))
    world.clock.advance(5)
    assert world.send(freezing(world, version, instance)) == SUCCESS
    assert world.send(unfreezing(world, version, instance))["resultCode"] == "000003"
    assert world.state(instance) == "RELEASED"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_call_touches_nothing(world, version):
    assert world.send(freezing(world, version, "huaiweitest123456", testFlag="1")) == SUCCESS
    assert world.send(unfreezing(world, version, "huaiweitest123456", testFlag="1")) == SUCCESS
    assert world.provisioner.calls == []
    assert set(world.tables.calls) <= {("idempotency", "create")}


@pytest.mark.parametrize("version", VERSIONS)
def test_unknown_instances_and_states_are_refused(world, version):
    assert world.send(freezing(world, version, "nobody"))["resultCode"] == "000003"
    assert world.send(unfreezing(world, version, "nobody"))["resultCode"] == "000003"
    wrong = (
        world.v1.call("instanceStatus", instanceId="business-1", instanceStatus="UNFREEZE")
        if version == V1
        else world.v2.call("updateInstanceStatus", instanceId="business-1", status="NORMAL")
    )
    answer = world.send(wrong)
    name = "instanceStatus" if version == V1 else "status"
    assert answer == {"resultCode": "000002", "resultMsg": f"{name} is missing or malformed"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_freeze_that_an_unfreeze_overtook_has_no_effect(world, version):
    instance = bought(world, version)
    world.clock.advance(5)
    late = freezing(world, version, instance)
    world.clock.advance(5)
    assert world.send(unfreezing(world, version, instance)) == SUCCESS  # of what is not frozen yet
    assert world.send(late) == SUCCESS
    assert world.state(instance) == "ACTIVE"
    assert world.provisioner.count("freeze") == 0
    world.clock.advance(5)
    assert world.send(freezing(world, version, instance)) == SUCCESS
    assert world.state(instance) == "FROZEN"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unfreeze_that_a_freeze_overtook_has_no_effect(world, version):
    instance = bought(world, version)
    world.send(freezing(world, version, instance))
    world.clock.advance(5)
    late = unfreezing(world, version, instance)
    world.clock.advance(5)
    assert world.send(freezing(world, version, instance)) == SUCCESS
    assert world.send(late) == SUCCESS
    assert world.state(instance) == "FROZEN"
    assert world.provisioner.count("unfreeze") == 0
