"""Each check finds its own defect, and no other check cries out at it first."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from emulator.checks import CHECKS, Expected, Reading, Verdict, examine, first_failure
from emulator.checks.reading import at, leaves
from emulator.texts import verbatim
from emulator.wire.client import Answer, NoAnswer
from shared.commands import Version
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.signing import body_sign

KEY = "11111111-2222-3333-4444-555555555555"
CIPHER = FieldCipher([KEY])
PURCHASE = Expected(Version.V1, "newInstance", KEY)
QUERY = Expected(Version.V1, "queryInstance", KEY, instances=("instance-1",), access=True, metered=True)
RENEWAL = Expected(Version.V2, "refreshInstance", KEY)

DONE: Mapping[str, Any] = {"resultCode": "000000", "resultMsg": "success."}
ACCESS: Mapping[str, Any] = {
    "frontEndUrl": "https://app.example.com",
    "adminUrl": "https://app.example.com/admin",
    "userName": CIPHER.encrypt("admin"),
    "password": CIPHER.encrypt("Passw0rd!"),
    "memo": "欢迎",
}
CREATED: Mapping[str, Any] = {**DONE, "encryptType": "1", "instanceId": "instance-1", "appInfo": ACCESS}
USAGE: Mapping[str, Any] = {"usageValue": 12.5, "statisticalTime": "20261120083000000"}
INFO: Mapping[str, Any] = {"instanceId": "instance-1", "appInfo": ACCESS, "usageInfo": [USAGE]}
DESCRIBED: Mapping[str, Any] = {**DONE, "encryptType": "1", "info": [INFO]}


def answer(members: Any, *, key: str = KEY, ensure_ascii: bool = True) -> Answer:
    """An answer as a right seller sends it."""
    body = json.dumps(members, ensure_ascii=ensure_ascii).encode()
    headers = (("Content-Type", "application/json"), ("Body-Sign", body_sign(key, body)))
    return Answer(200, headers, body, 12.0)


def with_header(name: str, value: str | None, spelt: str | None = None) -> Answer:
    """A right answer but for one header; ``None`` leaves it out."""
    right = answer(CREATED)
    kept = tuple(pair for pair in right.headers if pair[0] != name)
    return replace(right, headers=kept if value is None else (*kept, (spelt or name, value)))


def failures(reply: Answer | NoAnswer, expected: Expected) -> list[str]:
    """The ids of what failed."""
    return [finding.check.id for finding in examine(reply, expected, CHECKS) if finding.verdict is Verdict.FAILED]


RIGHT_SIGN = dict(answer(CREATED).headers)["Body-Sign"]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (CREATED, PURCHASE),
        (DESCRIBED, QUERY),
        (DONE, RENEWAL),
        ({**DONE, "instanceId": "i"}, Expected(Version.V2, "newInstance", KEY, others=("other",))),
        (
            {"resultCode": "000004", "resultMsg": "wait", "instanceId": "i"},
            Expected(Version.V2, "newInstance", KEY, codes=("000000", "000004"), instances=("i",)),
        ),
        ({"resultCode": "000003", "resultMsg": "no"}, Expected(Version.V1, "queryInstance", KEY, codes=("000003",))),
        ({**DESCRIBED, "info": [{**INFO, "appInfo": None}]}, replace(QUERY, access=False)),
        ({**CREATED, "encryptType": None}, PURCHASE),
    ],
)
def test_a_right_answer_fails_no_check(members, expected):
    findings = examine(answer(members), expected, CHECKS)
    assert first_failure(findings) is None
    assert len(findings) == len(CHECKS)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (NoAnswer(verbatim("Connection refused")), ["http.answered"]),
        (replace(answer(CREATED), milliseconds=20_001.0), ["http.answered"]),
        (replace(answer(CREATED), status=201), ["http.status"]),
        (replace(answer(CREATED), status=500), ["http.status"]),
        (with_header("Content-Type", "text/plain"), ["http.content-type"]),
        (with_header("Content-Type", None), ["http.content-type"]),
        (with_header("Body-Sign", None), ["sign.present"]),
        (replace(answer(CREATED), headers=(*answer(CREATED).headers, ("Body-Sign", RIGHT_SIGN))), ["sign.present"]),
        (with_header("Body-Sign", RIGHT_SIGN, "body-sign"), ["sign.name"]),
        (with_header("Body-Sign", RIGHT_SIGN, "Body-sign"), ["sign.name"]),
        (with_header("Body-Sign", RIGHT_SIGN.replace("SHA256", "SHA1")), ["sign.type"]),
        (with_header("Body-Sign", RIGHT_SIGN.split("= ")[1]), ["sign.type"]),
        (with_header("Body-Sign", ""), ["sign.type"]),
        (with_header("Body-Sign", RIGHT_SIGN.replace('"', "")), ["sign.quotes"]),
        (with_header("Body-Sign", RIGHT_SIGN.replace('= "', '= "A')), ["sign.value"]),
        (replace(answer(CREATED), body=answer(CREATED).body + b" "), ["sign.value"]),
        (answer(CREATED, key="another"), ["sign.value"]),
        (answer([]), ["body.json"]),
        (answer("text"), ["body.json"]),
    ],
)
def test_a_defect_of_the_answer_as_a_whole(reply, found):
    assert failures(reply, PURCHASE) == found


def test_a_body_that_is_no_json_or_not_utf_8():
    for body in (b"<h1>", b"", b"\xff{}", '{"resultCode":"000000"}'.encode("utf-16")):
        headers = (("Content-Type", "application/json"), ("Body-Sign", body_sign(KEY, body)))
        assert failures(Answer(200, headers, body), RENEWAL)[0] == "body.json"


@pytest.mark.parametrize("value", ["application/json", "application/json;charset=utf8", "Application/JSON; charset=x"])
def test_content_types_that_pass(value):
    assert failures(with_header("Content-Type", value), PURCHASE) == []


def test_body_sign_without_the_space_passes():
    assert failures(with_header("Body-Sign", RIGHT_SIGN.replace("= ", "=")), PURCHASE) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"resultCode": None}, ["body.result-code", "result.expected"]),
        ({"resultCode": 0}, ["body.result-code", "result.expected"]),
        ({"resultCode": "0000000"}, ["body.result-code", "result.expected"]),
        ({"resultCode": "000005"}, ["result.expected"]),
        ({"resultMsg": None}, ["body.result-msg"]),
        ({"resultMsg": ""}, ["body.result-msg"]),
        ({"resultMsg": "成功"}, ["body.ascii"]),
        ({"resultMsg": "x" * 256}, ["body.lengths"]),
        ({"instanceId": None}, ["body.mandatory"]),
        ({"instanceId": ""}, ["body.mandatory"]),
        ({"instanceId": "i" * 65}, ["body.lengths"]),
        ({"instanceId": 7}, ["body.forms"]),
        ({"encryptType": "3"}, ["body.forms"]),
        ({"encryptType": "2"}, ["cipher.opens"]),
        ({"appInfo": None}, ["body.mandatory"]),
        ({"appInfo": {**ACCESS, "frontEndUrl": None}}, ["body.mandatory"]),
        ({"appInfo": {**ACCESS, "frontEndUrl": f"https://x.example/{'x' * 512}"}}, ["body.lengths"]),
        ({"appInfo": {**ACCESS, "frontEndUrl": "app.example.com"}}, ["body.forms"]),
        ({"appInfo": {**ACCESS, "adminUrl": "https://例.example"}}, ["body.forms", "body.ascii"]),
        ({"appInfo": {**ACCESS, "userName": "admin"}}, ["cipher.opens"]),
        ({"appInfo": {**ACCESS, "password": FieldCipher(["another"]).encrypt("x" * 40)}}, ["cipher.opens"]),
        ({"appInfo": {**ACCESS, "password": FieldCipher([KEY], 128).encrypt("Passw0rd!")}}, ["cipher.opens"]),
        ({"appInfo": {**ACCESS, "password": CIPHER.encrypt("x" * 80)}}, ["body.lengths"]),
        ({"appInfo": {**ACCESS, "memo": "备" * 1025}}, ["body.lengths"]),
    ],
)
def test_a_defect_of_a_purchase(change, found):
    assert failures(answer({**CREATED, **change}), PURCHASE) == found


def info(**change: Any) -> list[dict[str, Any]]:
    """The only instance of a query's answer, changed."""
    return [{**INFO, **change}]


