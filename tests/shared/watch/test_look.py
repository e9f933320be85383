"""The sweep sees what nobody told, keeps it as long as it is so, and tells it once."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions import sweep
from shared.clock import Deadline, SystemClock, epoch_ms
from shared.instance.unfinished import Aspect
from shared.openapi.order import OrderNotFound
from shared.provisioning import InstanceLister, InstancePage, Pending, State
from shared.provisioning.webhook import ListeningWebhook
from shared.watch import certificates
from shared.watch.findings import FOUND, MENDED_BY, findings
from shared.watch.look import CHECKS, OF_RISK, OF_WAITING, look
from tests.backend import Backend
from tests.clients import HandlerClient
from tests.world import FakeProvisioner, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENDS = {"expireTime": "20261121235959"}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AK = {"KOOGALLERY_AK": "ak", "KOOGALLERY_SK": "sk"}


@dataclass
class Listing(FakeProvisioner):
    """A provisioner that tells what it has, two ids a page."""

    ids: list[str] = field(default_factory=list)

    def list_instances(self, after: str | None) -> InstancePage:
        start = int(after or 0)
        return InstancePage(tuple(self.ids[start : start + 2]), str(start + 2) if start + 2 < len(self.ids) else None)


@dataclass
class LikeTheBackend(FakeProvisioner):
    """Tells what ``listing`` does."""

    def __init__(self, listing: InstanceLister) -> None:
        super().__init__()
        self.list_instances = listing.list_instances


def swept(world: World, after: timedelta = timedelta(minutes=5)) -> list[tuple[str, str]]:
    world.clock.advance(after)
    sweep.sweep(world.app, {}, Deadline(world.clock, 200))
    return [(each.check, each.subject) for each in findings(world.app)]


def broken(_method: str) -> None:
    raise RuntimeError


def test_an_expiry_that_was_never_told_is_found_once_and_gone_when_it_is_told(world: World, log_lines: Any) -> None:
    world.buy(**ENDS)
    assert swept(world, DAY) == []
    assert swept(world, 2 * DAY) == swept(world) == [("expiry.untold", "business-1")]
    [line] = log_lines(FOUND)
    assert (line["level"], line["code"], line["instance_id"]) == ("ERROR", "expiry.untold", "business-1")
    world.send(world.v1.call("expireInstance", instanceId="business-1", orderId="CS1"))
    assert swept(world) == []


def test_it_is_frozen_if_the_seller_wants_that_and_a_late_renewal_counts(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_FREEZE_EXPIRED": "true"})
    world.buy(**ENDS)
    world.clock.advance(2 * DAY)
    renewal = {"instanceId": "business-1", "orderId": "R1", "expireTime": "20281120235959"}
    sent_before_it_is_frozen = world.v1.call("refreshInstance", **renewal)
    assert swept(world, DAY) == []
    assert world.state("business-1") == State.FROZEN
    assert world.send(sent_before_it_is_frozen)["resultCode"] == "000000"
    assert world.state("business-1") == State.ACTIVE


def test_what_cannot_be_frozen_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_FREEZE_EXPIRED": "true"})
    world.buy(**ENDS)
    world.provisioner.before = broken
    assert swept(world, 3 * DAY) == [("expiry.untold", "business-1")]
    world.provisioner.before = None
    swept(world)
    assert (world.state("business-1"), swept(world)) == (State.FROZEN, [])


def test_what_is_pending_for_an_hour(world: World) -> None:
    world.provisioner.pending = True
    world.buy_v2()
    assert swept(world) == []
    assert swept(world, HOUR) == [("pending.long", "business-2")]
    world.provisioner.pending = False
    assert swept(world) == []


def test_an_order_that_the_marketplace_does_not_know(tmp_path: Path) -> None:
    world = World(tmp_path, AK)
    world.buy()
    world.orders.error = OrderNotFound("no such order")
    assert swept(world) == []
    assert swept(world) == swept(world) == [("order.unknown", "CS1")]
    world.orders.error = None
    assert swept(world) == []


def test_a_single_answer_that_an_order_is_unknown_wakes_nobody(tmp_path: Path, log_lines: Any) -> None:
    world = World(tmp_path, AK)
    world.buy()
    for _ in range(2):
        world.orders.error = OrderNotFound("no such order")
        assert swept(world) == []
        world.orders.error = None
        assert swept(world) == []
    assert log_lines(FOUND) == []


def test_every_order_is_asked_for_in_turn_and_few_in_a_run(tmp_path: Path) -> None:
    world = World(tmp_path, AK)
    for number in range(8):
        world.buy(f"CS{number}", f"b{number}")
    asked = []
    for _ in range(3):
        world.orders.asked.clear()
        look(world.app, Deadline(world.clock, 200), None)
        asked.append(set(world.orders.asked))
    assert [len(each) for each in asked] == [3, 3, 3]
    assert len(set[str]().union(*asked)) == 8


def test_an_order_that_was_given_up_and_one_whose_instance_lives_all_the_same(world: World) -> None:
    world.provisioner.before = broken
    world.buy()
    world.provisioner.before = None
    assert swept(world, 5 * HOUR) == [("message.given-up", "CS1")]
    world.buy()
    assert swept(world) == [("order.given-up", "CS1")]
    world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1"))
    assert swept(world) == []


def test_what_the_product_may_not_have_heard(world: World) -> None:
    world.buy()
    record = world.app.instances.get("business-1")
    assert record
    record = world.app.instances.replace(replace(record, unsure=frozenset({Aspect.SERVICE})))
    assert swept(world) == swept(world) == [("product.unsure", "business-1")]
    world.app.instances.replace(replace(record, unsure=frozenset()))
    assert swept(world) == []


def test_where_the_product_and_the_store_differ(world: World) -> None:
    world.provisioner = Listing()
    world.restarted()
    for number in range(3):
        world.buy(f"CS{number}", f"b{number}")
    world.provisioner.ids = ["b1", "b2", "stranger", "in-the-making"]
    assert isinstance(world.provisioner, InstanceLister)
    assert swept(world, HOUR + HOUR) == [("product.missing", "b0")], "what was seen once may be in the making"
    world.provisioner.ids = ["b1", "b2", "stranger", "b0"]
    assert swept(world, HOUR) == [("product.unknown", "stranger")]
    world.provisioner.ids.remove("stranger")
    assert swept(world, HOUR) == []


@pytest.mark.parametrize("lists", [True, False])
def test_where_the_backend_behind_the_webhook_differs(world: World, lists: bool, log_lines: Any) -> None:
    backend = Backend(SECRET, listing=None if lists else (204, None))
    client, clock = HandlerClient(backend.answer), SystemClock()
    listing = ListeningWebhook("https://backend.example", [SECRET], 10, False, clock, client=client)
    world.provisioner = LikeTheBackend(listing)
    world.restarted()
    for number in range(3):
        world.buy(f"CS{number}", f"b{number}")
    backend.rows = {name: {} for name in ("b1", "b2", "stranger")}
    assert swept(world, 2 * HOUR) == ([("product.missing", "b0")] if lists else [])
    asked = [message["data"]["after"] for message in backend.messages if message["type"] == "instance.list"]
    assert asked == ([None, "b2"] if lists else [None])
    assert swept(world, HOUR) == ([("product.missing", "b0"), ("product.unknown", "stranger")] if lists else [])
    assert log_lines("a check of the sweep failed") == []


def test_a_timer_that_nobody_runs(world: World) -> None:
    at = epoch_ms(world.clock.now())
    world.tables.table("agenda").create({"pk": "timer#metering", "sk": "-", "done_ms": at, "until_ms": 0})
    assert swept(world) == []
    assert swept(world, 2 * HOUR) == [("schedule.silent", "metering")]


@pytest.mark.parametrize(("days", "found"), [(30, []), (20, [("certificate.ending", "isv.example.com")])])
def test_a_certificate_that_ends_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, found: list[tuple[str, str]]
) -> None:
    world = World(tmp_path, {"KOOGALLERY_PUBLIC_URL": "https://isv.example.com"})
    ends = world.clock.now() + timedelta(days=days)
    monkeypatch.setattr(certificates, "ends_at", lambda _host, _port: ends.timestamp())
    assert swept(world) == found


def test_before_a_limit_is_reached(world: World, log_lines: Any) -> None:
    world.provisioner.before = broken
    for number in range(3):
        world.buy(f"CS{number}", f"b{number}")
    assert swept(world) == []
    assert swept(world, 3 * HOUR)[-1] == ("orders.failing", "2026-11 3")
    line = log_lines("risk")[-1]
    assert (line["failed_orders"], line["failing_days"], line["open"], line["findings"]) == (3, 0, 0, 4)


def test_a_check_that_fails_keeps_what_it_found_and_stops_no_other(
    world: World, log_lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.provisioner = Listing()
    world.restarted()
    world.buy(**ENDS)
    assert swept(world, 3 * HOUR) == [("product.missing", "business-1")]
    monkeypatch.setattr(world.provisioner, "list_instances", broken)
    assert swept(world, 3 * DAY) == [("expiry.untold", "business-1"), ("product.missing", "business-1")]
    assert len(log_lines("a check of the sweep failed")) == 1


def test_a_run_that_has_no_time_for_all_that_is_pending_forgets_nothing(world: World) -> None:
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2()
    assert swept(world, 2 * HOUR) == [("pending.long", "business-2")]
    sweep.sweep(world.app, {}, Deadline(world.clock, 0))
    assert [each.check for each in findings(world.app)] == ["pending.long"]


def test_what_is_pending_is_looked_at_oldest_first_whatever_its_shard(world: World) -> None:
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    for number in range(12):
        world.buy_v2(f"CS{number}", f"b{number}")
        world.clock.advance(1)
    world.provisioner.calls.clear()
    swept(world)
    assert [instance for method, instance, _ in world.provisioner.calls if method == "describe"] == [
        f"b{number}" for number in range(12)
    ]


def test_every_kind_is_looked_for_by_one_check() -> None:
    kinds = [kind for _, found in CHECKS.values() for kind in found] + [*OF_WAITING, *OF_RISK]
    assert sorted(kinds) == sorted(MENDED_BY)


def test_a_finding_names_the_command_that_mends_it(world: World) -> None:
    world.buy(**ENDS)
    swept(world, 3 * DAY)
    assert [each.mended_by for each in findings(world.app)] == ["koogallery show business-1"]


def test_a_look_is_bounded_however_many_instances_there_are(world: World) -> None:
    for number in range(120):
        world.buy(f"CS{number}", f"b{number}", **ENDS)
    swept(world, 3 * DAY)
    world.tables.reset()
    look(world.app, Deadline(world.clock, 200), None)
    assert world.tables.calls["instances", "query"] <= 2
    assert world.tables.calls["instances", "get_many"] <= 4
