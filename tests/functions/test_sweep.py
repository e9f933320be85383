"""The scheduled sweep: completes what is pending, undoes what is lost."""

import sqlite3
import time

import pytest

from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from functions import sweep
from shared.commands import Version
from shared.instance.hints import hints
from shared.instance.record import InstanceRecord
from shared.pipelines.schedule import RunFailed
from shared.provisioning import Access, Pending, State
from shared.store.agenda import SHARDS
from tests.market import V2, VERSIONS, purchase, query, release
from tests.world import World

NOTHING = {"completed": 0, "pending": 0, "undone": 0, "settled": 0}
READY = Access("https://ready.example.com", password="Passw0rd!")
EVENTS = {"schedule": {"source": "aws.events"}, "timer": {"trigger_name": "sweep"}, "empty": None}


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture(params=[LocalLambdaContext, LocalFunctionGraphContext])
def run(request):
    """Runs the handler once, as the platform's scheduler would."""
    return lambda seconds=30.0, event=None: sweep.handler(event or {}, request.param("sweep", seconds=seconds))


@pytest.fixture(params=VERSIONS)
def pending(world, request):
    """An instance whose creation is pending."""
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    assert world.send(purchase(world, request.param))["resultCode"] == "000004"
    world.version = request.param
    return world


def agenda(world: World) -> list[str]:
    return [entry.instance_id for entry in world.app.agenda.due()]


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_with_nothing_to_do_it_does_nothing(world, run, event, log_lines):
    assert run(event=event) == NOTHING
    [line] = log_lines("run")
    assert {name: line[name] for name in ("interface", *NOTHING)} == {"interface": "sweep", **NOTHING}


def test_what_is_not_ready_stays_on_the_agenda(pending, run):
    assert run() == NOTHING | {"pending": 1}
    assert agenda(pending) == ["business-1"]
    assert pending.provisioner.count("create") == 1


def test_what_is_ready_is_completed(pending, run):
    pending.provisioner.present = READY
    assert run() == NOTHING | {"completed": 1}
    assert agenda(pending) == []
    assert pending.state("business-1") == "ACTIVE"
    [info] = pending.send(query(pending, V2, "business-1"))["info"]
    assert info["appInfo"]["frontEndUrl"] == "https://ready.example.com"
    assert run() == NOTHING


def test_one_that_fails_does_not_stop_the_others(world, run, log_lines):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    instances = [f"business-{index}" for index in range(6)]
    for index, instance in enumerate(instances):
        world.buy_v2(f"CS{index}", instance)
    asked = []

    def fail_first(method):
        asked.append(method)
        if len(asked) == 1:
            raise RuntimeError

    world.provisioner.present = READY
    world.provisioner.before = fail_first
    assert run() == NOTHING | {"completed": 5, "pending": 1}
    assert len(log_lines("a pending creation failed again")) == 1
    assert run() == NOTHING | {"completed": 1}


def test_what_was_settled_otherwise_leaves_the_agenda(pending, run):
    pending.send(release(pending, V2, "business-1"))
    assert run() == NOTHING | {"settled": 1}
    assert agenda(pending) == []
    assert pending.provisioner.count("release") == 1


def test_what_someone_works_on_is_left_alone(pending, run):
    record = pending.app.instances.get("business-1")
    pending.app.instances.replace(record.held(pending.clock.now() + pending.app.lease))
    pending.provisioner.present = READY
    assert run() == NOTHING | {"pending": 1}
    assert pending.provisioner.count("describe") == 0
    pending.clock.advance(61)
    assert run() == NOTHING | {"completed": 1}


def test_a_lost_order_is_undone(pending, run, log_lines):
    pending.clock.advance(4 * 3600 + 1)
    assert run() == NOTHING | {"undone": 1}
    assert agenda(pending) == []
    record = pending.app.instances.get("business-1")
    assert (record.state, record.undone, record.content) == ("RELEASED", True, None)
    assert ("release", "business-1", "business-1:undo") in pending.provisioner.calls
    [line] = log_lines("a creation was undone: its order has failed for good")
    assert (line["level"], line["order_id"], line["instance_id"]) == ("ERROR", "CS1", "business-1")


def test_when_an_order_is_lost_is_a_setting(tmp_path, run):
    world = World(tmp_path, {"KOOGALLERY_GIVE_UP": "60"})
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2()
    world.clock.advance(61)
    assert run() == NOTHING | {"undone": 1}


def test_an_undoing_that_failed_is_done_by_a_later_run(pending, run):
    def fail(method):
        raise RuntimeError

    pending.clock.advance(4 * 3600 + 1)
    pending.provisioner.before = fail
    assert run() == NOTHING | {"pending": 1}
    pending.provisioner.before = None
    assert run() == NOTHING | {"pending": 1}, "the lease still holds"
    pending.clock.advance(61)
    assert run() == NOTHING | {"undone": 1}
    assert len({key for method, _, key in pending.provisioner.calls if method == "release"}) == 1


def test_a_restarted_order_is_created_again_under_its_id(pending, run):
    pending.clock.advance(4 * 3600 + 1)
    run()
    pending.provisioner.pending = False
    pending.provisioner.present = None
    answer = pending.send(purchase(pending, pending.version, business_id="business-9"))
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-1")
    record = pending.app.instances.get("business-1")
    assert (record.state, record.undone, record.closed_at) == ("ACTIVE", False, None)
    keys = [key for method, _, key in pending.provisioner.calls if method == "create"]
    assert keys == ["business-1", "business-1-2"]


