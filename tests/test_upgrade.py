"""A store of the first release works under this one, and what this one stores an older one can read."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.metering import upload
from functions.sweep import sweep
from shared.clock import Deadline
from shared.errors import ConfigurationError
from shared.instance.order_words import order_key
from shared.provisioning import State
from shared.store.formats import FORMAT, READ, NewerFormat, ReadableTables
from shared.store.sqlite.table import SqliteTables
from shared.store.table import WHOLE, Write
from tests.enterprise_calls import CLIENT_SECRET, V1, V2, Buyer, sync_settings, user
from tests.first_release import STATES, clock, fill, stored
from tests.shared.metering.market import FakeUsageApi
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A server of this release on the old store."""
    world = World(tmp_path, sync_settings(), clock())
    fill(world.tables)
    return world


def test_every_instance_is_read(world: World) -> None:
    found = world.app.instances.get_many(STATES)
    assert {name: each.state.value for name, each in found.items()} == STATES
    assert found["v1-life"].access
    assert found["v1-pending"].content
    assert found["v1-life"].specification.quantity == 5
    assert found["v1-life"].words_of(order_key("CS-V1-RENEWAL"), "")


def test_purchases_that_were_made_are_known(world: World) -> None:
    again = {
        "v1-life": world.purchase("CS-V1-LIFE", "other-1"),
        "v1-frozen": world.purchase("CS-V1-FROZEN", "other-2", customerId="customer-2"),
        "v2-life": world.purchase_v2("CS-V2-LIFE", "other-3"),
        "v1-use-mms": world.purchase(
            "CS-V1-USE",
            "other-4",
            productId="mms",
            chargingMode=0,
            periodType=None,
            periodNumber=None,
            expireTime=None,
        ),
    }
    answers = {name: world.send(request) for name, request in again.items()}
    assert {name: answer["instanceId"] for name, answer in answers.items()} == {name: name for name in again}
    assert world.provisioner.count("create") == 0


def test_pending_ones_are_carried_on_with(world: World) -> None:
    assert world.send(world.purchase("CS-V1-PENDING", "other"))["instanceId"] == "v1-pending"
    assert sweep(world.app, {}, Deadline(world.clock, 60))["completed"] == 1
    states = {name: each.state for name, each in world.app.instances.get_many(("v1-pending", "v2-pending")).items()}
    assert states == {"v1-pending": State.ACTIVE, "v2-pending": State.ACTIVE}


def test_one_that_was_undone_is_begun_anew(world: World) -> None:
    assert world.send(world.purchase("CS-V1-LOST", "other"))["instanceId"] == "v1-lost"


def calls(world: World) -> Iterator[tuple[str, Any]]:
    v1, v2 = world.v1.call, world.v2.call
    yield "000000", v1("queryInstance", instanceId="v1-life,v1-frozen")
    yield "000000", v2("queryInstance", instanceId="v2-life,v2-frozen")
    change: dict[str, Any] = {"productInfo": {"productId": "OFFI1", "skuCode": "sku-1", "linearValue": 20}}
    ids = {"orderId": "N0", "orderLineId": "N0-000001"}
    yield "000000", v2("changeInstanceCheck", instanceId="v2-life", **ids, **change)
    # Done before: no effect a second time.
    yield "000000", v1("refreshInstance", instanceId="v1-life", orderId="CS-V1-RENEWAL", expireTime="20281120235959")
    yield "000000", v1("refreshInstance", instanceId="v1-frozen", orderId="N1", expireTime="20291120235959")
    renewal = {"orderId": "N2", "orderLineId": "N2-000001", "scene": "RENEWAL", "expireTime": "20291120235959"}
    yield "000000", v2("refreshInstance", instanceId="v2-life", **renewal)
    yield "000000", v1("upgrade", instanceId="v1-life", orderId="N3", skuCode="sku-3", productId="00301-666666-0--0")
    yield "000000", v2("upgradeInstance", instanceId="v2-life", orderId="N4", orderLineId="N4-000001")
    yield "000000", v2("updateInstanceStatus", instanceId="v2-frozen", status="UNFREEZE")
    yield "000000", v2("updateInstanceStatus", instanceId="v2-thawed", status="FREEZE")
    yield "000000", v1("instanceStatus", instanceId="v1-use-sms", instanceStatus="FREEZE")
    yield "000000", v1("expireInstance", instanceId="v1-life")
    yield "000000", v1("releaseInstance", instanceId="v1-use-mms", orderId="CS-V1-USE")
    yield "000000", v1("releaseInstance", instanceId="v1-gone", orderId="CS-V1-GONE")
    yield "000003", v1("expireInstance", instanceId="nobody")


def test_all_interfaces_go_on_with_what_is_there(world: World) -> None:
    for code, request in calls(world):
        world.clock.advance(60)
        assert world.send(request)["resultCode"] == code
    found = world.app.instances.get_many(STATES)
    changed = {name: each.state.value for name, each in found.items() if each.state.value != STATES[name]}
    assert changed == {
        "v1-frozen": "ACTIVE",
        "v2-frozen": "ACTIVE",
        "v2-thawed": "FROZEN",
        "v1-use-sms": "FROZEN",
        "v1-life": "FROZEN",
        "v1-use-mms": "RELEASED",
    }
    assert world.provisioner.count("renew") == 2, "what was applied is not applied again"


