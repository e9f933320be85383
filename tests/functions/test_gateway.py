"""The single production address finds the interface by ``activity``."""

import pytest

from functions import gateway
from tests.fakes import NOTED
from tests.market import V1, V2, VERSIONS, bought, query, release

EVERY = gateway.MODULES | gateway.SYNC_MODULES


@pytest.mark.parametrize("activity", EVERY)
def test_each_activity_finds_an_interface_that_serves_it(activity):
    interface = gateway.find(activity)
    assert interface is not None
    assert activity in interface.activities


@pytest.mark.parametrize("activity", ["", "getLicense", "newInstance ", "gateway", "__init__"])
def test_other_activities_find_none(activity):
    assert gateway.find(activity) is None


def test_the_interfaces_serve_nothing_else():
    found = [gateway.find(activity) for activity in EVERY]
    served = {activity for interface in found if interface for activity in interface.activities}
    assert served == set(EVERY)


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("activity", gateway.SYNC_MODULES)
def test_organisation_sync_has_addresses_of_its_own(world, version, activity):
    caller = world.v1 if version == V1 else world.v2
    assert world.send(caller.call(activity, tenantId="t"))["resultCode"] == "000002"
    assert set(world.tables.calls) <= {NOTED}


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("activity", ["", "getLicense", "NEWINSTANCE"])
def test_an_unknown_activity_is_refused(world, version, activity):
    caller = world.v1 if version == V1 else world.v2
    assert world.send(caller.call(activity)) == {"resultCode": "000002", "resultMsg": "activity is unknown"}
    assert set(world.tables.calls) <= {NOTED}


@pytest.mark.every_entry
def test_both_versions_speak_of_the_same_instances(world):
    instance = bought(world, V1)
    assert world.send(query(world, V2, instance))["info"][0]["instanceId"] == instance
    assert world.send(release(world, V2, instance))["resultCode"] == "000000"
    assert world.send(query(world, V1, instance))["info"] == [
        {"instanceId": instance, "appInfo": {"frontEndUrl": "https://business-1.example.com"}}
    ]
