"""``newInstance``: what is created, and how every repeat is answered."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from shared.errors import ProvisioningError, ResultCode, Unavailable
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params
from shared.provisioning import Access, Charging, OrderType
from tests.market import V1, V2, VERSIONS, bought, purchase, query, release, renewal, upgrade
from tests.world import KEY, order

CIPHER = FieldCipher([KEY])
NEW_ACCESS = Access("https://new.example.com", user_name="root", password="An0ther!")

V1_KINDS: dict[str, tuple[dict[str, int | None], Charging]] = {
    "period": ({"chargingMode": 1}, Charging.PERIOD),
    "one-time": (
        {"chargingMode": 3, "expireTime": None, "periodType": None, "periodNumber": None, "amount": 5},
        Charging.ONE_TIME,
    ),
    "pay-per-use": (
        {"chargingMode": 0, "expireTime": None, "periodType": None, "periodNumber": None},
        Charging.ON_DEMAND,
    ),
    "package": ({"chargingMode": 5, "periodType": None, "periodNumber": None}, Charging.ON_DEMAND_PACKAGE),
}


@pytest.mark.every_entry
@pytest.mark.parametrize("kind", V1_KINDS)
def test_version_1_creates_and_tells_the_way_in(world, kind):
    fields, charging = V1_KINDS[kind]
    answer = world.buy(**fields)
    assert answer["resultCode"] == "000000"
    assert answer["encryptType"] == "1"
    assert answer["instanceId"] == "business-1"
    info = answer["appInfo"]
    assert info["frontEndUrl"] == "https://business-1.example.com"
    assert CIPHER.decrypt(info["userName"], field="userName") == "admin"
    assert CIPHER.decrypt(info["password"], field="password") == "Passw0rd!"
    record = world.app.instances.get("business-1")
    assert (record.state, record.specification.charging) == ("ACTIVE", charging)
    assert record.specification.quantity == fields.get("amount")
    expected = None if fields.get("expireTime", "sent") is None else datetime(2027, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert record.expires_at == expected
    assert record.content is None, "the buyer's data stays only while it is needed"


@pytest.mark.every_entry
@pytest.mark.parametrize("charging", Charging)
def test_version_2_creates_what_the_order_says(world, charging):
    world.orders.orders["CS2"] = order("CS2", charging=charging, quantity=7)
    assert world.buy_v2() == {
        "resultCode": "000000",
        "resultMsg": "success.",
        "instanceId": "business-2",
        "appInfo": {"frontEndUrl": "https://business-2.example.com"},
    }
    record = world.app.instances.get("business-2")
    assert (record.state, record.specification.charging, record.specification.quantity) == ("ACTIVE", charging, 7)
    assert record.customer_id == "customer-1"
    assert world.orders.asked == ["CS2"]


@pytest.mark.every_entry
def test_the_buyer_is_told_to_the_provisioner(world):
    phone, mail = CIPHER.encrypt("13800000000"), CIPHER.encrypt("user@example.com")
    world.buy(mobilePhone=phone, email=mail, userId="iam-1", userName="iam-user", customerName="张三")
    [buyer] = world.provisioner.buyers
    assert (buyer.customer_id, buyer.customer_name) == ("customer-1", "张三")
    assert (buyer.mobile_phone, buyer.email) == ("13800000000", "user@example.com")
    assert (buyer.user_id, buyer.user_name) == ("iam-1", "iam-user")


@pytest.mark.every_entry
def test_what_a_buyer_told_is_read_however_it_arrives(world):
    """In lines of 76 characters, percent-encoded once more, or not encrypted at all."""
    parameters = encode_extend_params([{"name": "emailDomainName", "value": "example.com"}])
    mail = CIPHER.encrypt("user@example.com")
    fields = {"mobilePhone": "13800000000", "email": f"{mail[:30]}\r\n{mail[30:]}\n"}
    world.buy(saasExtendParams=f"{quote(parameters)}\n", **fields)
    [buyer] = world.provisioner.buyers
    assert (buyer.mobile_phone, buyer.email) == ("13800000000", "user@example.com")
    assert world.app.instances.get("business-1").specification.parameters == {"emailDomainName": "example.com"}


def test_short_keys_are_used_where_the_product_was_published_so(build):
    world = build(settings={"KOOGALLERY_AES_BITS": "128"})
    short = FieldCipher([KEY], 128)
    answer = world.buy(mobilePhone=short.encrypt("13800000000"))
    assert world.provisioner.buyers[0].mobile_phone == "13800000000"
    assert answer["encryptType"] == "2"
    assert short.decrypt(answer["appInfo"]["password"], field="password") == "Passw0rd!"


def test_linear_attributes_and_extension_parameters_are_told(world):
    parameters = encode_extend_params([{"name": "emailDomainName", "value": "example.com"}])
    world.buy(amount=30, diskSize=100, bandWidth=20, skuCode="sku-1", saasExtendParams=parameters)
    specification = world.app.instances.get("business-1").specification
    assert (specification.quantity, specification.disk_size, specification.bandwidth) == (30, 100, 20)
    assert specification.parameters == {"emailDomainName": "example.com"}


@pytest.mark.parametrize(("flag", "trial"), [("1", True), ("0", False), ("", False), (None, False)])
def test_a_trial_is_known_as_one(world, flag, trial):
    world.buy(trialFlag=flag)
    assert world.app.instances.get("business-1").trial is trial


def test_version_2_knows_a_trial_by_its_order(world):
    world.orders.orders["CS2"] = order("CS2", kind=OrderType.TRIAL)
    world.buy_v2()
    assert world.app.instances.get("business-2").trial


@pytest.mark.parametrize("charging_mode", [0, 5])
def test_each_product_of_a_pay_per_use_order_is_an_instance(world, charging_mode):
    sms = world.buy("CS1", "business-sms", chargingMode=charging_mode, productId="sms")
    mms = world.buy("CS1", "business-mms", chargingMode=charging_mode, productId="mms")
    again = world.buy("CS1", "business-new", chargingMode=charging_mode, productId="sms")
    assert [each["instanceId"] for each in (sms, mms, again)] == ["business-sms", "business-mms", "business-sms"]
    assert world.provisioner.count("create") == 2


UNTOLD = {"chargingMode": None, "periodType": None, "periodNumber": None}
"""Nothing says whether the order has one instance or one for each product."""
ENDS = {"orderId": "CS-back", "instanceId": "business-mms", "orderAmount": "8.80"}


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.v1.call("releaseInstance", **ENDS),
        lambda world: renewal(world, V1, "business-mms"),
        lambda world: renewal(world, V1, "business-mms", chargingMode=0, trialToFormal="1", expireTime=None),
    ],
    ids=["unsubscribed", "renewed", "converted"],
)
def test_what_became_of_one_product_of_an_order_is_not_asked_of_the_other(world, change):
    for product in ("mms", "sms"):
        world.buy("CS1", f"business-{product}", productId=product, **UNTOLD)
    assert world.send(change(world))["resultCode"] == "000000"
    answers = [world.buy("CS1", "business-new", productId=product, **UNTOLD) for product in ("sms", "mms")]
    assert [each["instanceId"] for each in answers] == ["business-sms", "business-mms"]


def test_a_product_that_comes_when_the_other_one_was_given_back_is_new(world):
    world.buy("CS1", "business-mms", productId="mms", **UNTOLD)
    assert world.send(world.v1.call("releaseInstance", **ENDS))["resultCode"] == "000000"
    assert world.buy("CS1", "business-sms", productId="sms", **UNTOLD)["instanceId"] == "business-sms"


def test_each_line_of_an_order_is_an_instance(world):
    lines = [
        world.buy_v2("CS2", f"business-{line}", orderLineId=f"CS2-00000{line}")["instanceId"] for line in (1, 2, 1)
    ]
    assert lines == ["business-1", "business-2", "business-1"]
    assert world.provisioner.count("create") == 2


def test_version_2_can_do_without_the_line(world):
    request = world.v2.call("newInstance", orderId="CS2", businessId="business-2")
    assert world.send(request)["instanceId"] == "business-2"


@pytest.mark.parametrize("version", VERSIONS)
def test_two_orders_of_one_buyer_are_two_instances(world, version):
    assert bought(world, version, "CS-a", "business-a") == "business-a"
    assert bought(world, version, "CS-b", "business-b") == "business-b"
    assert world.provisioner.count("create") == 2


def test_a_repeat_is_the_same_order_whatever_differs_in_it(world):
    first = world.buy(mobilePhone=CIPHER.encrypt("13800000000"), expireTime="20271120235959")
    world.clock.advance(3600)
    again = world.buy(business_id="business-9", mobilePhone=CIPHER.encrypt("13800000000"), expireTime="20271121000001")
    assert again["instanceId"] == first["instanceId"] == "business-1"
    assert world.provisioner.count("create") == 1


def test_a_repeat_tells_the_present_way_in(world):
    world.buy()
    world.provisioner.present = NEW_ACCESS
    info = world.buy(business_id="business-9")["appInfo"]
    assert info["frontEndUrl"] == "https://new.example.com"
    assert CIPHER.decrypt(info["password"], field="password") == "An0ther!"


def test_a_repeat_tells_the_stored_way_in_if_the_provisioner_cannot(world):
    world.buy()

    def fail(method: str) -> None:
        raise RuntimeError(method)

    world.provisioner.before = fail
    assert world.buy(business_id="business-9")["appInfo"]["frontEndUrl"] == "https://business-1.example.com"
    world.provisioner.before = None
    world.provisioner.present = Access("ftp://not-acceptable")
    assert world.buy(business_id="business-9")["appInfo"]["frontEndUrl"] == "https://business-1.example.com"


def test_a_repeat_in_version_2_has_the_same_id(world):
    assert world.buy_v2("CS2", "business-2") == world.buy_v2("CS2", "business-9")
    assert world.provisioner.count("create") == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_repeat_after_the_release_still_has_the_id(world, version):
    instance = bought(world, version)
    world.send(release(world, version, instance))
    answer = world.send(purchase(world, version, business_id="business-9"))
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", instance)
    assert world.state(instance) == "RELEASED"
    assert "password" not in answer.get("appInfo", {})
    assert world.provisioner.count("create") == 1


def test_an_order_of_another_customer_is_a_conflict(world, log_lines):
    world.buy()
    stored = world.app.instances.get("business-1")
    answer = world.buy(business_id="business-9", customerId="customer-2")
    assert answer == {"resultCode": "000002", "resultMsg": "the order belongs to another customer"}
    assert world.app.instances.get("business-1") == stored
    assert world.app.instances.get("business-9") is None
    assert world.provisioner.count("create") == 1
    [line] = log_lines(answer["resultMsg"])
    assert (line["level"], line["order_id"]) == ("ERROR", "CS1")
    assert world.buy()["resultCode"] == "000000"


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"productId": "product-2"}, "productId"),
        ({"amount": 5}, "amount"),
        ({"chargingMode": None, "amount": 5}, "chargingMode, amount"),
        ({"chargingMode": None, "periodType": None, "periodNumber": None}, "chargingMode, periodType, periodNumber"),
        ({"orderAmount": "99", "expireTime": None, "customerName": None}, None),
    ],
)
def test_the_same_order_in_other_words_is_the_same_order(world, other, named, log_lines):
    world.buy()
    stored = world.app.instances.get("business-1")
    answer = world.buy(business_id="business-9", **other)
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-1")
    assert world.app.instances.get("business-1") == stored
    lines = log_lines("the order came again in other words")
    assert [line["parameters"] for line in lines] == ([named] if named else [])
    assert world.provisioner.count("create") == 1


@pytest.mark.parametrize("change", [renewal, upgrade])
def test_a_changed_instance_may_be_described_by_what_it_is_now(world, change):
    instance = bought(world, V1)
    world.send(change(world, V1, instance))
    assert world.buy(productId="product-2", amount=20)["instanceId"] == instance
    assert world.buy(productId="product-2", customerId="customer-2")["resultCode"] == "000002"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_business_id_that_another_order_has_is_a_conflict_and_the_next_one_is_taken(world, version):
    bought(world, version, "CS-a", "business-1")
    assert world.send(purchase(world, version, "CS-b", "business-1"))["resultCode"] == "000002"
    assert bought(world, version, "CS-b", "business-2") == "business-2"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("code", [ResultCode.SOLD_OUT, ResultCode.EMAIL_REFUSED, ResultCode.ALREADY_PURCHASED])
def test_the_provisioner_refuses_with_a_code_of_its_own_and_the_next_call_works(world, version, code):
    def refuse(method: str) -> None:
        raise ProvisioningError("售罄: sold out", code)

    world.provisioner.before = refuse
    answer = world.send(purchase(world, version))
    assert answer == {"resultCode": code.value, "resultMsg": "??: sold out"}
    assert world.app.instances.get("business-1") is None
    world.provisioner.before = None
    assert bought(world, version, business_id="business-9") == "business-1"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_creation_that_failed_is_repeated_under_the_same_key(world, version):
    """It may have had an effect: a new key would make a second one."""

    def fail(method: str) -> None:
        raise TimeoutError

    world.provisioner.before = fail
    answer = world.send(purchase(world, version))
    assert answer == {"resultCode": "000005", "resultMsg": "internal error"}
    world.provisioner.before = None
    bought(world, version, business_id="business-9")
    assert [key for method, _, key in world.provisioner.calls if method == "create"] == ["business-1", "business-1"]


def test_version_1_says_that_the_provisioner_is_out_of_reach(world):
    def fail(method: str) -> None:
        raise Unavailable("no answer in time")

    world.provisioner.before = fail
    assert world.buy() == {"resultCode": "000005", "resultMsg": "no answer in time"}
    world.provisioner.before = None
    assert world.buy(business_id="business-9")["instanceId"] == "business-1"


def test_version_2_accepts_an_order_while_the_provisioner_is_out_of_reach(world):
    def fail(method: str) -> None:
        raise Unavailable("no answer in time")

    world.provisioner.before = fail
    assert world.buy_v2() == {"resultCode": "000004", "resultMsg": "in process", "instanceId": "business-2"}
    world.provisioner.before = None
    [info] = world.send(query(world, V2, "business-2"))["info"]
    assert info["appInfo"]["frontEndUrl"] == "https://business-2.example.com"


def test_version_2_accepts_an_order_while_the_order_query_is_out_of_reach(world):
    world.orders.error = Unavailable("no answer in time")
    assert world.buy_v2() == {"resultCode": "000004", "resultMsg": "in process", "instanceId": "business-2"}
    assert world.buy_v2(business_id="business-9")["instanceId"] == "business-2", "a repeat is accepted like the first"
    assert world.send(query(world, V2, "business-2")) == {"resultCode": "000004", "resultMsg": "in process"}
    world.orders.error = None
    assert world.buy_v2(business_id="business-9")["resultCode"] == "000000"
    assert world.provisioner.buyers[0].mobile_phone == "13800000000"


@pytest.mark.parametrize("version", VERSIONS)
def test_credentials_that_the_marketplace_would_refuse_are_not_sent(world, version):
    world.provisioner.created["business-1"] = Access("https://a.example.com", user_name="admin", password="x" * 80)
    answer = world.send(purchase(world, version))
    assert answer == {"resultCode": "000005", "resultMsg": "password is longer than 79 bytes"}
    world.provisioner.created["business-1"] = Access("https://a.example.com", user_name="admin", password="x" * 79)
    instance = bought(world, version)
    info = world.send(query(world, V1, instance))["info"][0]["appInfo"]
    assert len(info["password"]) <= 128


@pytest.mark.parametrize("version", VERSIONS)
def test_a_debug_purchase_is_answered_in_full_and_touches_nothing(world, version):
    answer = world.send(purchase(world, version, testFlag="1"))
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-1")
    if version == V1:
        assert answer["encryptType"] == "1"
        assert answer["appInfo"]["frontEndUrl"] == answer["appInfo"]["adminUrl"] == "https://app.example.com"
        assert CIPHER.decrypt(answer["appInfo"]["userName"], field="userName")
    assert world.provisioner.calls == []
    assert world.orders.asked == []
    assert set(world.tables.calls) <= {("idempotency", "create")}
    assert world.tables.total == (0 if version == V1 else 1)
    assert bought(world, version, business_id="business-9") == "business-9", "the order is as new"


@pytest.mark.parametrize("flag", ["0", "", None])
def test_a_flag_that_is_not_set_is_no_debug_call(world, flag):
    world.buy(testFlag=flag)
    world.buy_v2(testFlag=flag)
    assert world.provisioner.count("create") == 2


def test_a_mock_order_is_a_debug_call(world):
    answer = world.buy_v2("MOCKPERIODYEARNEW", "business-mock")
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-mock")
    assert world.provisioner.calls == []
    assert world.app.instances.get("business-mock") is None


def test_a_transport_retry_gets_the_same_answer(world):
    request = world.purchase_v2()
    first = world.raw(request)
    world.clock.advance(10)
    again = world.raw(request)
    assert again.body == first.body
    assert world.provisioner.count("create") == 1


def test_a_nonce_serves_one_call_only(world):
    refused = {"resultCode": "000001", "resultMsg": "authentication failed"}
    world.buy_v2("CS2", "business-2", nonce="once")
    assert world.buy_v2("CS3", "business-3", nonce="once") == refused
    assert world.buy_v2("CS2", "business-9", nonce="once") == refused
    assert world.send(query(world, V2, "business-2", nonce="once")) == refused
    assert world.app.instances.get("business-3") is None
    assert world.provisioner.count("create") == 1
    assert world.buy_v2("CS3", "business-3", nonce="another")["resultCode"] == "000000"
