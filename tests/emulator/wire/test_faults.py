"""Which fault a call meets."""

from emulator.marketplace.faults.fault_list import IDENTITY_FAULTS, ORDER_FAULTS, USAGE_FAULTS
from emulator.texts import texts
from emulator.wire.faults import NOTHING, Fault, FaultQueue
from tests.fakes import FakeClock


def test_in_the_order_of_injection_then_by_chance() -> None:
    queue = FaultQueue(FakeClock())
    assert queue.next() == NOTHING
    drawn = iter([Fault(501), Fault(502)])
    queue.chance = lambda: next(drawn)
    queue.inject(Fault(400), 2)
    queue.inject(Fault(404))
    assert [queue.next().status for _ in range(5)] == [400, 400, 404, 501, 502]


def test_one_that_does_not_fit_waits() -> None:
    queue = FaultQueue(FakeClock())
    for status, path in ((500, "/a"), (501, "/b"), (502, "/a")):
        queue.inject(Fault(status, at=(path,)))
    assert [queue.next(path).status for path in ("/b", "/b", "/a")] == [501, None, 500]
    queue.chance = lambda: Fault(503, at=("/b",))
    assert [queue.next(path).status for path in ("/a", "/a", "/b")] == [502, None, 503]


def test_every_fault_that_can_be_switched_on_has_an_id_of_its_own_and_a_title() -> None:
    for beginning, faults in (("usage-", USAGE_FAULTS), ("orders-", ORDER_FAULTS), ("sign-in-", IDENTITY_FAULTS)):
        titles = [texts()[f"faults.what.{name}"]["en"] for name in faults]
        assert all(name.startswith(beginning) for name in faults)
        assert all(titles)
        assert len(set(titles)) == len(titles)
