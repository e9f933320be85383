"""Failed messages are looked into a few at a time, each in its turn; what is over is forgotten."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from shared.clock import Deadline
from shared.instance.lookup import of_orders
from shared.store.paging import every
from shared.watch import messages
from shared.watch.failures import failed_in
from shared.watch.findings import findings
from shared.watch.look import look
from shared.watch.message import MessageState
from shared.watch.messages import ASKED, keep
from shared.watch.risk import risk
from shared.watch.round import Round
from tests.world import World

HOUR = timedelta(hours=1)


def failed(world: World, *order_ids: str, activity: str = "newInstance", instance_id: str = "") -> None:
    """A call failed for each of them, and left its note."""
    for each in order_ids:
        facts = {"version": "v1", "test": False, "order_id": each, "instance_id": instance_id}
        world.app.failures.note(activity, None, facts, "000005", RuntimeError())


def notes(world: World) -> int:
    return len(list(every(world.tables.table("agenda"), failed_in("2026-11"))))


def looked(world: World, seconds: float = 200) -> list[tuple[str, str]]:
    look(world.app, Deadline(world.clock, seconds), None)
    return [(each.check, each.subject) for each in findings(world.app)]


def test_a_look_into_many_costs_a_few_requests(world: World) -> None:
    failed(world, *(f"CS{number:03}" for number in range(3 * ASKED)))
    world.tables.reset()
    look(world.app, Deadline(world.clock, 200), None)
    tables = world.tables.calls
    assert tables["idempotency", "get_many"] == 1
    assert tables["instances", "query"] == ASKED + 2, "the two are of the listing"
    assert sum(count for (table, _), count in tables.items() if table == "agenda") <= 12


def test_each_has_its_turn_the_oldest_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Collection[str]] = []

    def counted(app: Any, order_ids: Collection[str]) -> Any:
        asked.append(order_ids)
        return of_orders(app, order_ids)

    monkeypatch.setattr(messages, "ASKED", 10)
    monkeypatch.setattr(messages, "of_orders", counted)
    names = [f"CS{number:02}" for number in range(25)]
    for each in reversed(names):
        failed(world, each)
        world.clock.advance(1)
    for _ in range(3):
        looked(world)
    assert [sorted(each) for each in asked] == [names[15:], names[5:15], [*names[:5], *names[20:]]]
    failed(world, "CS99")
    for _ in range(3):
        looked(world)
    counts = Counter(name for each in asked for name in each)
    assert (set(counts), min(counts.values())) == ({*names, "CS99"}, 1)
    assert min(counts[each] for each in names) == 2


def test_without_time_nothing_is_looked_into_and_nothing_is_passed_over(world: World) -> None:
    failed(world, "CS1")
    round_ = Round()
    world.tables.reset()
    assert [each.order_id for each in risk(world.app, Deadline(world.clock, 0), round_).open] == ["CS1"]
    assert world.tables.calls["instances", "query"] == 0
    assert round_.judged == ""


def test_what_is_mended_is_forgotten_and_what_has_failed_for_good_is_not(world: World) -> None:
    failed(world, "CS1", "CS2", "CS3")
    world.buy("CS1", "b1")
    looked(world)
    assert ([each.order_id for each in risk(world.app).messages], notes(world)) == (["CS2", "CS3"], 2)
    world.clock.advance(4 * HOUR)
    assert looked(world)[:2] == [("message.given-up", "CS2"), ("message.given-up", "CS3")]
    assert notes(world) == 2


def test_what_is_no_order_is_forgotten_when_the_marketplace_has_given_it_up(world: World) -> None:
    world.buy("CS1", "b1")
    failed(world, "CS1", activity="expireInstance", instance_id="b1")
    looked(world)
    assert [each.state for each in risk(world.app).messages] == [MessageState.OPEN]
    world.clock.advance(2 * HOUR)
    looked(world)
    assert notes(world) == 0


def test_few_are_forgotten_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "FORGOTTEN", 2)
    failed(world, *(f"CS{number}" for number in range(3)), activity="expireInstance")
    world.clock.advance(2 * HOUR)
    left = []
    for _ in range(2):
        keep(world.app, risk(world.app).messages)
        left.append(notes(world))
    assert left == [1, 0]


def test_few_notes_are_read_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "NOTES", 2)
    failed(world, *(f"CS{number}" for number in range(3)))
    assert len(risk(world.app).messages) == 2


def test_what_came_too_late_is_known_also_where_it_is_not_looked_into(world: World) -> None:
    failed(world, "CS1")
    world.clock.advance(5 * HOUR)
    world.buy("CS1", "b1")
    for seconds in (200, 0, 200, 0):
        assert looked(world, seconds) == [("order.given-up", "CS1")]
    world.send(world.v1.call("releaseInstance", instanceId="b1", orderId="CS1"))
    assert (looked(world), notes(world)) == ([], 0)
