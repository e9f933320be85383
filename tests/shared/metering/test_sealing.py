"""Which marked slots of a shard are sealed, in pages of which size, and what fails for one instance alone."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.metering.accounts import Account
from shared.metering.events import Mark
from shared.metering.meter import Meter, Wanted
from shared.metering.sealing import FIRST_PAGE, LARGEST_PAGE, QUICK, Sealed, Sealer
from shared.metering.slots import HOUR, SECOND, SETTLING, Slot, slot_of
from shared.provisioning import Package
from shared.usage_limits import LATE_LIMIT
from tests.fakes import FakeClock
from tests.logs import LogLines
from tests.shared.metering.market import START

SLOT = slot_of(START, daily=False)
UNMETERED = "sold otherwise"
PACKAGES = (Package("package", Decimal(10)),)


class NotingLedger:
    """A ledger that notes what it is asked to seal, and takes its time for it. ``bad`` cannot be sealed."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[list[str]] = []
        self.seconds = 0.0
        self.bad, self.error = "", Exception()
        self.left = Decimal(0)

    def seal(self, wanted: Sequence[Wanted]) -> tuple[list[Any], set[tuple[str, Slot]]]:
        self.asked.append([each.meter.instance_id for each in wanted])
        self.clock.advance(self.seconds)
        if self.bad in self.asked[-1]:
            raise self.error
        return [], set()

    def account(self, instance_id: str) -> Account:
        return Account(instance_id, {"package": Decimal(10)})

    def waiting(self, _meter: Meter, _slot: Slot) -> Decimal:
        return self.left


class Shard:
    """Marks of slots that are over, and a sealer of them."""

    def __init__(self) -> None:
        self.clock = FakeClock(SLOT.end + 5 * HOUR)
        self.books = NotingLedger(self.clock)
        self.marked: list[Mark] = []
        self.packages_asked: list[str] = []
        self.stop: Callable[[Meter], None] = lambda _meter: None
        self.packages: tuple[Package, ...] = ()

    def mark(self, instance_id: str, slot: Slot = SLOT) -> None:
        self.marked.append(Mark(instance_id, slot, ("due#0", f"{len(self.marked)}"), settled=True))

    def marks(self, _shard: int) -> Any:
        return iter(self.marked)

    def with_packages(self, meter: Meter) -> Meter:
        self.packages_asked.append(meter.instance_id)
        return Meter(meter.instance_id, meter.started_at, packages=self.packages)

    def sealer(self) -> Sealer:
        return Sealer(
            self,  # type: ignore[arg-type]
            self.books,  # type: ignore[arg-type]
            lambda ids: {each: Meter(each, START - timedelta(days=30)) for each in ids if each != UNMETERED},
            self.with_packages,
            self.clock,
            self.stop,
            Counter(),
        )

    def pages(self) -> list[Sealed]:
        return list(self.sealer().pages(0, lambda: True))

    def done(self) -> list[str]:
        """The instances whose marks may go."""
        return [mark.instance_id for page in self.pages() for mark in page.marks]


@pytest.fixture
def shard() -> Shard:
    return Shard()


@pytest.mark.parametrize(
    ("seconds", "sizes"),
    [
        (QUICK, [FIRST_PAGE] * 3),
        (QUICK - 0.5, [FIRST_PAGE, 2 * FIRST_PAGE, 4 * FIRST_PAGE, 8 * FIRST_PAGE, LARGEST_PAGE, LARGEST_PAGE]),
    ],
)
def test_pages_grow_as_long_as_they_are_quick(shard: Shard, seconds: float, sizes: list[int]) -> None:
    assert (FIRST_PAGE, LARGEST_PAGE, QUICK) == (25, 400, 2.0)
    shard.books.seconds = seconds
    for number in range(sum(sizes)):
        shard.mark(f"meter-{number}")
    assert [len(page.marks) for page in shard.pages()] == sizes


