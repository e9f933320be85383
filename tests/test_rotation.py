"""Keys are lists, newest first: while a key is exchanged, calls with either are served, and each gets an answer that
its sender can check.
"""

from dataclasses import replace

import pytest

from shared.errors import ConfigurationError
from shared.protocol.field_cipher import FieldCipher
from tests.market import V1, bought, notice, query, release
from tests.platforms import THROUGH_GATEWAY, Deployed
from tests.world import ACCESS_KEY, KEY, NOTIFY_KEY, World

REFUSED = {"resultCode": "000001", "resultMsg": "authentication failed"}


@pytest.fixture(params=THROUGH_GATEWAY, ids=lambda entry: entry.platform.name)
def world(request, tmp_path) -> Deployed:
    """A bundle that has new keys and still knows the old ones."""
    rotating = {
        "KOOGALLERY_KEY": f"new-key, {KEY}",
        "KOOGALLERY_ACCESS_KEY": f"new-access-key,{ACCESS_KEY}",
        "KOOGALLERY_NOTIFY_ACCESS_KEY": f"new-notify-key,{NOTIFY_KEY}",
    }
    return Deployed(tmp_path, request.param, rotating)


def with_new_keys(world: World) -> None:
    """From now on the marketplace uses the new ones."""
    world.v1, world.v2 = replace(world.v1, key="new-key"), replace(world.v2, key="new-access-key")
    world.notify = replace(world.notify, key="new-notify-key")


def test_a_call_with_the_old_key_is_answered_with_it(world):
    assert world.send(world.purchase(), KEY)["resultCode"] == "000000"
    assert world.send(world.purchase_v2(), ACCESS_KEY)["resultCode"] == "000000"
    assert world.send(notice(world), NOTIFY_KEY)["resultCode"] == "000000"
    assert world.send(release(world, V1, "nobody"), KEY)["resultCode"] == "000003"


def test_a_call_with_the_new_key_is_answered_with_it(world):
    with_new_keys(world)
    assert world.send(world.purchase(), "new-key")["resultCode"] == "000000"
    assert world.send(world.purchase_v2(), "new-access-key")["resultCode"] == "000000"
    assert world.send(notice(world), "new-notify-key")["resultCode"] == "000000"


def test_a_call_with_no_key_is_answered_with_the_newest(world):
    world.v1, world.v2 = replace(world.v1, key="stolen"), replace(world.v2, key="stolen")
    world.notify = replace(world.notify, key="stolen")
    assert world.send(world.purchase(), "new-key") == REFUSED
    assert world.send(world.purchase_v2(), "new-access-key") == REFUSED
    assert world.send(notice(world), "new-notify-key") == REFUSED


@pytest.mark.parametrize("key", [KEY, "new-key"])
def test_fields_are_encrypted_with_the_key_of_the_call(world, key):
    world.v1 = replace(world.v1, key=key)
    phone = FieldCipher([key]).encrypt("13800000000")
    info = world.send(world.purchase(mobilePhone=phone), key)["appInfo"]
    assert world.provisioner.buyers[0].mobile_phone == "13800000000"
    assert FieldCipher([key]).decrypt(info["password"], field="password") == "Passw0rd!"
    with pytest.raises(Exception, match="cannot be decrypted"):
        FieldCipher(["another"]).decrypt(info["password"], field="password")


def test_a_key_that_is_taken_off_the_list_is_not_served_any_more(world):
    world.values["KOOGALLERY_KEY"] = "new-key"
    world.values["KOOGALLERY_ACCESS_KEY"] = "new-access-key"
    assert world.send(world.purchase(), "new-key") == REFUSED
    assert world.send(world.purchase_v2(), "new-access-key") == REFUSED


def test_what_the_old_storage_key_sealed_opens_while_it_is_listed(world):
    instance = str(world.send(world.purchase(), KEY)["instanceId"])
    world.values["KOOGALLERY_STORAGE_KEY"] = f"a-new-storage-key-for-tests,{world.values['KOOGALLERY_STORAGE_KEY']}"
    world.restarted()
    assert world.send(query(world, V1, instance), KEY)["info"][0]["appInfo"]["password"]


def test_without_the_old_storage_key_the_operator_is_told_and_the_marketplace_not(world, log_lines):
    instance = str(world.send(world.purchase(), KEY)["instanceId"])
    world.values["KOOGALLERY_STORAGE_KEY"] = "a-new-storage-key-for-tests"
    world.restarted()
    assert world.send(query(world, V1, instance), KEY) == {"resultCode": "000005", "resultMsg": "internal error"}
    assert log_lines("KOOGALLERY_STORAGE_KEY does not open a stored secret: list the old key too")
    with pytest.raises(ConfigurationError):
        world.app.instances.get(instance)


def test_one_of_many_keys_is_enough(world):
    world.values["KOOGALLERY_KEY"] = ",".join([*(f"key-{index}" for index in range(20)), KEY])
    assert bought(world, V1) == "business-1"
