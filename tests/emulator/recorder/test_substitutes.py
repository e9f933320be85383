"""Made-up values: the same for the same, others for others, of the same shape, and still one story together."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.development import KEYS as DEVELOPMENT
from emulator.keys import Keys
from emulator.recorder import Recording, of_request, recorded
from emulator.recorder.substitutes import Substitutes
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from tests.emulator.recorder.calls import BUSINESS, CALLS, KEYS, LINE, ORDER, PERSON, V1, V2, members, pasted, purchase

CIPHER = FieldCipher([DEVELOPMENT["KOOGALLERY_KEY"]])


def value(recording: Recording, name: str) -> str:
    """One parameter of a recorded call."""
    if recording.request.method == "GET":
        return recording.request.first(name) or ""
    return str(members(recording.request)[name])


@pytest.mark.parametrize(
    ("original", "shape"),
    [
        (ORDER, r"CS\d{10}[A-Z]\d[A-Z]{3}"),
        ("HWS001014ED483AA1E8", r"HWS\d{6}[A-Z]{2}\d{3}[A-Z]{2}\d[A-Z]\d"),
        (LINE, r"CS\d{10}[A-Z]\d[A-Z]{3}-000001"),
        (BUSINESS, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("68CBC86ABC2018AB880D92F36422FA0E", r"[0-9A-F]{32}"),
        ("huaiweitest123456", r"[a-z]{11}\d{6}"),
        ("13912345678", r"1380000\d{4}"),
        ("li.si@li-si.cn", r"[a-z]{10}@example\.com"),
        ("li.si@example.com", r"[a-z]{10}@example\.org"),
        ("https://li-si.tenantaccount.cn", r"https://[a-z]{10}\.example\.com"),
        ("http://li-si.cn:8443/a/B1", r"http://[a-z]{10}\.example\.com:8443/[a-z]/[A-Z]\d{4}"),
        ("121.36.12.34", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}"),
        ("2407:c080::17", r"2001:db8::[0-9a-f]{1,4}:[0-9a-f]{1,4}"),
        ("2022-11-9", r"20\d\d-\d{1,2}-\d{1,2}"),
        ("2022-11-09", r"20\d\d-\d\d-\d\d"),
        ("李四 A", "[\u4e00-\u9fa5]{2} [A-Z]"),
        ("10000", r"[1-9]\d{9}"),
        ("A01", r"[A-Z]\d{2}\d{5}"),
        ("----", r"[a-z]{8}"),
        ("  ", r"  "),
        ("", r""),
    ],
)
def test_the_shape_stays(original: str, shape: str) -> None:
    made = Substitutes().of(original)

    assert re.fullmatch(shape, made)
    assert made != original or not original.strip()


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=30), unique_by=str.lower), salt=st.text(max_size=5)
)
def test_the_same_gets_the_same_and_others_get_others(texts: list[str], salt: str) -> None:
    substitutes = Substitutes(salt)
    texts = [text for text in texts if text.strip()]
    made = {text: substitutes.of(text) for text in texts}

    assert made == {text: substitutes.of(text) for text in texts}
    assert [text for text in texts if made[text] == text] == []
    assert len(set(made.values())) == len(texts)


def test_ten_thousand_codes_get_ten_thousand_others() -> None:
    codes = [f"{number:05}" for number in range(10_000)]
    once, again = Substitutes("salt"), Substitutes("salt")

    made = [once.of(code) for code in codes]

    assert len(set(made)) == len(codes)
    assert [again.of(code) for code in reversed(codes)][::-1] == made


def test_more_phones_than_there_are_numbers_get_one_each_all_the_same() -> None:
    substitutes = Substitutes("salt")

    made = [substitutes.of(f"139{number:08}") for number in range(10_050)]

    assert len(set(made)) > 9_900
    assert all(phone.startswith("1380000") for phone in made)


def test_a_domain_is_the_same_with_and_without_scheme() -> None:
    substitutes = Substitutes()

    assert substitutes.of("https://Li-Si.cn/x").startswith(f"https://{substitutes.of('li-si.cn')}/")


def story(salt: str = "", keys: Keys = KEYS) -> list[Recording]:
    """Purchase, renewal and release of one instance whose id is the purchase's ``businessId``."""
    calls = [
        purchase(),
        V1.call("refreshInstance", orderId=f"{ORDER}X", instanceId=BUSINESS, expireTime="20281120235959"),
        V2.call("releaseInstance", instanceId=BUSINESS, orderId=ORDER, orderLineId=LINE),
        purchase(),
    ]
    return recorded("".join(map(pasted, calls)), salt=salt, keys=keys)


@pytest.mark.parametrize("salt", ["", "salt"])
def test_a_story_still_fits_together(salt: str) -> None:
    bought, renewed, released, again = story(salt)

    assert value(bought, "businessId") == value(renewed, "instanceId") == value(released, "instanceId")
    assert value(bought, "orderId") == value(released, "orderId") != value(renewed, "orderId")
    assert value(released, "orderLineId") == f"{value(released, 'orderId')}-000001"
    assert value(again, "customerName") == value(bought, "customerName")


