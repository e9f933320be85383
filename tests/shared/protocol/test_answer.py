"""Answers: encoded once, signed over exactly these bytes."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.commands import Done, Failed
from shared.errors import ResultCode
from shared.protocol.answer import app_info, result, signed, unsigned, usage_info
from shared.protocol.signing import verify_body_sign
from shared.provisioning import Access, Usage

KEY = "11111111-2222-3333-4444-555555555555"
MOMENT = datetime(2026, 11, 20, 8, 30, 5, 7_000, tzinfo=UTC)


def test_the_vector_of_the_protocol():
    response = signed({"resultCode": "000000", "resultMsg": "success."}, KEY)
    assert response.body == b'{"resultCode":"000000","resultMsg":"success."}'
    assert response.headers["Body-Sign"] == (
        'sign_type="HMAC-SHA256", signature= "JlKwXWkh0Ut3KEMWxd0Q8cjpT9/KvMKX/y6SJ8PitkE="'
    )
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")


def test_chinese_is_escaped():
    response = signed({"memo": "说明"}, KEY)
    assert response.body == b'{"memo":"\\u8bf4\\u660e"}'
    verify_body_sign(KEY, response.headers["Body-Sign"], response.body)


def test_without_a_key_there_is_an_answer_but_no_signature():
    response = unsigned(Failed(ResultCode.INTERNAL_ERROR, "internal error"))
    assert response.body == b'{"resultCode":"000005","resultMsg":"internal error"}'
    assert dict(response.headers) == {"Content-Type": "application/json"}


def test_what_json_does_not_know_is_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        signed({"usageValue": float("nan")}, KEY)


def test_results():
    assert result(Done()) == {"resultCode": "000000", "resultMsg": "success."}
    assert result(Failed(ResultCode.SOLD_OUT, "sold out")) == {"resultCode": "000106", "resultMsg": "sold out"}


@pytest.mark.parametrize(("message", "sent"), [("x" * 300, "x" * 255), ("售罄", "??"), ("a\ud800b", "a?b")])
def test_a_message_leaves_as_the_marketplace_takes_it(message, sent):
    assert result(Failed(ResultCode.INTERNAL_ERROR, message))["resultMsg"] == sent


def test_members_that_are_absent_are_left_out():
    assert app_info(Access("https://a"), user_name=None, password=None) == {"frontEndUrl": "https://a"}
    full = app_info(Access("https://a", "https://b", memo=""), user_name="u", password="p")
    assert full == {"frontEndUrl": "https://a", "adminUrl": "https://b", "userName": "u", "password": "p", "memo": ""}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("0", b"0.0"),
        ("12.3456", b"12.3456"),
        ("12.34565", b"12.3456"),
        ("0.0001", b"0.0001"),
        ("123456789012", b"123456789012.0"),
        ("12345678.9012", b"12345678.9012"),
    ],
)
def test_a_usage_is_a_plain_number_with_at_most_four_decimals(value, sent):
    body = signed({"v": usage_info(Usage(Decimal(value), MOMENT))["usageValue"]}, KEY).body
    assert body == b'{"v":' + sent + b"}"


def test_a_usage_has_its_time_in_utc():
    beijing = MOMENT.astimezone(timezone(timedelta(hours=8)))
    told = usage_info(Usage(Decimal(1), beijing, "sms", "https://dashboard.example.com"))
    assert told == {
        "relatedInstanceId": "sms",
        "usageValue": 1.0,
        "statisticalTime": "20261120083005007",
        "dashboardUrl": "https://dashboard.example.com",
    }


def test_a_time_without_zone_is_not_guessed():
    with pytest.raises(TypeError):
        usage_info(Usage(Decimal(1), MOMENT.replace(tzinfo=None)))
