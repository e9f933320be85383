"""Creation: what is stored when several are at it, and when the store says no."""

from dataclasses import replace
from typing import Any

import pytest

from shared.call import Call
from shared.clock import Deadline
from shared.commands import Purchase, Version
from shared.errors import Conflict, ProvisioningError, ResultCode, Unavailable
from shared.instance.access_details import current_access
from shared.instance.creation import create, repeated, store
from shared.instance.ordered import content_of
from shared.instance.outbox import Announcement
from shared.instance.pending import begun, provision, resume
from shared.instance.precedence import Stamp, Wish, WishKind
from shared.instance.record import InstanceRecord
from shared.instance.unfinished import Attempt
from shared.openapi.order import OrderNotFound
from shared.provisioning import Access, Pending, State
from shared.store.idempotency import Ran
from tests.world import World, order

PURCHASE = Purchase("CS1", None, "i", None)


def deadline(world: World) -> Deadline:
    return Deadline(world.clock, 4)


def call(world: World) -> Call:
    return Call(Version.V2, "newInstance", False, world.clock.now(), "key", {}, deadline(world))


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
    for record, state, version in (
        (pending_record(world), State.PENDING, 1),
        (pending_record(world), State.PENDING, 1),
        (active_record(world), State.ACTIVE, 2),
        (active_record(world), State.ACTIVE, 2),
        (pending_record(world), State.ACTIVE, 2),
    ):
        stored = store(world.app, record)
        assert (stored.state, stored.version) == (state, version)
    assert world.app.instances.get("i") == stored


def test_what_is_there_at_once_is_nothing_to_come_back_to(world):
    store(world.app, active_record(world))
    assert world.tables.calls["agenda", "put_many"] == 0


def test_what_came_while_it_was_pending_stays(world):
    came: dict[str, Any] = {
        "wishes": (Wish(WishKind.UNFREEZE, Stamp(1)),),
        "tried": {"U1/": Attempt(2)},
        "outbox": (Announcement(1, "instance.created", 1, State.PENDING),),
        "announced": 1,
        "others": {"of": "a newer release"},
    }
    world.app.instances.replace(replace(store(world.app, pending_record(world)), **came))
    active = store(world.app, active_record(world))
    assert {name: getattr(active, name) for name in came} == came
    assert world.app.instances.get("i") == active


def test_an_order_book_out_of_reach_does_not_hide_why_a_creation_failed(world):
    def fail(_method):
        raise ProvisioningError("no", ResultCode.PRODUCT_ERROR)

    def lost(_table, method):
        if method == "put_many":
            raise Unavailable("the store does not answer")

    world.provisioner.before, world.tables.before = fail, lost
    assert world.buy() == {"resultCode": "000104", "resultMsg": "no"}


def test_work_that_was_begun_before_asks_for_no_instance_of_another_order(world):
    store(world.app, replace(active_record(world), order_id="CS2"))
    with pytest.raises(Conflict, match=r"^businessId was used by another order$"):
        create(world.app, call(world), PURCHASE, "i", again=True)
    assert world.provisioner.count("create") == 1


def test_work_that_was_begun_before_is_carried_on_with(world):
    found = store(world.app, active_record(world))
    assert create(world.app, call(world), PURCHASE, "i", again=True) == Ran("i", finished=True, result=found)
    assert world.provisioner.count("create") == 1


def test_an_order_whose_instance_is_missing_is_asked_for_again(world):
    with pytest.raises(Unavailable, match=r"^the instance of the order is missing$"):
        repeated(world.app, call(world), PURCHASE, Ran("i", finished=True))


@pytest.mark.parametrize("version", Version)
def test_only_version_2_may_say_that_a_paid_order_goes_on_while_the_product_is_out_of_reach(world, version):
    found = store(world.app, pending_record(world))

    def fail(_method):
        raise Unavailable("no answer")

    world.provisioner.before = fail
    repeat = replace(call(world), version=version)
    if version is Version.V1:
        with pytest.raises(Unavailable, match=r"^no answer$"):
            repeated(world.app, repeat, PURCHASE, Ran("i", finished=True, found=found))
    else:
        assert repeated(world.app, repeat, PURCHASE, Ran("i", finished=True, found=found)).state is State.PENDING


def test_a_customer_who_is_not_known_yet_is_not_another_one(world):
    told = replace(PURCHASE, content=content_of(world.app, "CS1", None, deadline(world)))
    found = store(world.app, pending_record(world))
    assert repeated(world.app, call(world), told, Ran("i", finished=True, found=found)).customer_id == "customer-1"


def test_an_undone_instance_is_made_anew_by_the_next_repeat(world):
    undone = replace(store(world.app, pending_record(world)).released(world.clock.now()), undone=True)
    found = world.app.instances.replace(undone)
    record = repeated(world.app, call(world), PURCHASE, Ran("i", finished=True, found=found))
    assert (record.state, record.undone, record.attempt) == (State.ACTIVE, False, 2)


def test_an_instance_of_another_order_is_not_touched(world):
    store(world.app, active_record(world))
    other = begun(world.app, Purchase("CS2", None, "i", None), "i", Version.V2)
    with pytest.raises(Conflict, match=r"^businessId was used by another order$"):
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