def test_an_order_line_of_any_order_fits_its_order() -> None:
    call = V2.call("upgradeInstance", orderId="my-order", orderLineId="my-order-000002", instanceId="abcdefgh")
    (recording,) = recorded(pasted(call))

    assert value(recording, "orderLineId") == f"{value(recording, 'orderId')}-000002"


def test_the_same_salt_gives_the_same_in_the_next_recording() -> None:
    once, again, other, unsalted, unsalted_again = (story(salt) for salt in ("a", "a", "b", "", ""))

    def ids(recordings: list[Recording]) -> list[str]:
        return [value(each, name) for each in recordings for name in ("orderId",)]

    assert ids(once) == ids(again)
    assert len({tuple(ids(each)) for each in (once, other, unsalted, unsalted_again)}) == 4


def test_with_the_key_a_phone_stays_the_same_phone_though_it_is_encrypted_anew() -> None:
    bought, *_, again = story()
    assert bought.request.first("mobilePhone") == again.request.first("mobilePhone") or phones(bought) == phones(again)
    without = story(keys=Keys())
    assert phones(without[0]) != phones(without[-1])


def phones(recording: Recording) -> tuple[str | None, str | None]:
    """Phone and mail of a recorded purchase, decrypted with the development key."""
    query = dict(recording.request.query)
    return CIPHER.decrypt(query["mobilePhone"], field=""), CIPHER.decrypt(query["email"], field="")


@pytest.mark.parametrize("keys", [KEYS, Keys(), Keys(key="another-key")])
def test_phone_and_mail_are_made_up_and_encrypted_for_development(keys: Keys) -> None:
    phone, mail = phones(of_request(purchase(), keys=keys))

    assert re.fullmatch(r"1380000\d{4}", phone or "")
    assert re.fullmatch(r"[a-z]+@example\.com", mail or "")


def test_phone_and_mail_that_are_not_encrypted_stay_so() -> None:
    recording = of_request(purchase(mobilePhone=PERSON["phone"], email="x@y.cn"))

    assert re.fullmatch(r"1380000\d{4}", value(recording, "mobilePhone"))
    assert value(recording, "email").endswith("@example.com")
    assert recording.expectation.code == "000000", "a buyer whose phone is not encrypted has paid all the same"


def test_extension_parameters_keep_their_names() -> None:
    from shared.protocol.production.extend_params import decode_extend_params

    parameters = decode_extend_params(value(of_request(purchase()), "saasExtendParams"))

    assert list(parameters) == ["idNum", "ip"]
    assert re.fullmatch(r"[1-9]?\d{17}[A-Z]", parameters["idNum"])
    assert parameters["idNum"] != PERSON["idNumber"]


def test_what_says_nothing_about_anybody_stays() -> None:
    original = dict(purchase().query) | {"timeStamp": "20260101083000000"}  # or both fall in the same millisecond
    made = dict(of_request(purchase()).request.query)
    same = {name for name in original if original[name] == made[name]}

    assert same == {
        "activity", "chargingMode", "expireTime", "orderAmount", "periodNumber", "periodType", "productId", "skuCode",
    }  # fmt: skip


def test_replaced_names_are_said() -> None:
    assert set(of_request(purchase()).replaced) == {
        *("orderId", "businessId", "customerId", "customerName", "userId", "userName", "mobilePhone", "email"),
        *("saasExtendParams", "saasExtendParams.idNum", "saasExtendParams.ip", "freeText"),
    }
    assert {"userList.mobile", "userList.extension.nested.ip", "tenantId"} <= set(
        of_request(CALLS["auth-sync-v1"]).replaced
    )


def test_what_is_to_be_kept_is_kept() -> None:
    recording = of_request(CALLS["auth-sync-v2"], keep=["extension", "position"])
    original = members(CALLS["auth-sync-v2"])["userList"][0]
    made = members(recording.request)["userList"][0]

    assert (made["extension"], made["position"]) == (original["extension"], original["position"])
    assert made["name"] != original["name"]


def test_of_a_repeated_parameter_the_first_counts() -> None:
    call = V1.call("queryInstance", instanceId="abcdefgh")
    twice = HttpRequest("GET", call.path, (*call.query, ("instanceId", "other"), ("activity", "newInstance")))

    recording = of_request(twice)

    assert recording.kind.activity == "queryInstance"
    assert len([name for name, _ in recording.request.query if name == "instanceId"]) == 1


def test_debugging_orders_need_not_be_hidden_to_be_played() -> None:
    recording = of_request(
        V2.call("newInstance", orderId="MOCKONDEMAND", orderLineId="MOCKONDEMAND-000001", businessId=BUSINESS)
    )

    assert json.loads(recording.request.body)["orderId"] == "MOCKONDEMAND"
    assert json.loads(recording.request.body)["orderLineId"] == "MOCKONDEMAND-000001"
