"""Every line that is logged while a call is served has its request id, and what the call is about; one that says what
went wrong has a reason. The provisioner is told the same request id. Lines of a scheduled run have its name.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.errors import ProvisioningError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.provisioning import request_id
from shared.watch.findings import FOUND, MENDED_BY
from tests.clients import HandlerClient
from tests.event_receiver import receiving
from tests.fakes import FakeClock
from tests.login_world import APP_TOKEN
from tests.logs import LogLines, captured
from tests.private_calls import JOBS, live
from tests.private_world import PrivateWorld
from tests.shared.provisioning.samples import INSTANCE
from tests.world import World

REQUEST = "request-of-this-test"
WENT_WRONG = ("failed", "refused", "unforeseen error")
Make = Callable[[World], HttpRequest]

RENEWAL = {"instanceId": "b1", "orderId": "R1", "expireTime": "20281120235959"}
CALLS: dict[str, tuple[Make, set[str]]] = {
    "purchase v1": (lambda w: w.purchase("CS9", "b9"), {"order_id"}),
    "purchase v2": (lambda w: w.purchase_v2("CS8", "b8"), {"order_id"}),
    "again": (lambda w: w.purchase("CS1", "b7", productId="another"), {"order_id"}),
    "renew": (lambda w: w.v1.call("refreshInstance", **RENEWAL), {"instance_id", "order_id"}),
    "expire": (lambda w: w.v1.call("expireInstance", instanceId="b1", orderId="CS1"), {"instance_id"}),
    "release": (lambda w: w.v1.call("releaseInstance", instanceId="b1", orderId="CS1"), {"instance_id"}),
    "status": (
        lambda w: w.v2.call("updateInstanceStatus", instanceId="b1", status="FREEZE"),
        {"instance_id"},
    ),
    "upgrade": (
        lambda w: w.v2.call("upgradeInstance", instanceId="b1", orderId="U1", orderLineId="U1-000001"),
        {"instance_id", "order_id"},
    ),
    "query": (lambda w: w.v1.call("queryInstance", instanceId="b1"), set()),
    "unknown": (lambda w: w.v1.call("releaseInstance", instanceId="nobody", orderId="CS1"), {"instance_id"}),
    "notice": (lambda w: w.notify.call("orderNotify", orderId="CS1", orderLineId="CS1-000001"), {"order_id"}),
}


def well(_method: str) -> None:
    """Everything works."""


def refusing(_method: str) -> None:
    raise ProvisioningError("the database is full")


def breaking(_method: str) -> None:
    raise RuntimeError("who knows")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.buy("CS1", "b1")
    made.clock.advance(1)
    return made


def told(world: World, make: Make) -> LogLines:
    with captured() as lines:
        world.raw(replace(make(world), request_id=REQUEST))
    return lines


@pytest.mark.parametrize("backend", [well, refusing, breaking])
@pytest.mark.parametrize("name", CALLS)
def test_every_line_says_whose_it_is(world: World, name: str, backend: Callable[[str], None]) -> None:
    make, about = CALLS[name]
    world.provisioner.before = backend
    lines = told(world, make)()
    assert lines[-1]["message"] == "answered"
    for line in lines:
        assert line.get("request_id") == REQUEST, line
        assert about <= line.keys(), line
        if line["message"] in WENT_WRONG or line["level"] == "ERROR":
            assert line.get("reason") or line.get("error"), line


@pytest.mark.parametrize("name", ["purchase v2", "upgrade"])
def test_also_where_the_open_api_is_down(world: World, name: str) -> None:
    make, about = CALLS[name]
    world.orders.error = Unavailable("no answer in time")
    for line in told(world, make)():
        assert line.get("request_id") == REQUEST, line
        assert about <= line.keys(), line


ABOUT_INSTANCES = {
    *("renew", "expire", "release", "status", "upgrade", "change-check"),
    *("tenant-sync", "application-sync", "user-sync", "department-sync"),
}
ABOUT_ORDERS = {"purchase", "renew", "upgrade", "order-notify"}
UNTAKEN = ("an event was not taken", "events are given up")


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [1, 2])
def test_every_line_of_a_mixed_life_says_whose_it_is(tmp_path: Path, seed: int) -> None:
    """Sync, login, the application, browsers and scheduled runs too, well and in trouble."""
    with receiving() as receiver, captured() as lines:
        world = PrivateWorld(tmp_path, receiver, seed)
        begun = len(lines())
        receiver.status = lambda message: 500 if message["data"]["number"] == seed else 204
        live(world, 500)
    told = lines()[begun:]
    jobs, calls = [line for line in told if line.get("interface") in JOBS], len(lines("answered"))
    assert {line["interface"] for line in jobs} == set(JOBS)
    for line in told:
        assert line in jobs or line.get("request_id"), line
        if line["message"] == FOUND:
            assert set(re.findall(r"{(\w+)}", MENDED_BY[line["code"]])) <= line.keys(), line
        elif line["message"] in UNTAKEN:
            assert line["instance_id"], line
        elif line["message"] == "answered" and line["result"] not in ("000001", "000002"):
            assert line["interface"] not in ABOUT_INSTANCES or line["instance_id"], line
            assert line["interface"] not in ABOUT_ORDERS or line["order_id"], line
        elif line["message"] in WENT_WRONG or (line["level"] == "ERROR"):
            assert line.get("reason") or line.get("error") or line.get("count"), line
    assert calls >= 500


def test_what_the_application_did_wrong_is_logged_with_its_reason(tmp_path: Path) -> None:
    with receiving() as receiver, captured() as lines:
        world = PrivateWorld(tmp_path, receiver, 1)
        headers = {"authorization": f"Bearer {APP_TOKEN}"}
        world.raw(HttpRequest("POST", "/saas/usage", (), headers, b"[]", REQUEST))
    [failed] = lines("failed")
    assert (failed["request_id"], failed["interface"], bool(failed["reason"])) == (REQUEST, "usage", True)


def test_a_refused_call_has_its_request_id_and_a_reason(world: World) -> None:
    forged = replace(world.v1, key="of somebody else")
    (refused, answered) = told(world, lambda _: forged.call("expireInstance", instanceId="b1"))()
    assert refused["request_id"] == answered["request_id"] == REQUEST
    assert refused["reason"] == "signature"


def test_a_python_provisioner_is_told_the_request_id(world: World) -> None:
    heard: list[str] = []
    world.provisioner.before = lambda _method: heard.append(request_id())
    told(world, CALLS["renew"][0])
    assert set(heard) == {REQUEST}
    assert request_id() == ""


def test_a_webhook_backend_is_told_the_request_id() -> None:
    from shared import log
    from shared.provisioning.webhook import WebhookProvisioner

    client = HandlerClient(lambda _request: HttpResponse(204, {}, b""))
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    hook = WebhookProvisioner("https://backend.example/", [secret], 10.0, False, FakeClock(), client=client)
    with log.about(request_id="id with a\nbreak"):
        hook.unfreeze(INSTANCE, "key")
    hook.unfreeze(INSTANCE, "key")
    first, second = ({name.lower(): value for name, value in each.headers.items()} for each in client.requests)
    assert first["x-request-id"] == "id%20with%20a%0Abreak"
    assert "x-request-id" not in second


def test_a_command_says_its_name(world: World, capsys: pytest.CaptureFixture[Any]) -> None:
    from emulator.commands.cli import main

    heard: list[str] = []
    world.provisioner.before = lambda _method: heard.append(request_id())
    assert main(["resync", "b1"]) == 0
    assert set(heard) == {"resync"}
    capsys.readouterr()
