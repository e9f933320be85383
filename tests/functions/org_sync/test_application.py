"""``applicationSync``: the sign-in client of a tenant."""

import pytest

from tests.enterprise_calls import APP, CLIENT_SECRET, TENANT

SUCCESS = {"resultCode": "000000", "resultMsg": "success."}


@pytest.mark.every_entry
def test_a_client_is_bound_changed_and_unbound(world, buyer):
    for flag, client in ((1, "client-1"), (1, "client-1"), (2, "client-2"), (0, "client-2"), (0, "client-2")):
        world.clock.advance(1)
        assert world.send(buyer.application(flag=flag, clientId=client), buyer.key) == SUCCESS
        found = world.app.directory.application(TENANT, APP)
        assert (found.client_id, found.deleted) == (client, flag == 0)
        assert found.client_secret == ("" if flag == 0 else CLIENT_SECRET)


def test_it_may_come_before_its_tenant(world, buyer):
    world.send(buyer.application(), buyer.key)
    assert world.app.directory.tenants(TENANT) == []
    assert world.app.directory.application(TENANT, None).client_id == "client-1"


def test_what_is_older_changes_nothing_and_succeeds(world, buyer, log_lines):
    old = buyer.application(clientId="old")
    world.clock.advance(5)
    world.send(buyer.application(clientId="new"), buyer.key)
    assert world.send(old, buyer.key) == SUCCESS
    assert world.app.directory.application(TENANT, APP).client_id == "new"
    assert len(log_lines("older than what is known")) == 1


def test_a_debug_call_is_decrypted_and_stores_nothing(world, buyer):
    assert world.send(buyer.application(testFlag=1), buyer.key) == SUCCESS
    assert world.send(buyer.application(testFlag=1, clientSecret="plain"), buyer.key) == {
        "resultCode": "000002",
        "resultMsg": "clientSecret cannot be decrypted",
    }
    assert world.app.directory.application(TENANT, None) is None


@pytest.mark.every_entry
def test_a_wrong_signature_is_told_before_a_wrong_secret(world, buyer):
    request = buyer.application(clientSecret="plain")
    changed = request.__class__("POST", request.path, (), request.headers, request.body.replace(b"plain", b"plane"))
    assert world.send(changed, buyer.key)["resultCode"] == "000001"


def test_without_a_key_it_is_our_fault(build, world, buyer, log_lines):
    world.values["KOOGALLERY_RSA_PRIVATE_KEY"] = ""
    assert world.send(buyer.application(), buyer.key)["resultCode"] == "000005"
    assert log_lines("set KOOGALLERY_RSA_PRIVATE_KEY")[0]["level"] == "ERROR"


def test_unbinding_ends_sessions_each_time(world, buyer):
    for number in (1, 2):
        world.send(buyer.application(flag=0), buyer.key)
        assert world.tables.calls["sessions", "put_many"] == number
