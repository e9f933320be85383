"""Events go to a real receiver: at least once, those of one instance in order, whatever it answers."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator.platforms.contexts import LocalLambdaContext
from functions import relay as module
from functions.relay import handler, relay
from functions.sweep import sweep
from shared.clock import Deadline
from shared.errors import Unavailable
from shared.instance.creation import store
from shared.instance.dead_letters import dead_letters
from shared.instance.outbox import MOST
from shared.instance.waiting import WAITING
from shared.metrics.catalogue import METRICS
from shared.provisioning import State
from shared.relay.telling import FAILURES, GIVEN_UP_AFTER
from tests.event_receiver import EventReceiver, settings_of
from tests.logs import LogLines
from tests.world import World

BOUGHT = ["instance.created", "instance.activated", "order.completed"]


@pytest.fixture
def world(tmp_path: Path, receiver: EventReceiver) -> World:
    return World(tmp_path, settings_of(receiver))


def run(world: World) -> dict[str, int]:
    return relay(world.app, {}, Deadline(world.clock, 60))


def hints(world: World) -> int:
    return len(world.app.tables.table("instances").query(WAITING).items)


def freeze(world: World) -> None:
    world.clock.advance(60)
    assert world.send(world.v1.call("expireInstance", instanceId="business-1"))["resultCode"] == "000000"


def thaw(world: World, order_id: str = "R1", until: str = "20281120235959") -> None:
    world.clock.advance(60)
    renewal = world.v1.call("refreshInstance", instanceId="business-1", orderId=order_id, expireTime=until)
    assert world.send(renewal)["resultCode"] == "000000"


def test_a_life_is_told_in_its_order(world: World, receiver: EventReceiver) -> None:
    world.buy()
    freeze(world)
    thaw(world)
    world.clock.advance(60)
    world.send(world.v1.call("upgrade", instanceId="business-1", orderId="U1", skuCode="s", productId="p"))
    assert run(world) == {"sent": 9, "rejected": 0, "dead": 0, "left": 0, "waiting_seconds": 0}
    world.clock.advance(60)
    world.send(world.v1.call("releaseInstance", instanceId="business-1", orderId="CS1"))
    assert run(world)["sent"] == 1

    assert receiver.told("business-1") == [
        *BOUGHT,
        "instance.frozen",
        "instance.renewed",
        "instance.unfrozen",
        "order.completed",
        "instance.changed",
        "order.completed",
        "instance.released",
    ]
    assert list(receiver.numbered("business-1")) == list(range(1, 11))
    assert [each["data"]["orderId"] for each in receiver.taken][2:7:2] == ["CS1", "R1", "R1"]
    assert len(set(receiver.ids)) == 10
    assert run(world) == {"sent": 0, "rejected": 0, "dead": 0, "left": 0, "waiting_seconds": 0}
    assert hints(world) == 0


def test_what_it_says(world: World, receiver: EventReceiver) -> None:
    world.buy()
    run(world)

    assert receiver.taken[1] == {
        "type": "instance.activated",
        "timestamp": "2026-11-20T08:30:00Z",
        "data": {
            "instanceId": "business-1",
            "number": 2,
            "state": "ACTIVE",
            "expiresAt": "2027-11-20T15:59:59Z",
            "orderId": "CS1",
        },
    }


def test_pending_undone_and_begun_anew(world: World, receiver: EventReceiver) -> None:
    world.provisioner.pending = True
    world.buy()
    world.clock.advance(timedelta(hours=5))
    sweep(world.app, {}, Deadline(world.clock, 60))
    world.provisioner.pending = False
    world.clock.advance(60)
    world.buy(business_id="business-9")
    run(world)

    assert receiver.told("business-1") == [
        "instance.created",
        "instance.pending",
        "instance.undone",
        "instance.released",
        "instance.pending",
        "instance.activated",
        "order.completed",
    ]


def test_work_that_ends_late_adds_to_what_is_stored_already(world: World, receiver: EventReceiver) -> None:
    world.provisioner.pending = True
    world.buy()
    parked = world.app.instances.get("business-1")
    assert parked
    made = replace(parked, state=State.ACTIVE, started_at=world.clock.now(), outbox=(), announced=0, version=0)
    store(world.app, made)
    run(world)
    kinds = ["instance.created", "instance.pending", "instance.activated", "order.completed"]
    assert receiver.numbered("business-1") == dict(enumerate(kinds, 1))


def test_a_failing_order_is_told_once_until_that_was_heard(world: World, receiver: EventReceiver) -> None:
    world.buy()

    def fails(method: str) -> None:
        raise Unavailable(method)

    world.provisioner.before = fails
    renewal = world.v1.call("refreshInstance", instanceId="business-1", orderId="R1", expireTime="20281120235959")
    for _ in range(3):
        world.clock.advance(60)
        world.send(renewal)
    run(world)
    assert receiver.told("business-1") == [*BOUGHT, "order.failed"]


def test_who_wants_no_events_pays_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.buy()
    record = world.app.instances.get("business-1")
    assert record
    assert (record.outbox, record.announced, hints(world)) == ((), 0, 0)
    world.tables.reset()
    assert run(world) == {"sent": 0}
    assert world.tables.total == 0


def test_events_cost_a_call_nothing(tmp_path: Path, receiver: EventReceiver) -> None:
    def paid(world: World) -> list[int]:
        freeze = world.v1.call("expireInstance", instanceId="business-1")
        return [world.counted(request)[1] for request in (world.purchase(), world.purchase(), freeze, freeze)]

    folders = [tmp_path / name for name in ("without", "with")]
    for folder in folders:
        folder.mkdir()
    assert paid(World(folders[1], settings_of(receiver))) == paid(World(folders[0]))


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_what_is_not_taken_waits_and_keeps_its_turn(world: World, receiver: EventReceiver, status: int) -> None:
    world.buy()
    receiver.status = lambda message: status if message["type"] == "instance.activated" else 204
    assert run(world) == {"sent": 1, "rejected": 1, "dead": 0, "left": 1, "waiting_seconds": 0}
    assert run(world)["rejected"] == 0, "it is left in peace for a while"
    receiver.status = lambda _message: 204
    world.clock.advance(61)
    assert run(world) == {"sent": 2, "rejected": 0, "dead": 0, "left": 0, "waiting_seconds": 0}
    assert receiver.told("business-1") == BOUGHT


def test_pauses_grow_to_an_hour(world: World, receiver: EventReceiver) -> None:
    world.buy()
    receiver.status = lambda _message: 500
    tried: list[int] = []
    for minute in range(300):
        if run(world)["rejected"]:
            tried.append(minute)
        world.clock.advance(60)
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_one_instance_that_is_refused_holds_up_no_other(world: World, receiver: EventReceiver) -> None:
    for number in range(20):
        world.buy(f"CS{number}", f"business-{number}")
    receiver.status = lambda message: 400 if message["data"]["instanceId"] == "business-3" else 204
    assert run(world) == {"sent": 57, "rejected": 1, "dead": 0, "left": 1, "waiting_seconds": 0}


def test_a_receiver_that_is_down_is_not_asked_for_each_instance(world: World, receiver: EventReceiver) -> None:
    for number in range(50):
        world.buy(f"CS{number}", f"business-{number}")
    receiver.status = lambda _message: 503
    assert FAILURES <= run(world)["rejected"] < FAILURES + module.SIDE_BY_SIDE
    receiver.status = lambda _message: 204
    world.clock.advance(61)
    assert run(world)["left"] == 0
    assert all(receiver.told(f"business-{number}") == BOUGHT for number in range(50))


def test_one_that_hangs_is_left_after_its_time(world: World, receiver: EventReceiver) -> None:
    world.buy()
    receiver.status = lambda _message: 0
    deadline = Deadline(world.clock, 0.2)
    assert relay(world.app, {}, deadline)["left"] == 1
    receiver.status = lambda _message: 204
    world.clock.advance(120)
    run(world)
    assert receiver.told("business-1") == BOUGHT


def test_a_wrong_secret_is_told_and_ends_the_run(tmp_path: Path, receiver: EventReceiver, log_lines: LogLines) -> None:
    other = {"KOOGALLERY_EVENTS_SECRET": "whsec_plJ3nmyCDGBKInavdOK15jsl9sP8HF9jT6mZ"}
    world = World(tmp_path, settings_of(receiver) | other)
    world.buy()
    assert run(world)["rejected"] == 1
    (line,) = log_lines("events cannot be told")
    assert "KOOGALLERY_EVENTS_SECRET" in line["reason"]
    assert line["level"] == "ERROR"


def test_after_days_it_is_a_dead_letter_and_the_rest_goes_on(
    world: World, receiver: EventReceiver, log_lines: LogLines
) -> None:
    world.buy()
    receiver.status = lambda message: 400 if message["data"]["number"] == 2 else 204
    run(world)
    world.clock.advance(GIVEN_UP_AFTER)
    freeze(world)
    assert run(world)["dead"] == 2, "what is as old goes with it"
    world.clock.advance(61)
    assert run(world)["left"] == 0

    assert receiver.told("business-1") == ["instance.created", "instance.frozen"]
    letters = list(dead_letters(world.app.tables.table("instances"), "business-1"))
    assert [each.announcement.kind for each in letters] == BOUGHT[1:]
    assert [line["dead"] for line in log_lines("events are given up")] == [2]


def test_old_news_is_an_alarm(world: World, receiver: EventReceiver, log_lines: LogLines) -> None:
    world.buy()
    receiver.status = lambda _message: 500
    run(world)
    assert not log_lines("events wait for their receiver")
    world.clock.advance(timedelta(hours=2))
    assert run(world)["waiting_seconds"] == 7200
    assert log_lines("events wait for their receiver")


def test_old_events_are_no_old_usage(world: World, receiver: EventReceiver, log_lines: LogLines) -> None:
    world.buy()
    receiver.status = lambda _message: 500
    world.clock.advance(timedelta(hours=2))
    run(world)
    handler({}, LocalLambdaContext("relay", seconds=60))
    line = log_lines("run")[-1]
    usage = next(each for each in METRICS if each.name == "OldestUsageSeconds")
    assert line["waiting_seconds"] == 7200
    assert usage.value("run", line) is None
    events = next(each for each in METRICS if each.name == "OldestEventSeconds")
    assert events.value("run", line) == 7200
    assert events.value("run", {"interface": "sweep", "completed": 1}) is None


def test_no_more_waits_than_an_item_can_hold(world: World, receiver: EventReceiver) -> None:
    world.buy()
    for number in range(MOST):
        thaw(world, f"R{number}", f"{2028 + number}1120235959")
    record = world.app.instances.get("business-1")
    assert record
    assert len(record.outbox) == MOST
    letters = list(dead_letters(world.app.tables.table("instances")))
    assert [each.announcement.number for each in letters] == list(range(1, record.announced - MOST + 1))
    run(world)
    assert list(receiver.numbered("business-1")) == list(range(record.announced - MOST + 1, record.announced + 1))


def test_an_instance_somebody_is_at_work_on_is_not_disturbed(world: World, receiver: EventReceiver) -> None:
    world.buy()
    seen: list[Any] = []

    def meanwhile(method: str) -> None:
        if method == "renew":
            seen.append(run(world))

    world.provisioner.before = meanwhile
    thaw(world)
    assert seen[0]["sent"] == 3, "what is true may be told"
    assert receiver.told("business-1") == BOUGHT
    world.provisioner.before = None
    run(world)
    assert receiver.told("business-1") == [*BOUGHT, "instance.renewed", "order.completed"]
    assert len(receiver.taken) == 5, "and once"
    assert hints(world) == 0


def test_a_hint_stays_until_its_write_was_made_or_never_will_be(world: World, receiver: EventReceiver) -> None:
    world.buy()
    run(world)
    world.clock.advance(60)

    class Gone(BaseException):
        pass

    def dies(table: str, method: str) -> None:
        if (table, method) == ("instances", "put_many"):
            raise Gone

    world.tables.apart, world.tables.after = True, dies
    with pytest.raises(Gone):
        freeze(world)
    world.tables.after = lambda _table, _method: None
    world.clock.advance(61)
    run(world)
    assert hints(world) == 1, "the writer may be about to go on"
    before = world.app.instances.get("business-1")
    world.clock.advance(module.SETTLED_AFTER)
    run(world)
    after = world.app.instances.get("business-1")
    assert hints(world) == 0
    assert before
    assert after
    assert after.version == before.version + 1, "what is late is refused from now on"
    assert receiver.told("business-1") == BOUGHT