def test_a_restarted_order_that_is_pending_again_is_on_the_agenda_again(pending, run):
    pending.clock.advance(4 * 3600 + 1)
    run()
    again = pending.send(purchase(pending, pending.version, business_id="business-9"))
    assert again["resultCode"] == "000004"
    assert agenda(pending) == ["business-1"]
    assert run() == NOTHING | {"pending": 1}
    pending.provisioner.present = READY
    assert run() == NOTHING | {"completed": 1}
    assert pending.state("business-1") == "ACTIVE"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_creation_that_died_and_was_undone_is_created_again_too(tmp_path, run, version):
    """The order's claim is still open then: the restart takes it over, with the same id."""
    world = World(tmp_path)
    world.values["KOOGALLERY_DEADLINE"] = "0.2"

    def fail_late(method):
        time.sleep(0.5)
        raise RuntimeError

    world.provisioner.before = fail_late
    assert world.send(purchase(world, version))["resultCode"] == "000004"
    end = time.monotonic() + 20
    while not world.tables.calls["idempotency", "replace"] and time.monotonic() < end:
        time.sleep(0.01)
    world.provisioner.before = None
    world.values["KOOGALLERY_DEADLINE"] = "30"
    world.clock.advance(4 * 3600 + 1)
    assert run() == NOTHING | {"undone": 1}
    answer = world.send(purchase(world, version, business_id="business-9"))
    assert (answer["resultCode"], answer["instanceId"]) == ("000000", "business-1")
    assert world.state("business-1") == "ACTIVE"
    assert world.provisioner.calls[-1] == ("create", "business-1", "business-1-2")


def test_an_entry_whose_instance_was_never_stored_goes_when_it_is_lost(world, run):
    world.app.agenda.add("never-stored", world.clock.now())
    assert run() == NOTHING | {"pending": 1}
    world.clock.advance(4 * 3600 + 1)
    assert run() == NOTHING | {"settled": 1}
    assert agenda(world) == []


def test_it_ends_before_the_platform_ends_it(pending, run):
    pending.provisioner.present = READY
    assert run(seconds=5.0) == NOTHING
    assert agenda(pending) == ["business-1"]


def test_a_run_that_fails_is_seen_by_the_platform(world, run, log_lines):
    def fail(table, method):
        raise OSError("personal data")

    world.tables.before = fail
    with pytest.raises(RunFailed, match=r"^sweep: OSError at "):
        run()
    [line] = log_lines("a scheduled run failed")
    assert (line["error"], line["interface"]) == ("OSError", "sweep")
    assert "personal data" not in log_lines.text


# --- what has expired -------------------------------------------------------------------------------------------------


def nonces(world: World, count: int) -> None:
    """So many nonces whose time is over."""
    expires = int(world.clock.now().timestamp())
    table = world.tables.table("idempotency")
    table.put_many({"pk": f"nonce#{number}", "sk": "-", "expires": expires} for number in range(count))
    world.clock.advance(1)


def stored(tmp_path) -> int:
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        return int(connection.execute("SELECT count(*) FROM idempotency").fetchone()[0])


def test_what_has_expired_is_removed(world, run, tmp_path, log_lines):
    nonces(world, sweep.PORTION + 1)
    world.buy()
    assert run() == NOTHING
    assert stored(tmp_path) == 1
    (line,) = log_lines("expired items were removed")
    assert line["count"] == sweep.PORTION + 1
    assert world.buy(business_id="again")["instanceId"] == "business-1"


def test_a_run_removes_so_much_and_no_more(world, run, tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "PORTION", 10)
    monkeypatch.setattr(sweep, "PORTIONS", 3)
    nonces(world, 45)
    assert [(run(), stored(tmp_path))[1] for _ in range(3)] == [15, 0, 0]


def test_pending_creations_come_first(pending, run, tmp_path, log_lines):
    nonces(pending, 5)
    run(seconds=5.0)
    assert log_lines("expired items were removed") == []


def test_it_costs_the_same_few_calls_where_nothing_is_to_be_done(world, run):
    """Each shard of the agenda is read once; the other six are findings, failed calls of two months, probes, refused
    calls, and notices that wait.
    """
    run()
    world.tables.reset()
    run()
    assert dict(world.tables.calls) == {
        ("agenda", "query"): SHARDS + 6,
        ("agenda", "get"): 2,
        ("agenda", "replace"): 1,
        ("instances", "query"): 3,
        ("*", "remove_expired"): 1,
        ("directory", "query"): 1,
    }


def test_it_costs_no_more_where_there_are_many_instances(world, run):
    """The listing and the creations of a big store are read by the page, a part of them at each run."""
    costs = []
    for count in (1, 400, 800):
        now = world.clock.now()
        made = [InstanceRecord(f"i{n}", f"o{n}", None, Version.V1, State.ACTIVE, now) for n in range(count)]
        table = world.tables.table("instances")
        table.put_many(world.app.instances._item(each) for each in made)
        table.put_many(hint for each in made for hint in hints(each, now))
        run()
        world.tables.reset()
        run()
        costs.append(world.tables.total)
    assert len(set(costs)) == 1
