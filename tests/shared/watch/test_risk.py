"""What counts towards being hidden or delisted: noted where the call is answered, judged by what became of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emulator.marketplace.catalogue.listing_status import MOST_BAD_DAYS, MOST_FAILED
from emulator.marketplace.delivery.deliveries import PATIENCE
from functions import gateway
from shared.errors import ProvisioningError, Unavailable
from shared.pipelines.marketplace import MAX_BODY
from shared.protocol.production.v1 import V1
from shared.store.paging import every
from shared.watch import failures
from shared.watch.message import MessageState
from shared.watch.refusals import PAUSE, REFUSED, SLOTS, Refusals
from shared.watch.retries import MOST_FAILED_ORDERS, MOST_FAILING_DAYS, REPEATED
from shared.watch.risk import risk
from tests.pages import Page, both, named, names_in
from tests.world import World

OPEN, FAILED, MENDED = MessageState.OPEN, MessageState.FAILED, MessageState.MENDED
HOUR = timedelta(hours=1)


def broken(_method: str) -> None:
    raise RuntimeError("a password")


def states(world: World) -> list[tuple[str, MessageState, int]]:
    return [(each.activity, each.state, each.repeats) for each in risk(world.app).messages]


def refused_purchase(world: World) -> Any:
    good = world.purchase()
    return good.__class__("GET", good.path, (*good.query[:-1], ("authToken", "x" * 44)))


def test_a_failed_call_pays_one_write_and_a_good_one_nothing(world: World) -> None:
    _, good = world.counted(world.purchase("CS1", "business-1"))
    world.provisioner.before = broken
    world.tables.reset()
    world.buy("CS2", "business-2")
    assert world.tables.calls["agenda", "put_many"] == 1
    world.provisioner.before = None
    world.tables.reset()
    world.buy("CS3", "business-3")
    assert world.tables.total == good


@pytest.mark.parametrize("text", ["what is unknown may be any text", "a-mail@example.com", "x" * 2000])
def test_an_activity_that_is_unknown_is_noted_without_its_text(world: World, text: str) -> None:
    for calls in (world.v1, world.v2):
        world.raw(calls.call(text, instanceId="business-1"))
    world.raw(world.v1.call("releaseInstance"))
    assert {name for name, _, _ in states(world)} == {"unknown", "releaseInstance"}


def test_a_purchase_is_open_for_three_hours_and_then_its_order_has_failed(world: World) -> None:
    world.provisioner.before = broken
    seen = []
    for _ in range(4):
        world.buy()
        seen.append(states(world))
        world.clock.advance(HOUR)

    assert seen == [[("newInstance", OPEN, left)] for left in (3, 2, 1)] + [[("newInstance", FAILED, 0)]]
    [message] = risk(world.app).failed_orders
    assert (message.order_id, message.result, message.reason) == ("CS1", "000005", "RuntimeError")
    assert message.until - message.since == PATIENCE


def test_what_succeeds_in_the_end_is_mended(world: World) -> None:
    world.provisioner.before = broken
    world.buy()
    world.buy_v2()
    world.provisioner.before = None
    world.buy()
    assert [(each.order_id, each.state) for each in risk(world.app).messages] == [("CS1", MENDED), ("CS2", OPEN)]


CHANGES = {
    "refreshInstance": {"orderId": "R1", "expireTime": "20281120235959"},
    "expireInstance": {"orderId": "CS1"},
    "instanceStatus": {"instanceStatus": "FREEZE"},
    "releaseInstance": {"orderId": "CS1"},
    "upgrade": {"orderId": "U1", "skuCode": "sku-2", "productId": "OFFI2"},
}


@pytest.mark.parametrize("activity", CHANGES)
def test_a_change_is_open_and_mended_by_its_repeat(world: World, activity: str) -> None:
    world.buy()
    world.provisioner.before = broken
    call = {"instanceId": "business-1", **CHANGES[activity]}
    world.send(world.v1.call(activity, **call))
    assert states(world) == [(activity, OPEN, REPEATED[activity] // HOUR)]
    world.provisioner.before = None
    assert world.send(world.v1.call(activity, **call))["resultCode"] == "000000"
    assert states(world) == [(activity, MENDED, 0)]


def test_what_the_seller_starts_again_is_open_anew(world: World) -> None:
    world.provisioner.before = broken
    world.buy()
    world.clock.advance(6 * HOUR)
    world.buy()
    assert states(world) == [("newInstance", OPEN, 3)]


def test_v2_that_is_accepted_has_not_failed_and_busy_v1_has(world: World) -> None:
    world.provisioner.pending = True
    world.buy()
    world.buy_v2()
    assert [each.order_id for each in risk(world.app).messages] == ["CS1"]


def test_failing_days_in_a_row(world: World) -> None:
    debug = world.v1.call("releaseInstance", instanceId="", testFlag=1)
    for day in range(3):
        assert risk(world.app).failing_days == day
        assert world.send(debug)["resultCode"] != "000000"
        assert world.send(debug)["resultCode"] != "000000"
        assert risk(world.app).failing_days == day + 1
        world.clock.advance(24 * HOUR)
    assert risk(world.app).is_high
    world.clock.advance(24 * HOUR)
    assert risk(world.app).failing_days == 0


def test_the_limits_are_those_of_the_emulator() -> None:
    assert (MOST_FAILED_ORDERS, MOST_FAILING_DAYS) == (MOST_FAILED, MOST_BAD_DAYS)
    assert set(REPEATED) <= set(gateway.MODULES)


def test_refused_calls_are_counted_in_memory_and_noted_once_a_minute(world: World) -> None:
    world.tables.reset()
    for _ in range(20):
        world.raw(refused_purchase(world))
    assert world.tables.total == 0
    world.clock.advance(PAUSE)
    for _ in range(20):
        world.raw(refused_purchase(world))
    assert world.tables.total == 2, "it is read, and written"
    assert list(risk(world.app).refused.values()) == [21]


def test_a_count_is_not_noted_again_before_it_has_changed(world: World) -> None:
    def noted() -> int:
        world.tables.reset()
        world.clock.advance(PAUSE)
        world.buy()
        return world.tables.calls["agenda", "create"] + world.tables.calls["agenda", "replace"]

    world.raw(refused_purchase(world))
    assert [noted() for _ in range(3)] == [1, 0, 0]
    for _ in range(2):
        world.raw(refused_purchase(world))
    assert [noted() for _ in range(2)] == [1, 0]
    assert list(risk(world.app).refused.values()) == [3]


def test_however_many_processes_count_there_is_little_to_read(world: World) -> None:
    for _ in range(100):
        world.app.__dict__.pop("failures", None)  # another process
        world.raw(refused_purchase(world))
        world.clock.advance(PAUSE)
        world.raw(refused_purchase(world))
    items = list(every(world.tables.table("agenda"), REFUSED))
    assert len(items) <= 2 * SLOTS, "of two days at most"
    assert sum(risk(world.app).refused.values()) == 200


def test_of_two_processes_that_meet_the_slower_one_notes_it_later(world: World) -> None:
    table, clock = world.tables.table("agenda"), world.clock
    one, other = Refusals(clock), Refusals(clock)
    other._slot = one._slot
    for each in (one, other):
        each.count("signature")
    clock.advance(PAUSE)
    world.tables.before = lambda _table, method: one.write(table) if method in ("create", "replace") else None
    other.write(table)
    world.tables.before = lambda _table, _method: None
    assert list(risk(world.app).refused.values()) == [1]
    clock.advance(PAUSE)
    for each in (one, other):
        each.write(table)
    assert list(risk(world.app).refused.values()) == [2]
    assert not other.due


@pytest.mark.parametrize(("before", "alarmed"), [(0, ["signature"]), (20, [])])
def test_a_sudden_change_of_refused_calls_is_an_alarm(world: World, before: int, alarmed: list[str]) -> None:
    for count in (*[before] * 7, 30):
        world.clock.advance(24 * HOUR)
        for _ in range(count):
            world.raw(refused_purchase(world))
        world.clock.advance(PAUSE)
        if count:
            world.raw(refused_purchase(world))
    assert risk(world.app).sudden == alarmed


def test_what_cannot_be_noted_waits_for_the_store(world: World) -> None:
    def down(_table: str, _method: str) -> None:
        raise Unavailable("the store does not answer")

    world.tables.before = down
    assert world.buy()["resultCode"] == "000005"
    world.tables.before = lambda _table, _method: None
    assert states(world) == []
    world.buy("CS2", "business-2")
    assert [(each.order_id, each.state) for each in risk(world.app).messages] == [("CS1", OPEN)]


def test_what_failed_before_it_was_known_who_sent_it_waits_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_table: str, _method: str) -> None:
        raise Unavailable("the store does not answer")

    world.tables.before = down
    with monkeypatch.context() as broken_setting:
        broken_setting.setattr(V1, "authenticate", lambda *_: 1 // 0)
        assert world.buy()["resultCode"] == "000005"
    world.tables.before = lambda _table, _method: None
    world.buy("CS2", "business-2")
    [message] = risk(world.app).messages
    assert (message.activity, message.reason, message.state) == ("unknown", "ZeroDivisionError", FAILED)


def test_what_nobody_signed_and_nobody_can_read_is_counted_and_costs_nothing(world: World) -> None:
    world.tables.reset()
    good = world.v2.call("newInstance")
    for body in (b"x" * (MAX_BODY + 1), b"[]"):
        world.raw(replace(good, body=body))
    assert world.tables.total == 0
    world.clock.advance(PAUSE)
    world.raw(replace(good, body=b"x" * (MAX_BODY + 1)))
    found = risk(world.app)
    assert found.messages == []
    assert {reason: count for (_, reason), count in found.refused.items()} == {"unreadable": 2, "signature": 1}


def test_few_notes_wait_in_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MOST", 2)

    def down(_table: str, _method: str) -> None:
        raise Unavailable("the store does not answer")

    world.tables.before = down
    for number in range(5):
        world.buy(f"CS{number}", f"b{number}")
    world.tables.before = lambda _table, _method: None
    world.buy("CS9", "b9")
    assert len(risk(world.app).messages) == 2


def test_no_note_keeps_an_answer_back(world: World) -> None:
    world.provisioner.before = broken
    world.app.__dict__.pop("failures", None)
    long = "o" * 64
    for order_id in (long, "CS1"):
        assert world.buy(order_id, f"b-{order_id}"[:60])["resultCode"] == "000005"
    assert [each.order_id for each in risk(world.app).messages] == ["CS1", long]


def test_a_provisioners_own_code_is_kept_with_its_text(world: World) -> None:
    def sold_out(_method: str) -> None:
        raise ProvisioningError("sold out")

    world.provisioner.before = sold_out
    world.buy()
    assert risk(world.app).messages[0].reason == "sold out"


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/risk"), ids=named)
def test_the_page_has_the_schedule_of_the_code(each: Page) -> None:
    (rows,) = [table[1:-1] for table in each.tables if "newInstance" in names_in(table[1][0])]
    hours = {name: timedelta(hours=int(row[1][0])) for row in rows for name in names_in(row[0])}
    assert hours == REPEATED