def usage(**change: Any) -> list[dict[str, Any]]:
    """As ``info``, its only usage changed."""
    return info(usageInfo=[{**USAGE, **change}])


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (None, ["body.mandatory", "instance.same"]),
        ([], ["body.mandatory", "instance.same"]),
        (info(instanceId=None), ["body.mandatory", "instance.same"]),
        (info(instanceId="another"), ["instance.same"]),
        ([INFO, {**INFO, "instanceId": "another"}], ["instance.same"]),
        (info(appInfo=None), ["body.mandatory"]),
        (info(appInfo={"memo": "x"}), ["body.mandatory"]),
        (info(appInfo={**ACCESS, "password": "x" * 20}), ["cipher.opens"]),
        (info(usageInfo=None), ["body.mandatory"]),
        (info(usageInfo=[]), ["body.mandatory"]),
        (usage(usageValue=None), ["body.mandatory"]),
        (usage(statisticalTime=None), ["body.mandatory"]),
        (usage(usageValue="12.5"), ["body.forms"]),
        (usage(usageValue=True), ["body.forms"]),
        (usage(usageValue=-1), ["body.forms"]),
        (usage(usageValue=0.00001), ["body.forms"]),
        (usage(usageValue=10**12), ["body.forms"]),
        (usage(statisticalTime="20261120083000"), ["body.forms"]),
        (usage(statisticalTime="2026-11-20T08:30:00.000Z"), ["body.lengths", "body.forms"]),
        (usage(relatedInstanceId="x" * 65), ["body.lengths"]),
        (usage(dashboardUrl="nowhere"), ["body.forms"]),
    ],
)
def test_a_defect_of_a_query(members, found):
    assert failures(answer({**DESCRIBED, "info": members}), QUERY) == found


