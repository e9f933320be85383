"""``queryInstance``: up to 100 instances, their way in and their usage."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.clock import SystemClock
from shared.errors import ProvisioningError, ResultCode
from shared.protocol.field_cipher import FieldCipher
from shared.provisioning import Access, Charging, Pending, Usage
from tests.fakes import NOTED
from tests.market import V1, V2, VERSIONS, bought, freezing, purchase, query
from tests.world import KEY, World, order, usage

CIPHER = FieldCipher([KEY])
NOT_YET = {
    V1: {"resultCode": "000000", "resultMsg": "success.", "encryptType": "1", "info": [{"instanceId": "business-2"}]},
    V2: {"resultCode": "000004", "resultMsg": "in process"},
}
"""What is said of an instance that is being created: version 2 is polled until there is information."""
METERED: dict[str, dict[str, int]] = {V1: {"chargingMode": 0}, V2: {}}


def metered(world: World, version: str, order_id: str = "CS1", business_id: str = "business-1") -> str:
    world.orders.orders[order_id] = order(order_id, charging=Charging.ON_DEMAND)
    return bought(world, version, order_id, business_id, **METERED[version])


@pytest.mark.every_entry
def test_version_1_encrypts_what_version_2_sends_plain(world):
    instance = bought(world, V1)
    one, two = world.send(query(world, V1, instance)), world.send(query(world, V2, instance))
    assert one["encryptType"] == "1"
    [first], [second] = one["info"], two["info"]
    assert first["instanceId"] == second["instanceId"] == instance
    assert CIPHER.decrypt(first["appInfo"]["password"], field="password") == "Passw0rd!"
    assert second["appInfo"] == {
        "frontEndUrl": "https://business-1.example.com",
        "userName": "admin",
        "password": "Passw0rd!",
    }
    assert "encryptType" not in two


@pytest.mark.parametrize("version", VERSIONS)
def test_the_present_way_in_is_told_in_full(world, version):
    instance = bought(world, version)
    world.provisioner.present = Access("https://new.example.com", "https://admin.example.com", memo="说明 ü")
    [info] = world.send(query(world, version, instance))["info"]
    assert info["appInfo"] == {
        "frontEndUrl": "https://new.example.com",
        "adminUrl": "https://admin.example.com",
        "memo": "说明 ü",
    }
    assert world.raw(query(world, version, instance)).body.isascii()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_frozen_instance_is_told_as_it_is(world, version):
    instance = bought(world, version)
    world.send(freezing(world, version, instance))
    assert world.send(query(world, version, instance))["info"][0]["appInfo"]["frontEndUrl"]


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_a_hundred_ids_are_answered_in_their_order_without_the_unknown(world, version):
    known = [bought(world, version, f"CS{index}", f"business-{index}") for index in range(3)]
    asked = [f"unknown-{index}" for index in range(97)]
    answer = world.send(query(world, version, known[2], *asked, known[0], known[1]))
    assert [info["instanceId"] for info in answer["info"]] == [known[2], known[0], known[1]]


@pytest.mark.every_entry
@pytest.mark.parametrize("version", VERSIONS)
def test_an_id_asked_for_twice_is_answered_once(world, version):
    instance = bought(world, version)
    answer = world.send(query(world, version, *[instance] * 150))
    assert [info["instanceId"] for info in answer["info"]] == [instance]


@pytest.mark.parametrize("version", VERSIONS)
def test_more_than_a_hundred_ids_or_none_are_refused(world, version):
    refused = {"resultCode": "000002", "resultMsg": "instanceId is missing or malformed"}
    assert world.send(query(world, version, *(f"id-{index}" for index in range(101)))) == refused
    assert world.send(query(world, version)) == refused
    assert world.send(query(world, version, "", " ")) == refused
    assert set(world.tables.calls) <= {NOTED}


@pytest.mark.parametrize("version", VERSIONS)
def test_only_unknown_ids_are_an_error(world, version):
    answer = world.send(query(world, version, "nobody", "no-one"))
    assert answer == {"resultCode": "000003", "resultMsg": "instance id does not exist"}


@pytest.mark.parametrize("version", VERSIONS)
def test_usage_is_told_for_metered_instances(world, version):
    instance = metered(world, version)
    world.provisioner.consumed = (usage("12.5", "business-sms"), usage("0.1234"))
    [info] = world.send(query(world, version, instance))["info"]
    assert info["usageInfo"] == [
        {"relatedInstanceId": "business-sms", "usageValue": 12.5, "statisticalTime": "20261120080000000"},
        {"usageValue": 0.1234, "statisticalTime": "20261120080000000"},
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_used_yet_is_told_too(world, version):
    instance = metered(world, version)
    [info] = world.send(query(world, version, instance))["info"]
    assert info["usageInfo"] == [{"usageValue": 0.0, "statisticalTime": "20261120083000000"}]


@pytest.mark.parametrize("version", VERSIONS)
def test_other_instances_have_no_usage(world, version):
    instance = bought(world, version)
    world.provisioner.consumed = (usage("1"),)
    assert "usageInfo" not in world.send(query(world, version, instance))["info"][0]
    assert world.provisioner.count("usage") == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_usage_in_another_zone_is_told_in_utc(world, version):
    instance = metered(world, version)
    beijing = datetime(2026, 11, 20, 16, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=8)))
    world.provisioner.consumed = (Usage(Decimal(1), beijing),)
    [info] = world.send(query(world, version, instance))["info"]
    assert info["usageInfo"][0]["statisticalTime"] == "20261120080000250"


MOMENT = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("unusable", "field"),
    [
        (Usage(Decimal("NaN"), MOMENT), "value"),
        (Usage(Decimal(-5), MOMENT), "value"),
        (Usage(Decimal(123456789012345), MOMENT), "value"),
        (Usage(1.5, MOMENT), "value"),  # type: ignore[arg-type] # what a seller may do
        (Usage(Decimal(1), datetime(2026, 11, 20)), "measured_at"),  # noqa: DTZ001 - without zone is the point
        (Usage(Decimal(1), MOMENT, "x" * 65), "related_instance_id"),
    ],
)
def test_usage_that_breaks_a_limit_is_left_out_and_logged(world, version, unusable, field, log_lines):
    one, other = metered(world, version), metered(world, version, "CS2", "business-2")
    world.provisioner.usage = lambda instance: [unusable if instance.instance_id == one else usage("2")]
    answer = world.send(query(world, version, one, other))
    assert answer["resultCode"] == "000000"
    assert [(info["instanceId"], len(info.get("usageInfo", []))) for info in answer["info"]] == [(one, 0), (other, 1)]
    [line] = log_lines("usage of an instance cannot be told")
    assert (line["level"], line["instance_id"]) == ("ERROR", one)
    assert line["reason"].startswith(f"usage[0]: {field} must be ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dashboard_that_is_too_long_is_left_out_alone(world, version, log_lines):
    instance = metered(world, version)
    world.provisioner.consumed = (Usage(Decimal(2), MOMENT, dashboard_url="https://a.example/" + "x" * 600),)
    [info] = world.send(query(world, version, instance))["info"]
    assert info["usageInfo"] == [{"usageValue": 2.0, "statisticalTime": "20261120080000000"}]
    assert log_lines("usage of an instance cannot be told")


@pytest.mark.parametrize("version", VERSIONS)
def test_usage_that_the_provisioner_cannot_tell_is_left_out(world, version):
    instance = metered(world, version)

    def fail(method: str) -> None:
        if method == "usage":
            raise ProvisioningError("no figures", ResultCode.PRODUCT_ERROR)

    world.provisioner.before = fail
    answer = world.send(query(world, version, instance))
    assert answer["resultCode"] == "000000"
    assert [(info["instanceId"], "usageInfo" in info) for info in answer["info"]] == [(instance, False)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pending_instance_is_told_without_a_way_in_until_it_is_ready(world, version):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    assert world.buy_v2()["resultCode"] == "000004"
    assert world.send(query(world, version, "business-2")) == NOT_YET[version]
    assert world.state("business-2") == "PENDING"
    world.provisioner.present = Access("https://ready.example.com", password="Passw0rd!")
    [info] = world.send(query(world, version, "business-2"))["info"]
    assert info["appInfo"]["frontEndUrl"] == "https://ready.example.com"
    assert world.state("business-2") == "ACTIVE"
    assert world.provisioner.count("create") == 1


def test_polling_goes_on_while_nothing_can_be_told_of_any(world):
    """Version 2: what is ready is told, what is pending is left out as if it were not there yet."""
    world.buy_v2("CS1", "business-1")
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2("CS2", "business-2")
    world.buy_v2("CS3", "business-3")
    assert world.send(query(world, V2, "business-2", "business-3", "nobody")) == NOT_YET[V2]
    [info] = world.send(query(world, V2, "business-2", "business-1"))["info"]
    assert info["instanceId"] == "business-1"


def test_a_pending_metered_instance_has_used_nothing_and_nobody_is_asked(world):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.orders.orders["CS2"] = order("CS2", charging=Charging.ON_DEMAND)
    world.buy_v2()
    [info] = world.send(query(world, V1, "business-2"))["info"]
    assert info["usageInfo"] == [{"usageValue": 0.0, "statisticalTime": "20261120083000000"}]
    assert world.send(query(world, V2, "business-2")) == NOT_YET[V2]
    assert world.provisioner.count("usage") == 0


def test_a_pending_creation_that_fails_again_stays_pending(world, log_lines):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2()

    def fail(method: str) -> None:
        raise RuntimeError

    world.provisioner.before = fail
    assert world.send(query(world, V2, "business-2")) == NOT_YET[V2]
    assert world.state("business-2") == "PENDING"
    assert log_lines("a pending creation failed again")[0]["instance_id"] == "business-2"
    world.provisioner.before = None
    world.provisioner.present = Access("https://ready.example.com")
    assert "appInfo" in world.send(query(world, V2, "business-2"))["info"][0]


def test_a_provisioner_that_is_slow_to_describe_is_not_waited_for(build, blocked):
    world = build(clock=SystemClock())
    instance = bought(world, V1)
    world.hurry()
    world.provisioner.before = blocked.on("describe")
    [info] = world.send(query(world, V1, instance))["info"]
    assert info["appInfo"]["frontEndUrl"] == "https://business-1.example.com"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_query_is_answered_in_full_for_every_id(world, version):
    answer = world.send(query(world, version, "huaiweitest123456", "other", testFlag="1"))
    assert [info["instanceId"] for info in answer["info"]] == ["huaiweitest123456", "other"]
    for info in answer["info"]:
        assert info["appInfo"]["frontEndUrl"] == "https://app.example.com"
        assert info["usageInfo"] == [{"usageValue": 0.0, "statisticalTime": "20261120083000000"}]
    assert world.provisioner.calls == []
    assert set(world.tables.calls) <= {("idempotency", "create")}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_purchase_and_a_query_agree(world, version):
    answer = world.send(purchase(world, version))
    [info] = world.send(query(world, V2, answer["instanceId"]))["info"]
    assert info["appInfo"]["frontEndUrl"] == "https://business-1.example.com"