def test_where_time_runs_out_the_oldest_slot_is_told(shard: Shard) -> None:
    for hours in (2, 0, 1):
        shard.mark("meter", slot_of(START + hours * HOUR, daily=False))
    sealer = shard.sealer()
    assert list(sealer.pages(0, lambda: False)) == []
    assert (sealer.unseen, shard.books.asked) == (SLOT.end, [])


def test_a_slot_is_sealed_once_in_a_run_however_often_it_is_marked(shard: Shard) -> None:
    shard.books.seconds = QUICK
    for number in range(FIRST_PAGE):
        shard.mark(f"meter-{number}")
    shard.mark("meter-0")
    shard.mark("meter-0", slot_of(SLOT.end, daily=False))
    assert len(shard.done()) == FIRST_PAGE + 2
    assert shard.books.asked[1:] == [["meter-0"]], "of the second page, only its other slot"


@pytest.mark.parametrize(("after", "done"), [(SETTLING, ["meter"]), (SETTLING - SECOND, [])])
def test_a_slot_is_left_alone_until_what_is_on_its_way_is_there(
    shard: Shard, after: timedelta, done: list[str]
) -> None:
    slot = slot_of(shard.clock.now(), daily=False)
    shard.mark("meter", slot)
    shard.clock.set(slot.end + after)
    assert shard.done() == done


def test_the_seller_is_asked_once_a_page_for_the_packages_of_an_instance(shard: Shard) -> None:
    for hours in range(3):
        shard.mark("meter", slot_of(START + hours * HOUR, daily=False))
    shard.pages()
    assert shard.packages_asked == ["meter"]


def test_what_cannot_be_sealed_keeps_no_other_instance_waiting(shard: Shard, log_lines: LogLines) -> None:
    for name in ("meter-1", "meter-2", "meter-3"):
        shard.mark(name)
    shard.books.bad, shard.books.error = "meter-2", ValueError()
    assert shard.done() == ["meter-1", "meter-3"]
    assert shard.books.asked == [["meter-1", "meter-2", "meter-3"], ["meter-1"], ["meter-2"], ["meter-3"]]
    [line] = log_lines("usage of an instance was not sealed")
    assert (line["instance_id"], line["error"]) == ("meter-2", "ValueError")


def test_a_store_that_does_not_answer_ends_the_run(shard: Shard) -> None:
    shard.mark("meter-1")
    shard.mark("meter-2")
    shard.books.bad, shard.books.error = "meter-1", Unavailable("no answer")
    with pytest.raises(Unavailable):
        shard.pages()
    assert shard.books.asked == [["meter-1", "meter-2"]]


def test_what_is_not_sold_by_use_is_left_alone(shard: Shard) -> None:
    shard.mark(UNMETERED)
    shard.mark("meter")
    assert shard.done() == ["meter"]


def test_a_seller_who_cannot_be_told_that_packages_are_used_up_is_told_again(shard: Shard, log_lines: LogLines) -> None:
    def fail(_meter: Meter) -> None:
        raise ValueError

    shard.packages, shard.stop = PACKAGES, fail
    shard.mark("meter")
    assert shard.done() == []
    [line] = log_lines("usage of an instance was not sealed")
    assert (line["instance_id"], line["error"]) == ("meter", "ValueError")


@pytest.mark.parametrize(
    ("left", "late", "done"),
    [(0, 2 * HOUR, ["meter"]), (2, 2 * HOUR, []), (2, LATE_LIMIT, ["meter"]), (2, LATE_LIMIT - HOUR, [])],
)
def test_what_no_package_holds_waits_as_long_as_it_can_be_billed(
    shard: Shard, log_lines: LogLines, left: int, late: timedelta, done: list[str]
) -> None:
    shard.packages, shard.books.left = PACKAGES, Decimal(left)
    shard.mark("meter", slot_of(shard.clock.now() - late, daily=False))
    assert shard.done() == done
    alarms = [(line["instance_id"], line["code"]) for line in log_lines("usage cannot be billed")]
    assert alarms == ([("meter", "no package")] if left and done else [])