@pytest.mark.parametrize("value", [0, 0.0, 1, 1.0001, 999_999_999_999.9999, 1e3, 0.00010])
def test_usage_values_that_pass(value):
    assert failures(answer({**DESCRIBED, "info": usage(usageValue=value)}), QUERY) == []


def test_chinese_in_the_memo_passes_as_escapes_only():
    assert failures(answer(CREATED, ensure_ascii=False), PURCHASE) == ["body.escaped"]


def test_the_id_of_another_instance_is_found():
    assert failures(answer(CREATED), replace(PURCHASE, others=("instance-1",))) == ["instance.same"]
    assert failures(answer(CREATED), replace(PURCHASE, instances=("instance-2",))) == ["instance.same"]


def test_version_2_names_are_plain_and_its_purchase_needs_only_the_id():
    plain = {
        **DONE,
        "info": [{"instanceId": "i", "appInfo": {"frontEndUrl": "https://a.example", "userName": "admin"}}],
    }
    assert failures(answer(plain), Expected(Version.V2, "queryInstance", KEY)) == []
    assert failures(answer(DONE), Expected(Version.V2, "newInstance", KEY)) == ["body.mandatory"]


def test_a_failed_call_needs_none_of_the_members_of_success():
    refusal = answer({"resultCode": "000001", "resultMsg": "authentication failed"})
    assert failures(refusal, replace(PURCHASE, codes=("000001",), instances=("instance-1",))) == []


def test_what_builds_on_a_failed_check_is_skipped():
    verdicts = {finding.check.id: finding.verdict for finding in examine(NoAnswer(verbatim("gone")), PURCHASE, CHECKS)}
    assert verdicts.pop("http.answered") is Verdict.FAILED
    assert set(verdicts.values()) == {Verdict.SKIPPED}
    verdicts = {f.check.id: f.verdict for f in examine(with_header("Body-Sign", None), PURCHASE, CHECKS)}
    assert {verdicts[name] for name in ("sign.name", "sign.type", "sign.quotes", "sign.value")} == {Verdict.SKIPPED}
    assert verdicts["result.expected"] is Verdict.PASSED


def test_a_reason_says_what_is_wrong_and_shows_no_credential():
    secret = "clear-text-password"
    found = first_failure(examine(answer({**CREATED, "appInfo": {**ACCESS, "password": secret}}), PURCHASE, CHECKS))
    assert found is not None
    assert str(found.reason) == "does not decrypt: appInfo.password"
    found = first_failure(examine(answer({"resultCode": "000005", "resultMsg": "internal error"}), PURCHASE, CHECKS))
    assert found is not None
    assert str(found.reason) == "000005 (internal error) instead of 000000"
    assert KEY not in repr(Reading(answer(CREATED), PURCHASE))


def test_every_check_has_an_id_of_its_own_a_title_and_advice():
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(str(check.title) and str(check.advice).endswith(".") for check in CHECKS)


def test_paths_into_an_answer():
    assert list(at({"info": [{"a": 1}, {}]}, "info[].a")) == [("info[0].a", 1), ("info[1].a", None)]
    assert list(at({}, "info[].a")) == []
    assert list(at({"a": {"b": None}}, "a.b")) == [("a.b", None)]
    assert list(at({"a": "text"}, "a.b")) == []
    assert list(leaves({"a": [{"b": 1}, 2]})) == [("a[0].b", 1), ("a[1]", 2)]
