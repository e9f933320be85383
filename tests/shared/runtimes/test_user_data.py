"""User data of other types than text: read, or named in the log; never an error that says nothing."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from emulator.platforms.contexts import LocalFunctionGraphContext
from emulator.platforms.event_shapes import functiongraph
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.server import running
from functions import directory, gateway, login, metering, sweep, usage
from shared.app import install
from shared.clock import SystemClock
from shared.config import Settings, spelt_out
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.pipelines.schedule import RunFailed
from tests.login_world import login_settings
from tests.world import ACCESS_KEY, KEY, SETTINGS

ROOT = Path(__file__).parents[3]
NAMES = sorted(
    {
        name
        for folder in ("functions", "shared")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"KOOGALLERY_[A-Z0-9_]*[A-Z0-9]", path.read_text(encoding="utf-8"))
    }
)
VALUES: list[Any] = [4, -1.5, 10**20, float("nan"), True, ["a", 4], {"a": 1}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (4, "4"),
        (4.0, "4"),
        (2.5, "2.5"),
        (0, "0"),
        (True, "on"),
        (False, "off"),
        (None, ""),
        ([], ""),
        (["new", "old"], "new,old"),
        ([1, True], "1,on"),
    ],
)
def test_what_is_spelt_out(value, text):
    assert spelt_out("KOOGALLERY_NAME", value) == text


@pytest.mark.parametrize("value", [{"a": 1}, b"bytes", [{}]])
def test_what_is_no_value_is_named(value):
    with pytest.raises(ConfigurationError, match=r"^KOOGALLERY_NAME must be text"):
        spelt_out("KOOGALLERY_NAME", value)


def lookup(**user_data: Any) -> Any:
    from shared.runtimes import functiongraph as runtime

    return runtime.lookup(LocalFunctionGraphContext(user_data=user_data))


def test_nothing_in_the_user_data_leaves_it_to_the_environment(monkeypatch):
    monkeypatch.setenv("KOOGALLERY_SHARDS", "7")
    nothing: list[Any] = [None, "", []]
    assert [lookup(KOOGALLERY_SHARDS=value)("KOOGALLERY_SHARDS") for value in nothing] == ["7"] * 3
    assert lookup(KOOGALLERY_SHARDS=0)("KOOGALLERY_SHARDS") == "0"


def test_numbers_and_switches_are_read():
    found = lookup(KOOGALLERY_DEADLINE=4, KOOGALLERY_KEY=123456, KOOGALLERY_EMBEDDED=True, KOOGALLERY_SHARDS=8.0)
    settings = Settings(found, lambda _store, name: name)
    assert (settings.deadline, settings.key, settings.flag("KOOGALLERY_EMBEDDED"), settings.shards) == (
        4.0,
        ("123456",),
        True,
        8,
    )


@pytest.mark.parametrize("value", [True, False, "null", "None"])
def test_a_switch_is_no_key(value):
    settings = Settings(lookup(KOOGALLERY_KEY=value), lambda _store, name: name)
    with pytest.raises(ConfigurationError, match="KOOGALLERY_KEY must be a key"):
        _ = settings.key


@pytest.fixture(scope="module")
def open_api():
    """Refuses whatever is asked, at once: whoever cannot be reached is asked again and again."""
    with running(
        lambda _: HttpResponse(400, {"Content-Type": "application/json"}, b'{"error_code":"MKT.0500"}')
    ) as url:
        yield url


@pytest.fixture
def folder():
    """In memory where that can be: a disk would be waited for thousands of times."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it is made for us alone
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


@pytest.fixture
def base(folder, open_api):
    install(None)
    yield {
        **SETTINGS,
        **login_settings(),
        "KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}",
        "KOOGALLERY_SYNC_ACCESS_KEY": "sync-access-key",
        "KOOGALLERY_PROVISIONER": "demo",
        "KOOGALLERY_USAGE_KEY": "usage-key",
        "KOOGALLERY_AK": "ak",
        "KOOGALLERY_SK": "sk",
        "KOOGALLERY_API_URLS": open_api,
        "KOOGALLERY_RSA_PRIVATE_KEY": "any",
        "KOOGALLERY_SHARDS": "1",
    }
    install(None)


def calls(values: dict[str, Any]) -> dict[str, Any]:
    """One call of each kind; what came of it."""
    token = {"authorization": f"Bearer {values['KOOGALLERY_APP_TOKEN']}"}
    v1, v2 = V1Calls(KEY, SystemClock()), V2Calls(ACCESS_KEY, SystemClock())
    year = {"orderId": "CS1", "businessId": "b1", "customerId": "c", "productId": "p", "expireTime": "20771120235959"}
    requests = {
        "v1": (gateway, v1.call("newInstance", **year)),
        "v2": (gateway, v2.call("queryInstance", instanceId="b1")),
        "notice": (gateway, v2.call("orderNotify", orderId="CS1", testFlag="1")),
        "sync": (gateway, HttpRequest("POST", "/saas/produceAPI/v2/tenantSync", body=b"{}")),
        "usage": (usage, HttpRequest("POST", "/saas/usage", headers=token, body=b'{"events":[]}')),
        "directory": (directory, HttpRequest("GET", "/saas/directory/t/users", headers=token)),
        "session": (login, HttpRequest("GET", "/saas/session", headers=token)),
        "login": (login, HttpRequest("GET", "/saas/login")),
    }
    context = LocalFunctionGraphContext(user_data=values)
    found = {name: module.handler(functiongraph(request), context) for name, (module, request) in requests.items()}
    for module in (metering, sweep):
        try:
            found[module.__name__] = module.handler({}, context)
        except (ConfigurationError, RunFailed) as error:
            found[module.__name__] = str(error)
    return found


def test_the_calls_work_with_good_settings(base, log_lines):
    found = calls(base)
    assert [json.loads(found[name]["body"])["resultCode"] for name in ("v1", "v2")] == ["000000", "000000"]
    assert [found[name]["statusCode"] for name in ("usage", "directory", "session")] == [200, 200, 200]
    assert [line for line in log_lines() if line["level"] == "ERROR"] == []


@pytest.mark.sweep
@pytest.mark.parametrize("name", NAMES)
def test_any_setting_of_any_type_is_read_or_named(base, name, log_lines):
    for value in VALUES:
        install(None)
        before = len(log_lines())
        calls(base | {name: value})
        errors = [line for line in log_lines()[before:] if line["level"] == "ERROR"]
        assert [line for line in errors if name not in f"{line['message']} {line.get('reason')}"] == [], value
