"""Creation: what is stored when several are at it, and when the store says no."""

from dataclasses import replace

import pytest

from shared.clock import Deadline
from shared.commands import Purchase, Version
from shared.errors import Conflict
from shared.instance.access_details import current_access
from shared.instance.creation import store
from shared.instance.ordered import content_of
from shared.instance.pending import begun, provision, resume
from shared.instance.record import InstanceRecord
from shared.openapi.order import OrderNotFound
from shared.provisioning import Access, Pending, State
from tests.world import World, order

PURCHASE = Purchase("CS1", None, "i", None)


def deadline(world: World) -> Deadline:
    return Deadline(world.clock, 4)


def pending_record(world: World) -> InstanceRecord:
    return begun(world.app, PURCHASE, "i", Version.V2)


def active_record(world: World) -> InstanceRecord:
    return provision(world.app, pending_record(world), deadline(world))


def changed_meanwhile(world: World) -> None:
    """Before the next replacement somebody else stores the record."""
    intruder = world.app.instances.get("i")
    assert intruder is not None

    def before(table: str, method: str) -> None:
        if (table, method) == ("instances", "replace"):
            world.tables.before = lambda table, method: None
            world.app.instances.replace(replace(intruder, trial=True))

    world.tables.before = before


def test_the_content_of_an_order_is_its_line(world):
    world.orders.orders["CS1"] = order("CS1", "CS1-000002", quantity=3)
    content = content_of(world.app, "CS1", "CS1-000002", deadline(world))
    assert (content.specification.quantity, content.buyer.customer_id, content.trial) == (3, "customer-1", False)
    with pytest.raises(OrderNotFound):
        content_of(world.app, "CS1", "CS1-000009", deadline(world))


def test_what_is_active_wins_over_what_is_pending(world):
    stored = store(world.app, pending_record(world))
    assert (stored.state, stored.version) == (State.PENDING, 1)
    assert store(world.app, active_record(world)).state is State.ACTIVE
    assert store(world.app, pending_record(world)).state is State.ACTIVE
    assert world.state("i") == "ACTIVE"


def test_an_instance_of_another_order_is_not_touched(world):
    store(world.app, active_record(world))
    other = begun(world.app, Purchase("CS2", None, "i", None), "i", Version.V2)
    with pytest.raises(Conflict):
        store(world.app, other)
    assert world.app.instances.get("i").order_id == "CS1"


def test_whoever_loses_the_race_to_store_takes_what_is_there(world):
    store(world.app, pending_record(world))
    active = active_record(world)
    changed_meanwhile(world)
    assert store(world.app, active).trial is True
    assert world.state("i") == "PENDING"


def test_whoever_loses_the_race_to_resume_takes_what_is_there(world):
    record = store(world.app, pending_record(world))
    changed_meanwhile(world)
    assert resume(world.app, record, deadline(world)).trial is True
    assert world.provisioner.count("create") == 0


def test_what_is_done_or_in_hand_is_not_resumed(world):
    active = store(world.app, active_record(world))
    assert resume(world.app, active, deadline(world)) is active
    held = pending_record(world).held(world.clock.now() + world.app.lease)
    assert resume(world.app, held, deadline(world)) is held


def test_a_resumption_that_fails_drops_the_lease(world):
    record = store(world.app, pending_record(world))

    def fail(method):
        raise RuntimeError

    world.provisioner.before = fail
    with pytest.raises(RuntimeError):
        resume(world.app, record, deadline(world))
    assert not world.app.instances.get("i").leased(world.clock.now())


def test_a_way_in_that_appears_while_pending_is_stored(world):
    world.provisioner.pending = True
    world.provisioner.present = Pending()
    world.buy_v2(business_id="i")
    world.provisioner.present = Access("https://ready.example.com")
    record = resume(world.app, world.app.instances.get("i"), deadline(world))
    assert (record.state, record.access) == (State.ACTIVE, Access("https://ready.example.com"))
    assert record.started_at == world.clock.now()


@pytest.mark.parametrize("present", [None, Pending(), Access("not a url"), Access("https://a", password="x" * 80)])
def test_a_way_in_that_cannot_be_told_is_the_stored_one(world, present):
    record = store(world.app, active_record(world))
    world.provisioner.present = present
    assert current_access(world.app, record) == record.access


def test_whoever_loses_the_lease_while_creating_takes_what_is_there(world):
    record = store(world.app, pending_record(world))

    def meddle(method):
        stored = world.app.instances.get("i")
        world.app.instances.replace(replace(stored, trial=True))

    world.provisioner.before = meddle
    assert resume(world.app, record, deadline(world)).trial is True
    assert world.state("i") == "PENDING"
