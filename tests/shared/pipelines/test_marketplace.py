"""The pipeline itself: whatever happens, an answer in form, and one line in the log."""

import json
import sys

import pytest

from shared.app import App
from shared.call import Call
from shared.commands import Command, Described, Failed, InstanceInfo, Outcome
from shared.errors import AuthenticationError, Conflict, ResultCode
from shared.http import HttpRequest
from shared.pipelines.marketplace import MARGIN, MAX_BODY, Find, Interface, Operation, answer, endpoint
from shared.provisioning import Access
from tests.events import RUNTIMES
from tests.market import V1, V2, VERSIONS, release
from tests.platforms import handled
from tests.world import ACCESS_KEY, KEY, NOTIFY_KEY, checked

KEYS = {V1: KEY, V2: ACCESS_KEY}


def release_by(operate: Operation) -> Find:
    return lambda activity: Interface("test", frozenset({activity}), operate)


def failing(error: Exception) -> Find:
    def operate(command: Command, call: Call, app: App) -> Outcome:
        raise error

    return release_by(operate)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (RuntimeError("text"), "000005", "internal error"),
        (Conflict("other content"), "000002", "other content"),
        (AuthenticationError("nonce"), "000001", "authentication failed"),
        (RecursionError(), "000005", "internal error"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_errors_become_answers(world, version, error, code, message):
    response = answer(world.app, release(world, version, "i"), failing(error))
    assert checked(response, KEYS[version]) == {"resultCode": code, "resultMsg": message}


def test_an_outcome_that_cannot_be_encoded_becomes_an_answer(world, log_lines):
    odd = Described((InstanceInfo("i", Access("https://a", user_name="\ud800")),))
    response = answer(world.app, release(world, V1, "i"), release_by(lambda command, call, app: odd))
    assert checked(response, KEY)["resultCode"] == "000005"
    assert log_lines("unforeseen error")[0]["instance_id"] == "i"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("KOOGALLERY_DEADLINE", "soon"),
        ("KOOGALLERY_AES_BITS", "192"),
        ("KOOGALLERY_V1_WINDOW", "wide"),
        ("KOOGALLERY_V1_UTC_OFFSET", "Beijing"),
        ("KOOGALLERY_STORAGE_KEY", ""),
    ],
)
def test_a_wrong_setting_is_the_sellers_business(world, setting, value, log_lines):
    world.values[setting] = value
    assert world.send(world.purchase(mobilePhone="A1b2C3d4E5f6G7h8rkS13fvgXW4fhHu5zUcUvg==")) == {
        "resultCode": "000005",
        "resultMsg": "internal error",
    }
    [line] = [line for line in log_lines() if line["level"] == "ERROR"]
    assert setting in line["message"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS"])
def test_without_any_key_there_is_an_answer_all_the_same(world, method, log_lines):
    world.values.update(dict.fromkeys(("KOOGALLERY_KEY", "KOOGALLERY_ACCESS_KEY", "KOOGALLERY_NOTIFY_ACCESS_KEY"), ""))
    response = world.raw(HttpRequest(method, "/saas"))
    assert (response.status, "Body-Sign" in response.headers) == (200, False)
    assert json.loads(response.body) == {"resultCode": "000005", "resultMsg": "internal error"}
    assert log_lines()[0]["message"].startswith("set KOOGALLERY_")


@pytest.mark.parametrize(
    ("method", "path", "setting"),
    [
        ("GET", "/saas", "KOOGALLERY_KEY"),
        ("POST", "/saas", "KOOGALLERY_ACCESS_KEY"),
        ("POST", "/saas/produceAPI/tenantSync", "KOOGALLERY_KEY"),
        ("POST", "/saas/produceAPI/v2/tenantSync", "KOOGALLERY_SYNC_ACCESS_KEY"),
    ],
)
def test_an_interface_that_is_not_offered_is_refused_quietly(world, method, path, setting, log_lines):
    world.values.update({setting: "", "KOOGALLERY_NOTIFY_ACCESS_KEY": "another"})
    response = world.raw(HttpRequest(method, path))
    assert "Body-Sign" not in response.headers
    assert json.loads(response.body) == {"resultCode": "000001", "resultMsg": "authentication failed"}
    [line] = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("INFO", "refused", f"set {setting}")


@pytest.mark.parametrize(
    ("method", "setting", "unusable"),
    [
        ("GET", "KOOGALLERY_KEY", "on"),
        ("POST", "KOOGALLERY_ACCESS_KEY", "on"),
        ("POST", "KOOGALLERY_ACCESS_KEY", "null,an-older-key"),
    ],
)
def test_a_key_that_cannot_be_used_is_an_alarm_whatever_others_there_are(world, method, setting, unusable, log_lines):
    world.values.update({setting: unusable, "KOOGALLERY_NOTIFY_ACCESS_KEY": "another"})
    response = world.raw(HttpRequest(method, "/saas"))
    assert json.loads(response.body) == {"resultCode": "000005", "resultMsg": "internal error"}
    [line] = log_lines()
    assert line["level"] == "ERROR"
    assert line["message"].startswith(setting)


def test_keys_of_others_that_cannot_be_used_do_not_offer_what_has_none(world, log_lines):
    world.values.update({"KOOGALLERY_KEY": "", "KOOGALLERY_ACCESS_KEY": "off"})
    response = world.raw(HttpRequest("GET", "/saas"))
    assert json.loads(response.body)["resultCode"] == "000001"
    assert [line["level"] for line in log_lines()] == ["INFO"]


def test_a_version_that_is_not_used_needs_no_key(world):
    world.values["KOOGALLERY_ACCESS_KEY"] = ""
    assert world.buy()["resultCode"] == "000000"


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE", "PATCH"])
def test_other_methods_are_not_authenticated(world, method):
    assert world.send(HttpRequest(method, "/saas"))["resultCode"] == "000001"


@pytest.mark.parametrize(("size", "code"), [(MAX_BODY, "000001"), (MAX_BODY + 1, "000002")])
def test_the_largest_body(world, size, code):
    assert world.send(HttpRequest("POST", "/saas", body=b"x" * size))["resultCode"] == code


def test_a_large_notice_is_answered_with_the_basic_key(world):
    body = b'{"activity":"orderNotify","x":"' + b"x" * MAX_BODY + b'"}'
    assert world.send(HttpRequest("POST", "/saas", body=body), ACCESS_KEY)["resultCode"] == "000002"
    assert world.send(HttpRequest("POST", "/saas", body=body[:40] + b'"}'), NOTIFY_KEY)["resultCode"] == "000001"


def test_the_time_left_is_what_the_platform_and_the_setting_allow(world):
    seen = []

    def operate(command, call, app):
        seen.append(call.deadline.left())
        return Failed(ResultCode.SOLD_OUT, "sold out")

    for seconds in (float("inf"), 30.0, MARGIN + 1, 0.1):
        answer(world.app, release(world, V2, "i"), release_by(operate), seconds)
    assert seen == [4.0, 4.0, 1.0, 0.0]


@pytest.mark.parametrize("platform", RUNTIMES, ids=lambda platform: platform.name)
def test_the_handler_of_one_interface(world, platform, log_lines):
    asked = []

    def operate(command, call, app):
        asked.append((command.instance_id, app is world.app))
        return Failed(ResultCode.SOLD_OUT, "sold out")

    handler = endpoint(Interface("test", frozenset({"releaseInstance"}), operate))
    assert checked(handled(platform, handler, release(world, V2, "i")), ACCESS_KEY)["resultCode"] == "000106"
    assert checked(handled(platform, handler, release(world, V2, "i", testFlag="1")), ACCESS_KEY) == {
        "resultCode": "000000",
        "resultMsg": "success.",
    }
    assert asked == [("i", True)]
    first, second = log_lines("answered")
    assert (first["interface"], first["result"], first["test"]) == ("test", "000106", False)
    assert (second["instance_id"], second["result"], second["test"]) == ("i", "000000", True)
    assert first["request_id"] != second["request_id"]


def test_a_provisioners_exit_ends_the_call_and_not_the_process(world, log_lines):
    def leave(_method):
        sys.exit("13800000000")

    world.provisioner.before = leave
    assert world.buy()["resultCode"] == "000005"
    assert "13800000000" not in log_lines.text
