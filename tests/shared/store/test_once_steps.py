"""``Once`` step by step, on a clock that stands still: what is waited for, taken over, let go and completed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from shared.call import Call
from shared.clock import Deadline
from shared.commands import Version
from shared.errors import Conflict
from shared.store.claim_records import NOTHING, Beside
from shared.store.idempotency import POLL_SECONDS, Once, Proof, Ran
from shared.store.sqlite.table import SqliteTables
from tests.fakes import CountingTables, FakeClock

KEY = "order-1"
LEASE = timedelta(seconds=60)
Work = Callable[[str, bool], Ran[str]]


@dataclass
class Bench:
    """An ``Once`` whose results are texts by subject, made under the key that they say. ``told`` is what work heard."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    results: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = CountingTables(SqliteTables(str(self.folder / "store.sqlite"), self.clock))
        proof: Proof[str] = Proof(self.results.get, lambda result: result)
        self.once = Once(self.tables.table("idempotency"), self.clock, LEASE, proof)

    def run(
        self, work: Work, subject: str = "i1", key: str = KEY, seconds: float = 4, beside: Beside = NOTHING
    ) -> Ran[str]:
        call = Call(Version.V1, "a", False, self.clock.now(), "key", {}, Deadline(self.clock, seconds))

        def heard(subject: str, again: bool) -> Ran[str]:
            self.told.append((subject, again))
            return work(subject, again)

        return self.once.run(key, subject, heard, call, beside)

    def made(self, subject: str, _again: bool) -> Ran[str]:
        self.results[subject] = KEY
        return Ran(subject, True, KEY)

    def dying(self, subject: str, _again: bool) -> Ran[str]:
        raise KeyboardInterrupt

    def failing(self, subject: str, _again: bool) -> Ran[str]:
        raise RuntimeError


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def dead(bench: Bench) -> None:
    """Somebody who claimed it is gone, and left nothing but the claim."""
    with pytest.raises(KeyboardInterrupt):
        bench.run(bench.dying)
    bench.told.clear()


@pytest.mark.parametrize(("seconds", "pauses"), [(POLL_SECONDS, 0), (2.5 * POLL_SECONDS, 2)])
def test_whoever_has_the_claim_is_waited_for_while_there_is_time_to_look_again(
    bench: Bench, seconds: float, pauses: int
) -> None:
    dead(bench)
    assert bench.run(bench.made, "i2", seconds=seconds) == Ran("i1", finished=False)
    assert bench.clock.slept == [POLL_SECONDS] * pauses
    assert bench.told == []


def test_the_claim_of_the_dead_is_taken_over_with_its_subject(bench: Bench) -> None:
    dead(bench)
    bench.clock.advance(LEASE)
    assert bench.run(bench.made, "i2", seconds=POLL_SECONDS) == Ran("i1", True, KEY)
    assert bench.told == [("i1", True)]


@pytest.mark.parametrize("known", ["result", "found"])
def test_what_is_done_is_found_by_who_comes_later(bench: Bench, known: str) -> None:
    def made(subject: str, _again: bool) -> Ran[str]:
        bench.results[subject] = KEY
        return Ran(subject, True, **{known: KEY})

    bench.run(made)
    assert bench.tables.calls == {("idempotency", "create"): 1}, "its result says that it is done"
    bench.told.clear()
    assert bench.run(bench.made, "i2") == Ran("i1", True, found=KEY)
    assert bench.told == []


def test_what_failed_is_done_again_at_once_about_the_same(bench: Bench) -> None:
    with pytest.raises(RuntimeError):
        bench.run(bench.failing)
    assert bench.run(bench.made, "i2", seconds=POLL_SECONDS) == Ran("i1", True, KEY)
    assert bench.told == [("i1", False), ("i1", True)]


def test_what_belongs_to_another_is_done_again_at_once_about_something_else(bench: Bench) -> None:
    def taken(subject: str, _again: bool) -> Ran[str]:
        raise Conflict("another order's")

    with pytest.raises(Conflict):
        bench.run(taken)
    assert bench.run(bench.made, "i2", seconds=POLL_SECONDS) == Ran("i2", True, KEY)
    assert bench.told == [("i1", False), ("i2", False)]


def test_what_did_not_end_is_carried_on_with_at_once(bench: Bench) -> None:
    assert bench.run(lambda subject, _: Ran(subject, False)) == Ran("i1", False)
    assert bench.run(bench.made, "i2", seconds=POLL_SECONDS) == Ran("i1", True, KEY)
    assert bench.told == [("i1", False), ("i1", True)]


@pytest.mark.parametrize("subject", ["i1", "of another key"])
@pytest.mark.parametrize("known", ["result", "found"])
def test_a_result_that_does_not_prove_it_completes_the_claim(bench: Bench, subject: str, known: str) -> None:
    def elsewhere(_subject: str, _again: bool) -> Ran[str]:
        made = "another key" if subject == "i1" else KEY
        return Ran(subject, True, **{known: made})

    assert bench.run(elsewhere).finished
    bench.told.clear()
    assert bench.run(bench.made, "i2", seconds=POLL_SECONDS) == Ran(subject, True)
    assert bench.told == []


@pytest.mark.parametrize("former", ["old-key", "key of nobody"])
def test_a_claim_of_an_earlier_release_is_carried_on_with(bench: Bench, former: str) -> None:
    with pytest.raises(RuntimeError):
        bench.run(bench.failing, "i0", key="old-key")
    ran = bench.run(bench.made, beside=Beside(former=former))
    assert ran == (Ran("i0", True, KEY) if former == "old-key" else Ran("i1", True, KEY))
    assert bench.told[1:] == [("i0", True) if former == "old-key" else ("i1", False)]
