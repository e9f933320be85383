"""How one change is made: by one caller at a time, once, and so that after a crash it is known what to doubt."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.call import Call
from shared.clock import Deadline, epoch_ms
from shared.commands import Version
from shared.errors import InProcess, ProvisioningError, ResultCode, Unavailable
from shared.instance.at_work import at_work
from shared.instance.change import Change, ChangeOrder
from shared.instance.changes import POLL_SECONDS, make
from shared.instance.lookup import happened
from shared.instance.record import InstanceRecord
from shared.instance.transitions import Event
from shared.instance.unfinished import Aspect, Attempt
from shared.provisioning import Pending, State
from tests.market import V1, V2, bought, freezing, release, renewal, unfreezing, upgrade
from tests.world import World

INSTANCE = "business-1"
SUCCESS = {"resultCode": "000000", "resultMsg": "success."}
AGAIN = {"resultCode": "000004", "resultMsg": "in process, ask again"}
PERIOD, SERVICE, SPECIFICATION = (frozenset({each}) for each in (Aspect.PERIOD, Aspect.SERVICE, Aspect.SPECIFICATION))


def call(world: World, seconds: float = 5) -> Call:
    """Sent now, to be answered within ``seconds``."""
    return Call(Version.V1, "any", False, world.clock.now(), "key", {}, Deadline(world.clock, seconds))


def upgrading(carry_out: Callable[[InstanceRecord], InstanceRecord] = lambda held: held, order: str = "U1") -> Change:
    """A change that tells of the specification."""
    return Change(Event.UPGRADE, f"{order}/", lambda held, *_: carry_out(held), ChangeOrder(f"{order}/", "", "words"))


def stored(world: World) -> InstanceRecord:
    """The instance as it is."""
    record = world.app.instances.get(INSTANCE)
    assert record is not None
    return record


def kept(world: World, **members: object) -> InstanceRecord:
    """The instance with ``members``, which somebody has just stored."""
    return world.app.instances.replace(replace(stored(world), **members))  # type: ignore[arg-type]


def read_too_soon(world: World, number: int = 1) -> None:
    """Somebody stores the instance just after the read number ``number`` from now."""
    left = [None] * number

    def after(table: str, method: str) -> None:
        if (table, method) == ("instances", "get") and left:
            left.pop()
            if not left:
                kept(world)

    world.tables.after = after


def failing(world: World, error: Exception) -> None:
    """The provisioner fails from now on."""

    def fail(_method: str) -> None:
        raise error

    world.provisioner.before = fail


# --- one at a time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "pauses"), [(POLL_SECONDS, 0), (2.5 * POLL_SECONDS, 2)])
def test_whoever_is_at_work_is_waited_for_as_long_as_there_is_time_for_another_look(
    world: World, seconds: float, pauses: int
) -> None:
    bought(world, V1)
    kept(world, lease_until_ms=epoch_ms(world.clock.now() + world.app.lease))
    with pytest.raises(InProcess, match=r"^in process, ask again$"):
        make(world.app, call(world, seconds), INSTANCE, upgrading())
    assert world.clock.slept == [POLL_SECONDS] * pauses


def test_a_call_that_was_answered_is_answered_again_though_someone_is_at_work(world: World) -> None:
    bought(world, V1)
    held = kept(world, lease_until_ms=epoch_ms(world.clock.now() + world.app.lease))
    known = Change(Event.FREEZE, "FREEZE", lambda *_: pytest.fail("it was done"), unnoticed=lambda record, _: record)
    assert make(world.app, call(world), INSTANCE, known) == held
    assert (stored(world), world.clock.slept) == (held, [])


# --- before the instance is there -------------------------------------------------------------------------------------


@pytest.fixture
def pending(world: World) -> World:
    """Its only instance is still being created."""
    world.provisioner.pending, world.provisioner.present = True, Pending()
    world.buy_v2("CS1", INSTANCE)
    return world


def waits(world: World) -> InstanceRecord:
    """The instance after an upgrade that has to wait."""
    with pytest.raises(InProcess, match=r"^the instance is being created, ask again$"):
        make(world.app, call(world), INSTANCE, upgrading())
    return stored(world)


def test_what_comes_too_soon_counts_from_its_first_call(pending: World) -> None:
    sent_ms, before = epoch_ms(pending.clock.now()), stored(pending)
    waiting = waits(pending)
    assert waiting.tried == {"U1/": Attempt(sent_ms)}
    pending.clock.advance(60)
    assert waits(pending) == waiting, "the repeat leaves nothing to store"
    assert waiting.version == before.version + 1


def test_whoever_creates_an_instance_is_not_disturbed(pending: World) -> None:
    held = kept(pending, lease_until_ms=epoch_ms(pending.clock.now() + pending.app.lease))
    assert waits(pending) == held
    kept(pending, lease_until_ms=0)
    read_too_soon(pending)
    assert waits(pending).tried == {}


def test_a_release_that_fails_leaves_open_what_a_pending_instance_will_start_with(pending: World) -> None:
    failing(pending, ProvisioningError("no", ResultCode.PRODUCT_ERROR))
    assert pending.send(release(pending, V1, INSTANCE))["resultCode"] == "000104"
    assert stored(pending).wishes == ()


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_the_provisioner_may_have_heard_of_it_as_long_as_its_work_is_not_stored(world: World) -> None:
    bought(world, V1)
    kept(world, unsure=PERIOD)
    seen: list[InstanceRecord] = []

    def carry_out(held: InstanceRecord) -> InstanceRecord:
        seen.extend([stored(world), held])
        return held

    after = make(world.app, call(world), INSTANCE, upgrading(carry_out))
    assert [each.unsure for each in seen] == [PERIOD | SPECIFICATION, PERIOD]
    assert (after.unsure, after.tried, after.leased(world.clock.now())) == (PERIOD, {}, False)


@pytest.mark.parametrize("asked", [True, False])
def test_what_failed_is_doubted_if_the_provisioner_was_asked(world: World, asked: bool) -> None:
    bought(world, V1)
    at_work(world.app, kept(world, unsure=PERIOD))  # in another piece of work

    def carry_out(held: InstanceRecord) -> InstanceRecord:
        if asked:
            at_work(world.app, held)
        raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        make(world.app, call(world), INSTANCE, upgrading(carry_out))
    record = stored(world)
    assert record.unsure == (PERIOD | SPECIFICATION if asked else PERIOD)
    assert not record.leased(world.clock.now())


def test_a_change_is_newer_than_the_last_one_and_not_older_than_its_call(world: World) -> None:
    bought(world, V1)
    sent_ms = epoch_ms(world.clock.now())
    assert [make(world.app, call(world), INSTANCE, upgrading(order=each)).changed_ms for each in ("U1", "U2")] == [
        sent_ms,
        sent_ms + 1,
    ]


def test_a_freeze_that_an_upgrade_overtook_still_counts(world: World) -> None:
    instance = bought(world, V1)
    world.clock.advance(60)
    overtaken = freezing(world, V1, instance)
    world.clock.advance(60)
    assert world.send(upgrade(world, V1, instance)) == SUCCESS
    assert world.send(overtaken) == SUCCESS
    assert world.state(instance) == "FROZEN"


def test_a_wish_that_turns_out_to_change_nothing_is_finished(world: World) -> None:
    bought(world, V1)
    kept(world, tried={"FREEZE": Attempt(1), "U1/": Attempt(2)})
    nothing = Change(Event.FREEZE, "FREEZE", lambda *_: pytest.fail("no effect"), unnoticed=lambda record, _: record)
    assert make(world.app, call(world), INSTANCE, nothing) == stored(world)
    assert stored(world).tried == {"U1/": Attempt(2)}


def test_telling_the_provisioner_again_is_no_change_and_was_done_all_the_same(world: World) -> None:
    bought(world, V1)
    make(world.app, call(world), INSTANCE, upgrading())
    world.clock.advance(1)
    make(world.app, call(world), INSTANCE, Change(Event.RESYNC, "resync", lambda held, *_: held))
    assert [(each.what, each.result) for each in happened(world.app, INSTANCE)[1:]] == [
        ("upgrade", "no effect"),
        ("resync", "done"),
    ]


# --- the keys that the provisioner is given ---------------------------------------------------------------------------


def test_an_attempt_at_an_order_has_the_key_of_the_one_before_unless_another_change_came_between(world: World) -> None:
    bought(world, V1)
    failing(world, ProvisioningError("no", ResultCode.PRODUCT_ERROR))
    sent_ms = epoch_ms(world.clock.now())
    for order in ("U1", "U1", "U2"):
        assert world.send(upgrade(world, V1, INSTANCE, order))["resultCode"] == "000104"
    world.provisioner.before = None
    for order in ("U2", "U1"):
        assert world.send(upgrade(world, V1, INSTANCE, order)) == SUCCESS
    assert world.send(freezing(world, V1, INSTANCE)) == SUCCESS
    assert [key for _, _, key in world.provisioner.calls[1:]] == [
        "business-1:upgrade:U1/",
        "business-1:upgrade:U1/",
        "business-1:upgrade:U2/",
        "business-1:upgrade:U2/",
        f"business-1:upgrade:U1/:{sent_ms}",
        f"business-1:freeze:{sent_ms + 1}",
    ]


def test_changes_of_one_moment_have_keys_of_their_own(world: World) -> None:
    instance = bought(world, V1)
    for _ in range(2):
        for each in (freezing, unfreezing):
            assert world.send(each(world, V1, instance))["resultCode"] == "000000"
    keys = [key for _, _, key in world.provisioner.calls]
    assert (len(keys), len(set(keys))) == (5, 5)


def test_a_nonce_is_of_one_change_only(world: World) -> None:
    instance = bought(world, V1)
    assert world.send(freezing(world, V2, instance, nonce="once"))["resultCode"] == "000000"
    assert world.send(unfreezing(world, V2, instance, nonce="once"))["resultCode"] == "000001"
    assert world.send(unfreezing(world, V2, instance))["resultCode"] == "000000"


# --- when the lease runs out during the work --------------------------------------------------------------------------


def overtaken_by(world: World, **members: object) -> Callable[[InstanceRecord], InstanceRecord]:
    """Work during which somebody else stores the instance."""

    def carry_out(held: InstanceRecord) -> InstanceRecord:
        at_work(world.app, held)
        kept(world, **members)
        return held

    return carry_out


def refused(carry_out: Callable[[InstanceRecord], InstanceRecord]) -> Callable[[InstanceRecord], InstanceRecord]:
    """The same, which fails in the end."""

    def fail(held: InstanceRecord) -> InstanceRecord:
        carry_out(held)
        raise InProcess("in process, ask again")

    return fail


@pytest.mark.parametrize("ending", [lambda work: work, refused])
def test_two_at_work_leave_in_doubt_whom_the_provisioner_heard_last(world: World, ending: Any) -> None:
    bought(world, V1)
    with pytest.raises(InProcess, match=r"^in process, ask again$"):
        make(world.app, call(world), INSTANCE, upgrading(ending(overtaken_by(world, unsure=PERIOD, lease_until_ms=9))))
    record = stored(world)
    assert (record.unsure, record.lease_until_ms) == (PERIOD | SPECIFICATION, 9)


def test_of_what_is_released_nothing_is_in_doubt(world: World) -> None:
    bought(world, V1)
    with pytest.raises(InProcess):
        make(world.app, call(world), INSTANCE, upgrading(overtaken_by(world, unsure=frozenset(), state=State.RELEASED)))
    assert stored(world).unsure == frozenset()


def test_whoever_is_still_at_work_is_left_to_doubt(world: World) -> None:
    """The one who doubts is refused, the other one finds the instance changed and doubts as well."""
    bought(world, V1)
    overtaken = overtaken_by(world, unsure=frozenset())

    def carry_out(held: InstanceRecord) -> InstanceRecord:
        overtaken(held)
        read_too_soon(world)
        return held

    with pytest.raises(InProcess):
        make(world.app, call(world), INSTANCE, upgrading(carry_out))
    assert (stored(world).unsure, world.clock.slept) == (frozenset(), [])


def meddling(world: World, at: int) -> None:
    """Somebody else stores the instance just before its replacement number ``at`` from now."""
    seen = []

    def before(table: str, method: str) -> None:
        if (table, method) != ("instances", "replace"):
            return
        seen.append(method)
        if len(seen) == at:
            kept(world)

    world.tables.before = before


def test_whoever_comes_first_to_an_instance_is_waited_for(world: World) -> None:
    instance = bought(world, V1)
    meddling(world, at=1)
    assert world.send(renewal(world, V1, instance))["resultCode"] == "000000"
    assert world.provisioner.count("renew") == 1


def test_a_lease_that_ran_out_leaves_the_change_to_the_next_call(world: World) -> None:
    instance = bought(world, V1)
    meddling(world, at=2)
    assert world.send(renewal(world, V1, instance))["resultCode"] == "000004"
    world.clock.advance(61)
    assert world.send(renewal(world, V1, instance))["resultCode"] == "000000"
    assert len({key for method, _, key in world.provisioner.calls if method == "renew"}) == 1


def test_an_error_after_the_lease_ran_out_is_the_error_that_is_told(world: World) -> None:
    instance = bought(world, V1)
    meddling(world, at=2)

    def refuse(method: str) -> None:
        raise ProvisioningError("no", ResultCode.PRODUCT_ERROR)

    world.provisioner.before = refuse
    assert world.send(renewal(world, V1, instance)) == {"resultCode": "000104", "resultMsg": "no"}
