"""``koogallery migrate`` on a store that the first release has filled."""

import json
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest

from emulator.commands.cli import main
from shared.app import App
from shared.errors import Unavailable
from shared.instance.lookup import happened, listed, of_customer, of_order
from shared.orders.book import BookedOrder, booked
from shared.orders.told import ToldOrder
from shared.provisioning import OrderType, State
from shared.repair.migrate import migrated
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.table import NAMES, Item, Tables
from tests.engines import ENVIRONMENT
from tests.first_release import STATES, clock, fill
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path, clock=clock())
    fill(world.tables)
    return world


def run(app: App, *, dry_run: bool = False) -> tuple[int, int]:
    found = list(migrated(app, dry_run=dry_run))
    return sum(each.instances for each in found), sum(each.missing for each in found)


def everything(tables: Tables) -> dict[tuple[str, str, str], Item]:
    """All that is stored; when a hint was written does not matter."""
    items = [(name, each) for name in NAMES for each in tables.table(name).scan(limit=10_000).items]
    return {
        (name, each["pk"], each["sk"]): {member: value for member, value in each.items() if member != "at_ms"}
        for name, each in items
    }


def test_before_it_nothing_is_found_and_after_it_all(world: World) -> None:
    assert not listed(world.app, None, None).instances
    assert run(world.app)[0] == len(STATES)

    assert {each.instance_id: each.state.value for each in listed(world.app, None, None).instances} == STATES
    frozen = {name for name, state in STATES.items() if state == "FROZEN"}
    assert {each.instance_id for each in listed(world.app, State.FROZEN, None).instances} == frozen
    assert [each.instance_id for each in of_customer(world.app, "customer-2").instances] == ["v1-frozen"]
    orders = ("CS-V1-LIFE", "CS-V1-RENEWAL", "CS-V1-UPGRADE", "CS-V2-RENEWAL", "CS-V2-PENDING")
    found = [of_order(world.app, each).instances[0].instance_id for each in orders]
    assert found == ["v1-life", "v1-life", "v1-life", "v2-life", "v2-pending"]
    assert {each.instance_id for each in of_order(world.app, "CS-V1-USE").instances} == {"v1-use-sms", "v1-use-mms"}
    (entry,) = happened(world.app, "v1-life")
    assert (entry.what, entry.order_id, entry.at.isoformat()) == ("create", "CS-V1-LIFE", "2026-11-20T08:31:00+00:00")


def test_what_is_there_stays_as_it_is(world: World) -> None:
    before = everything(world.tables)
    run(world.app)
    after = everything(world.tables)
    assert {key: after[key] for key in before} == before


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    before = everything(world.tables)
    instances, missing = run(world.app, dry_run=True)
    assert everything(world.tables) == before
    assert run(world.app) == (instances, missing)
    assert len(everything(world.tables)) == len(before) + missing
    assert run(world.app) == (instances, 0), "it is done"


@pytest.mark.sweep
def test_killed_anywhere_and_run_again_it_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = World(tmp_path / "whole", clock=clock())
    fill(whole.tables)
    filled = copytree(tmp_path / "whole", tmp_path / "filled")
    run(whole.app)
    wanted = everything(whole.tables)
    for fatal in range(1000):
        world = World(copytree(filled, tmp_path / str(fatal)), clock=clock())
        passed = 0

        def point(_table: str, _method: str, fatal: int = fatal) -> None:
            nonlocal passed
            if passed == fatal:
                raise KeyboardInterrupt
            passed += 1

        world.tables.after = point
        try:
            run(world.app)
        except KeyboardInterrupt:
            world.tables.after = lambda _table, _method: None
            run(world.app)
            assert everything(world.tables) == wanted
        else:
            assert fatal > 3, "there are points to be killed at"
            return


def test_what_calls_tell_meanwhile_counts(world: World) -> None:
    """A server writes between reading and writing: an order with its amount, and a change."""
    told = ToldOrder("CS-V1-LIFE", None, OrderType.NEW, Decimal("8.80"))
    order = BookedOrder(told, "v1-life", "customer-1", "product", clock().now(), clock().now(), "done")
    begun: list[str] = []

    def meanwhile(table: str, method: str) -> None:
        if (table, method) == ("instances", "create") and not begun:
            begun.append(method)
            world.app.instances.book(order)
            world.send(world.v1.call("expireInstance", instanceId="v1-life"))

    world.tables.before = meanwhile
    run(world.app)
    world.tables.before = lambda _table, _method: None
    assert begun
    item = world.tables.table("instances").get(*order.key)
    assert item
    assert booked(item) == order
    assert {each.what for each in happened(world.app, "v1-life")} == {"create", "freeze"}
    states = {each.instance_id: each.state for each in listed(world.app, None, None).instances}
    assert states["v1-life"] is State.FROZEN


def test_an_instance_of_this_release_lacks_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.buy()
    world.buy_v2()
    world.clock.advance(60)
    world.send(world.v1.call("expireInstance", instanceId="business-1"))
    given_back = world.v1.call("releaseInstance", instanceId="business-1", orderId="CS-back", orderAmount="free")
    assert world.send(given_back)["resultCode"] == "000000"
    before = everything(world.tables)
    assert run(world.app) == (2, 0)
    assert everything(world.tables) == before


def test_the_store_fails_and_it_says_so(world: World) -> None:
    def fails(table: str, method: str) -> None:
        if (table, method) == ("instances", "create"):
            raise Unavailable("the store is busy")

    world.tables.before = fails
    with pytest.raises(Unavailable):
        run(world.app)


def test_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["instances"], told["written"]) == (len(STATES), 0)
    assert main(["migrate", "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"{len(STATES)} instances, {told['missing']} items added beside them\n"
    assert main(["list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["instances"]) == len(STATES)


@pytest.mark.engines
def test_on_dynamodb(tmp_path: Path, dynalite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    ensure_tables(administration(dynalite), "migrate-")
    world = World(tmp_path, clock=clock(), tables=DynamoTables(prefix="migrate-", clock=clock(), endpoint=dynalite))
    fill(world.tables)
    instances, missing = run(world.app)
    assert (instances, run(world.app)) == (len(STATES), (len(STATES), 0))
    assert missing
    assert {each.instance_id for each in listed(world.app, None, None).instances} == set(STATES)
