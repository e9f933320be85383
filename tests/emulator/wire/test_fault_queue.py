"""Which fault a call meets."""

from emulator.openapi.order_query import ORDER_FAULTS
from emulator.openapi.usage.faults import USAGE_FAULTS
from emulator.sign_in.faults import IDENTITY_FAULTS
from emulator.wire.fault_queue import FaultQueue


def test_in_the_order_of_injection_then_by_chance() -> None:
    queue = FaultQueue("nothing")
    assert queue.next() == "nothing"
    drawn = iter(["a", "b"])
    queue.chance = lambda: next(drawn)
    queue.inject("x", 2)
    queue.inject("y")
    assert [queue.next() for _ in range(5)] == ["x", "x", "y", "a", "b"]


def test_one_that_does_not_fit_waits() -> None:
    queue = FaultQueue("")
    for fault in ("a1", "b1", "a2"):
        queue.inject(fault)
    found = [queue.next(lambda fault, letter=letter: fault.startswith(letter)) for letter in "bba"]  # type: ignore[misc]
    assert found == ["b1", "", "a1"]
    queue.clear()
    assert queue.next() == ""


def test_every_fault_that_can_be_switched_on_has_an_id_of_its_own_and_a_title() -> None:
    tables = {
        "usage-": {name: fault.title for name, fault in USAGE_FAULTS.items()},
        "orders-": {name: fault.title for name, fault in ORDER_FAULTS.items()},
        "sign-in-": {name: fault.title for name, fault in IDENTITY_FAULTS.items()},
    }
    for beginning, titles in tables.items():
        assert all(name.startswith(beginning) for name in titles)
        assert all(titles.values())
        assert len(set(titles.values())) == len(titles)