def test_usage_goes_on(world: World) -> None:
    api = FakeUsageApi()
    world.app.__dict__["usage_push"] = api
    world.clock.advance(timedelta(hours=2))
    assert upload(world.app, {}, Deadline(world.clock, 600))["accepted"] == 1
    assert str(api.total("meter-1")).startswith("0.5"), "what was billed is not billed again"


@pytest.mark.parametrize("version", [V1, V2])
def test_the_directory_and_its_synchronisation_go_on(world: World, version: str) -> None:
    buyer = Buyer(world.clock, version, f"{version}-life", f"tenant-{version}")
    tenant = f"tenant-{version}"
    found = world.app.directory.users(tenant).users
    assert sorted(each.user_name for each in found) == ["li", "zhang"]
    assert {each.org_code for each in world.app.directory.departments(tenant).departments} == {"1", "2", "3"}
    application = world.app.directory.application(tenant, "app-1")
    assert application
    assert application.client_secret == CLIENT_SECRET
    for request in (buyer.users(user("wang")), buyer.departments(("1", ""), ("4", "1")), buyer.tenant(flag=0)):
        world.clock.advance(1)
        assert world.send(request, buyer.key)["resultCode"] == "000000"
    sweep(world.app, {}, Deadline(world.clock, 60))
    assert world.app.directory.users(tenant).users == []


def test_who_is_logged_in_stays_so(world: World) -> None:
    (session,) = world.app.sessions.stored()
    assert (session.tenant_id, session.user_name) == ("68cbc86tenant", "zhang@acme")


# --- formats ----------------------------------------------------------------------------------------------------------


def test_what_a_newer_release_wrote_is_refused_with_its_reason(tmp_path: Path) -> None:
    tables = ReadableTables(SqliteTables(str(tmp_path / "store.sqlite"), clock()))
    table = tables.table("instances")
    newer = {"pk": "business-1", "sk": WHOLE, FORMAT: READ + 1}
    table.create({"pk": "now", "sk": WHOLE, FORMAT: READ})
    table.create(newer)

    assert table.get("now")
    for read in (
        lambda: table.get("business-1"),
        lambda: table.get_many([("business-1", WHOLE)]),
        lambda: table.query("business-1"),
        lambda: table.query_many(["business-1"]),
        table.scan,
        lambda: table.create({"pk": "business-1", "sk": WHOLE}),
        lambda: table.write_many([Write("create", {"pk": "business-1", "sk": WHOLE})]),
    ):
        with pytest.raises(NewerFormat, match="run the newer release"):
            read()
    assert issubclass(NewerFormat, ConfigurationError)


def test_the_bundle_looks_at_formats(tmp_path: Path) -> None:
    from shared.app import App
    from shared.config import Settings, of

    values = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}
    assert isinstance(App(Settings(of(values), lambda _store, name: name)).tables, ReadableTables)


def test_what_a_newer_release_added_stays(world: World) -> None:
    table = world.tables.table("instances")
    item = table.get("v1-life")
    assert item
    table.replace(item | {"colour": {"of": "the future"}})
    world.clock.advance(60)
    world.send(world.v1.call("expireInstance", instanceId="v1-life"))
    after = table.get("v1-life")
    assert after
    assert (after["state"], after["colour"]) == ("FROZEN", {"of": "the future"})


OPTIONAL = {"closed_at", "content", "frozen_at", "undone"}
"""What the first release leaves out as well where there is none."""


def shape(item: dict[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in item.items() if value is not None}


def test_members_are_added_and_neither_renamed_nor_of_another_type(world: World) -> None:
    """So an older release reads what this one has written: it finds what it knows, and passes over the rest."""
    before = {(name, item["pk"], item["sk"]): shape(item) for name, item in stored()}
    for _, request in calls(world):
        world.clock.advance(60)
        world.send(request)
    sweep(world.app, {}, Deadline(world.clock, 60))

    for (name, pk, sk), known in before.items():
        if (item := world.tables.table(name).get(pk, sk)) is None:
            continue  # its time is over, or it is settled
        now = shape(item)
        assert {each: kind for each, kind in now.items() if known.get(each, kind) != kind} == {}, (name, pk)
        assert known.keys() - now.keys() <= OPTIONAL, (name, pk)


def test_it_goes_on_with_what_an_older_release_has_changed(world: World) -> None:
    """The first release drops the members it does not know when it changes an instance."""
    table = world.tables.table("instances")
    known = {member for name, item in stored() if name == "instances" for member in item}
    for order_id, instance_id in (("CS-A", "new-1"), ("CS-B", "new-2")):
        world.buy(order_id, instance_id)
    world.clock.advance(60)
    world.send(world.v1.call("expireInstance", instanceId="new-2"))
    for instance_id in ("new-1", "new-2"):
        item = table.get(instance_id)
        assert item
        assert item.keys() - known, "there is something to drop"
        table.replace({name: value for name, value in item.items() if name in known})

    v1, steps = world.v1.call, []
    for instance_id in ("new-1", "new-2"):
        steps += [
            v1("refreshInstance", instanceId=instance_id, orderId=f"R-{instance_id}", expireTime="20301120235959"),
            v1("expireInstance", instanceId=instance_id),
            v1("instanceStatus", instanceId=instance_id, instanceStatus="NORMAL"),
            v1("releaseInstance", instanceId=instance_id),
        ]
    for request in steps:
        world.clock.advance(60)
        assert world.send(request)["resultCode"] == "000000"
    counts = {name: world.provisioner.count(name) for name in ("create", "renew", "release")}
    assert counts == {"create": 2, "renew": 2, "release": 2}
