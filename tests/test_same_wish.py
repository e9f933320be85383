"""One order in other words: however its calls are spelt and in whatever order they come, each product or line of it is
one instance.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.call import Call
from shared.clock import Deadline, SystemClock
from shared.commands import Version
from shared.errors import Unavailable
from shared.instance.creation import store
from shared.instance.record import InstanceRecord
from shared.openapi.order import Order, OrderLine
from shared.provisioning import Charging, Specification, State
from shared.store.idempotency import Ran
from tests.examples import examples
from tests.market import V1, renewal
from tests.world import World, order, together

MODES = {"period": [1, None], "one-time": [3, None]}
NO_PERIOD: dict[str, Any] = {"periodType": None, "periodNumber": None, "expireTime": None}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def buy(world: World, number: int, **fields: Any) -> str:
    """The id that a version 1 purchase of order CS1 is answered with; ``number`` makes its ``businessId``."""
    answer = world.buy("CS1", f"business-{number}", **fields)
    assert answer["resultCode"] == "000000"
    return str(answer["instanceId"])


def pay_per_use(world: World, number: int, product: str, mode: int | None) -> str:
    return buy(world, number, **NO_PERIOD, productId=product, chargingMode=mode)


# --- version 1: orders and products -----------------------------------------------------------------------------------

words = st.tuples(st.sampled_from(["sms", "mms", "fax"]), st.sampled_from([0, None]), st.booleans())


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(words, min_size=1, max_size=9))
def test_each_product_of_a_pay_per_use_order_is_one_instance(calls: list[tuple[str, int | None, bool]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        told: dict[str, set[str]] = {}
        for number, (product, mode, restart) in enumerate(calls):
            if restart:
                world.restarted()
            told.setdefault(product, set()).add(pay_per_use(world, number, product, mode))
    assert all(len(ids) == 1 for ids in told.values())
    assert len(set.union(*told.values())) == len(told) == world.provisioner.count("create")


@settings(max_examples=examples(40), deadline=None)
@given(
    st.sampled_from(["period", "one-time"]).flatmap(
        lambda kind: st.lists(
            st.fixed_dictionaries(
                {"chargingMode": st.sampled_from(MODES[kind])},
                optional={"amount": st.integers(1, 9), "skuCode": st.just("sku-9"), "customerName": st.just("Li Si")},
            ),
            min_size=1,
            max_size=6,
        )
    )
)
def test_a_period_or_one_time_order_is_one_instance(calls: list[Mapping[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        told = {buy(world, number, **fields) for number, fields in enumerate(calls)}
    assert told == {"business-0"}
    assert world.provisioner.count("create") == 1


@pytest.mark.parametrize("first", [1, 3])
@pytest.mark.parametrize("later", [1, 3, None])
def test_a_period_order_that_is_told_with_another_product_is_the_same(
    world: World, first: int, later: int | None
) -> None:
    ids = {
        buy(world, 1, **NO_PERIOD, chargingMode=first),
        buy(world, 2, **NO_PERIOD, chargingMode=later, productId="p2"),
    }
    assert ids == {"business-1"}


@pytest.mark.parametrize("mode", [1, None])
def test_a_renewed_instance_is_told_with_its_new_product(world: World, mode: int | None) -> None:
    """On a renewal that changes the period type the product changes (section 2.1)."""
    assert buy(world, 1, **NO_PERIOD, chargingMode=None, productId="monthly") == "business-1"
    for renewal_id, product in (("R1", "yearly"), ("R2", "two-yearly")):
        request = renewal(world, V1, "business-1", renewal_id, productId=product)
        assert world.send(request)["resultCode"] == "000000"
    for number, product in enumerate(["two-yearly", "yearly", "monthly"], 2):
        assert buy(world, number, **NO_PERIOD, chargingMode=mode, productId=product) == "business-1"


@pytest.mark.parametrize("mode", [1, None, 0])
def test_a_trial_that_became_pay_per_use_is_told_with_its_new_product(world: World, mode: int | None) -> None:
    assert buy(world, 1, trialFlag=1, chargingMode=mode, productId="trial") == "business-1"
    request = renewal(world, V1, "business-1", trialToFormal=2, productId="formal")
    assert world.send(request)["resultCode"] == "000000"
    assert pay_per_use(world, 2, "formal", 0) == "business-1"


def test_nobody_gets_the_instance_of_another_customer(world: World) -> None:
    pay_per_use(world, 1, "sms", 0)
    pay_per_use(world, 2, "mms", None)
    for product in ("sms", "mms", "fax"):
        for mode in (0, None, 1):
            answer = world.buy("CS1", "business-9", productId=product, chargingMode=mode, customerId="customer-2")
            assert (answer["resultCode"], "instanceId" in answer) == ("000002", False)
    assert world.state("business-9") is None


def test_a_claim_stays_its_products_though_its_instance_id_was_taken(world: World) -> None:
    def fail(_method: str) -> None:
        raise TimeoutError

    world.provisioner.before = fail
    sms = {**NO_PERIOD, "productId": "sms", "chargingMode": None}
    assert world.buy("CS1", "business-1", **sms)["resultCode"] == "000005"
    world.provisioner.before = None
    assert world.buy("CS0", "business-1")["resultCode"] == "000000"
    assert pay_per_use(world, 2, "mms", None) == "business-2"
    assert world.buy("CS1", "business-3", **sms)["resultCode"] == "000002"
    assert pay_per_use(world, 4, "mms", None) == "business-2"
    assert pay_per_use(world, 5, "sms", None) == "business-5"


def test_products_at_once_are_one_instance_each(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_DEADLINE": "30"}, clock=SystemClock())
    products, modes = ("sms", "mms", "fax"), (0, None)

    def call(index: int) -> tuple[str, str]:
        product = products[index % 3]
        return product, pay_per_use(world, index, product, modes[index % 2])

    told = dict.fromkeys(products, "")
    for product, instance_id in together(30, call):
        assert told[product] in ("", instance_id)
        told[product] = instance_id
    assert len(set(told.values())) == world.provisioner.count("create") == 3


# --- version 2: lines -------------------------------------------------------------------------------------------------


def buy_v2(world: World, number: int, line: str | None, code: str = "000000") -> str:
    answer = world.buy_v2("CS2", f"business-{number}", orderLineId=line)
    assert answer["resultCode"] == code
    return str(answer["instanceId"])


@pytest.mark.parametrize("line", ["CS2-000001", "CS2-000007", "another-form"])
@pytest.mark.parametrize("spelt", [(True, False), (False, True), (False, False, True), (True, False, False)])
def test_a_line_that_is_not_named_is_the_only_one(world: World, line: str, spelt: tuple[bool, ...]) -> None:
    world.orders.orders["CS2"] = order("CS2", line)
    told = {buy_v2(world, number, line if named else None) for number, named in enumerate(spelt)}
    assert told == {"business-0"}
    assert world.provisioner.count("create") == 1
    record = world.app.instances.get("business-0")
    assert record is not None
    assert record.order_part == line


@pytest.mark.parametrize("line", ["CS2-000001", "CS2-000007", "another-form"])
@pytest.mark.parametrize("spelt", [(True, False), (False, True), (False, False, True), (True, False, False)])
def test_a_line_is_the_same_while_the_order_query_is_down(world: World, line: str, spelt: tuple[bool, ...]) -> None:
    """Which line is meant by a call that names none, only the order query can tell; the next attempt will know."""
    world.orders.orders["CS2"] = order("CS2", line)
    world.orders.error = Unavailable("no answer in time")
    answers = [
        world.buy_v2("CS2", f"business-{number}", orderLineId=line if named else None)
        for number, named in enumerate(spelt)
    ]
    told = {answer["instanceId"] for answer in answers if answer["resultCode"] == "000004"}
    assert {answer["resultCode"] for answer in answers} <= {"000004", "000005"}
    assert len(told) == 1
    world.orders.error = None
    assert {buy_v2(world, number, line if named else None) for number, named in enumerate(spelt, 5)} == told
    assert world.provisioner.count("create") == 1


def test_a_creation_that_outlasts_its_call_is_not_parked_under_no_line(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_DEADLINE": "0.3"}, clock=SystemClock())
    world.orders.orders["CS2"] = order("CS2", "CS2-000007")
    world.orders.before = lambda _method: time.sleep(0.6)
    assert world.buy_v2("CS2", "business-0", orderLineId=None)["resultCode"] == "000005"
    world.orders.before = None
    world.values["KOOGALLERY_DEADLINE"] = "30"
    time.sleep(0.6)
    assert buy_v2(world, 1, "CS2-000007") == buy_v2(world, 2, None)
    assert world.provisioner.count("create") == 1


def test_lines_at_once_are_one_instance_each(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_DEADLINE": "30"}, clock=SystemClock())
    world.orders.orders["CS2"] = order("CS2", "CS2-000007")
    told = together(20, lambda index: buy_v2(world, index, None if index % 2 else "CS2-000007"))
    assert len(set(told)) == world.provisioner.count("create") == 1


def lines(charging: Charging, *products: str) -> Order:
    """An order with a line for each product."""
    first = order("CS2")
    return Order(
        first.order_id,
        first.order_type,
        first.created_at,
        tuple(
            OrderLine(f"CS2-00000{number}", Specification(product_id=product, charging=charging))
            for number, product in enumerate(products, 1)
        ),
        first.buyer,
    )


def test_the_lines_of_a_pay_per_use_order_are_told_apart_by_product(world: World) -> None:
    """Section 3.1: idempotent by order and product, which comes from the order query."""
    world.orders.orders["CS2"] = lines(Charging.ON_DEMAND, "sms", "mms", "sms")
    told = [buy_v2(world, number, f"CS2-00000{number}") for number in (3, 2, 1, 3)]
    assert told == ["business-3", "business-2", "business-3", "business-3"]
    assert world.provisioner.count("create") == 2


@pytest.mark.parametrize("charging", [Charging.PERIOD, Charging.ON_DEMAND_PACKAGE])
def test_other_lines_are_told_apart_by_their_ids(world: World, charging: Charging) -> None:
    world.orders.orders["CS2"] = lines(charging, "same", "same")
    assert [buy_v2(world, number, f"CS2-00000{number}") for number in (1, 2)] == ["business-1", "business-2"]


def test_which_of_several_lines_is_not_guessed_at(world: World) -> None:
    world.orders.orders["CS2"] = lines(Charging.PERIOD, "a", "b")
    answer = world.buy_v2("CS2", orderLineId=None)
    assert answer == {
        "resultCode": "000002",
        "resultMsg": "orderLineId is missing or malformed, and the order has several lines",
    }
    assert world.provisioner.count("create") == 0


# --- what the first release claimed -----------------------------------------------------------------------------------


def claimed_before(world: World, key: str, record: InstanceRecord, *, dead: bool = False) -> None:
    """A claim of the first release, which has nothing beside it and says itself that it is completed, and its instance,
    unless the call was ``dead``.
    """

    def work(subject: str, _again: bool) -> Ran[InstanceRecord]:
        if dead:
            raise RuntimeError
        store(world.app, record)
        return Ran(subject, finished=True)

    call = Call(record.protocol, "newInstance", False, world.clock.now(), "", {}, Deadline(world.clock, 4))
    with suppress(RuntimeError):
        world.app.once.run(key, record.instance_id, work, call)
    assert world.tables.calls["idempotency", "replace"] == 1, "the claim itself says how it ended"


def old(version: Version, order_id: str, part: str | None, product: str, charging: Charging) -> InstanceRecord:
    bought, at = Specification(product_id=product, charging=charging), datetime(2026, 1, 1, tzinfo=UTC)
    return InstanceRecord("business-old", order_id, part, version, State.ACTIVE, at, "customer-1", bought)


@pytest.mark.parametrize("dead", [False, True])
def test_a_pay_per_use_order_of_the_first_release_is_found(world: World, dead: bool) -> None:
    claimed_before(world, "CS1/sms", old(Version.V1, "CS1", "sms", "sms", Charging.ON_DEMAND), dead=dead)
    assert pay_per_use(world, 1, "sms", 0) == "business-old"
    assert pay_per_use(world, 2, "mms", 0) == "business-2"
    assert [pay_per_use(world, 3, product, None) for product in ("sms", "mms")] == ["business-old", "business-2"]


@pytest.mark.parametrize("dead", [False, True])
def test_a_period_order_of_the_first_release_is_found(world: World, dead: bool) -> None:
    claimed_before(world, "CS1/", old(Version.V1, "CS1", None, "p1", Charging.PERIOD), dead=dead)
    for number, mode in enumerate([None, 1]):
        assert buy(world, number, chargingMode=mode, productId="p2") == "business-old"
    assert world.buy("CS1", "business-9", customerId="customer-2")["resultCode"] == "000002"


@pytest.mark.parametrize("dead", [False, True])
def test_an_order_without_line_of_the_first_release_is_found(world: World, dead: bool) -> None:
    claimed_before(world, "CS2/", old(Version.V2, "CS2", None, "OFFI1", Charging.PERIOD), dead=dead)
    assert [buy_v2(world, number, line) for number, line in enumerate([None, "CS2-000001"])] == ["business-old"] * 2
