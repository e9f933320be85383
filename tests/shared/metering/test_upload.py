"""One run of an upload: what it sends, when it ends early, and what it leaves to the next one."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.metering.delivery import Courier
from shared.metering.events import UsageEvent
from shared.metering.record_table import Records
from shared.metering.records import Record, RecordState
from shared.metering.sealing import FIRST_PAGE, Sealed, Sealer
from shared.metering.slots import slot_of
from shared.metering.upload import Uploader
from shared.metering.verdicts import HELD_FOR
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.usage_limits import LATE_LIMIT
from tests.shared.metering.market import START, Losing, Metering

SLOT = slot_of(START, daily=False)
METERS = ("meter-1", "meter-2", "meter-3")
REFUSED = PushAnswer("0154", 401)
NOT_KNOWN_YET = PushAnswer("001", 400)


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    """Each of :data:`METERS` has used something in :data:`SLOT`, which is over."""
    world = Metering(tmp_path, shards=1)
    for name in METERS:
        world.open(name)
        world.use(UsageEvent("event", name, START, Decimal(1)))
    world.clock.advance(timedelta(hours=1))
    return world


def run(
    world: Metering,
    batch: int = 1000,
    seconds: float = 600,
    *,
    stored: Records | None = None,
    sealing: type[Sealer] = Sealer,
) -> Uploader:
    """An upload after its run over the only shard."""
    courier = Courier(world.api, world.clock, batch)
    return world.run(0, courier, Counter(), seconds, stored=stored, sealing=sealing)


def records(world: Metering) -> list[Record]:
    return [record for name in METERS for record in world.records().of_slot(name, SLOT)]


def answering(world: Metering, answer: PushAnswer | None) -> None:
    """The usage API says that from now on; ``None``: it takes everything."""
    world.api.fault = lambda _records: answer


def test_a_seller_who_is_refused_sends_nothing_more_and_keeps_everything(world: Metering) -> None:
    answering(world, REFUSED)
    assert run(world, batch=1).oldest(0) == SLOT.end
    assert world.api.calls == 1
    sent, *unsent = sorted(records(world), key=lambda record: -record.attempts)
    assert (sent.state, sent.attempts) == (RecordState.SENT, 1)
    assert {(record.state, record.attempts) for record in unsent} == {(RecordState.SEALED, 0)}
    assert run(world, batch=1).oldest(0) == SLOT.end
    assert world.api.calls == 2
    assert sum(record.attempts for record in records(world)) == 2, "none is on file that was not made"
    answering(world, None)
    assert run(world).oldest(0) is None
    assert {world.api.total(name) for name in METERS} == {1}
    assert list(world.records().open_keys(0)) == []


def several_pages(world: Metering) -> list[str]:
    """More instances that have used something."""
    names = [f"meter-{number:03d}" for number in range(4 * FIRST_PAGE)]
    for name in names:
        world.open(name)
        world.use(UsageEvent("event", name, START, Decimal(1)))
    return names


def test_a_batch_is_filled_from_several_pages(world: Metering) -> None:
    several_pages(world)
    run(world)
    assert (world.api.calls, len(world.api.accepted)) == (1, 4 * FIRST_PAGE + 3)


def test_for_a_seller_who_is_refused_nothing_more_is_sealed(world: Metering) -> None:
    names = several_pages(world)
    answering(world, REFUSED)
    run(world, batch=1)
    sealed = [name for name in names if world.records().of_slot(name, SLOT)]
    assert len(sealed) <= 3 * FIRST_PAGE, "at most the page that was being sealed meanwhile"


def test_what_is_open_has_half_of_the_time(world: Metering) -> None:
    answering(world, REFUSED)
    run(world)

    def slowly(_records: list[UsageRecord]) -> None:
        world.clock.advance(20)

    world.api.fault, world.api.calls = slowly, 0
    run(world, batch=1, seconds=59)
    assert world.api.calls == 2, "after 0 and 20 seconds, no more after 40"


def test_a_record_that_another_run_is_about_to_send_is_left_to_it(world: Metering) -> None:
    answering(world, REFUSED)
    run(world)
    answering(world, None)
    world.api.calls = 0

    def meanwhile(table: str, method: str) -> None:
        if (table, method) == ("billing", "replace"):
            world.tables.before = lambda _table, _method: None
            run(world)

    world.tables.before = meanwhile
    run(world)
    assert world.api.calls == 1
    assert {world.api.total(name) for name in METERS} == {1}


def test_without_time_no_attempt_is_put_on_file_nor_a_record_read(world: Metering) -> None:
    answering(world, REFUSED)
    run(world)
    before = records(world)
    world.tables.reset()
    assert run(world, seconds=0).oldest(0) == SLOT.end
    assert world.tables.calls["billing", "get_many"] == 0
    assert records(world) == before


def test_a_record_that_was_replaced_is_not_open_even_where_the_run_ends_early(world: Metering) -> None:
    answers = [PushAnswer("011", 400), REFUSED]
    world.api.fault = lambda _records: answers.pop(0)
    run(world, batch=1)
    keys = [key for key, _ in world.records().open_keys(0)]
    states = Counter(record.state for record in world.records().get_many(keys).values())
    assert RecordState.REPLACED in {record.state for record in records(world)}
    assert states == {RecordState.SENT: 1, RecordState.SEALED: 2}, "its successor is"


def test_what_is_held_is_the_oldest_that_waits_though_nothing_new_is_sealed(world: Metering) -> None:
    world.api.fault = lambda records: NOT_KNOWN_YET if len(records) == 1 else PushAnswer("9001", 400)
    run(world)
    assert {record.state for record in records(world)} == {RecordState.HELD}
    world.api.fault, world.api.calls = (lambda _records: None), 0
    world.clock.advance(HELD_FOR - timedelta(seconds=1))
    assert run(world).oldest(0) == SLOT.end
    assert world.api.calls == 0
    world.clock.advance(1)
    assert run(world).oldest(0) is None


def test_what_is_on_its_way_is_written_down_before_a_store_that_fails_ends_the_run(world: Metering) -> None:
    class FailingSealer(Sealer):
        def pages(self, shard: int, go_on: Callable[[], bool]) -> Iterator[Sealed]:
            yield from super().pages(shard, go_on)
            raise Unavailable("the store does not answer")

    with pytest.raises(Unavailable):
        run(world, batch=1, sealing=FailingSealer)
    assert [record.state for record in records(world)] == [RecordState.ACCEPTED] * 3


def test_what_is_less_than_can_be_billed_is_not_sent(world: Metering) -> None:
    run(world)
    world.open("small")
    world.use(UsageEvent("event", "small", START, Decimal("0.00001")))
    run(world)
    assert world.api.calls == 1
    assert [record.state for record in world.records().of_slot("small", SLOT)] == [RecordState.CARRIED]


def test_a_mark_of_what_was_sealed_before_goes_too(world: Metering) -> None:
    run(world)
    world.use(UsageEvent("event", "meter-1", START, Decimal(1)))
    world.clock.advance(timedelta(hours=1))
    run(world)
    assert (world.api.calls, list(world.events().marks(0))) == (1, [])


def test_the_marks_of_what_may_not_be_stored_stay(world: Metering) -> None:
    table: Any = Losing(world.tables.table("billing"))
    run(world, stored=Records(table, shards=1))
    assert [mark.instance_id for mark in world.events().marks(0)] == list(METERS)
    run(world)
    assert list(world.events().marks(0)) == []
    assert {world.api.total(name) for name in METERS} == {1}


def test_what_a_run_that_died_left_in_the_open_list_is_tidied_away(world: Metering) -> None:
    run(world)
    settled = records(world)
    world.records().list_open([*settled, replace(settled[0], number=9)])
    run(world)
    assert world.api.calls == 1
    assert [number for (_, number), _ in world.records().open_keys(0)] == ["00009.000"], "it may be stored yet"


@pytest.mark.parametrize(("late", "state"), [(0, RecordState.ACCEPTED), (1, RecordState.DEAD)])
def test_what_has_become_too_old_is_given_up_unsent(world: Metering, late: int, state: RecordState) -> None:
    answering(world, REFUSED)
    run(world)
    answering(world, None)
    [begin] = {record.begin for record in records(world)}
    world.clock.set(begin + LATE_LIMIT + timedelta(seconds=late))
    calls = world.api.calls
    run(world)
    assert {record.state for record in records(world)} == {state}
    assert world.api.calls - calls == (0 if late else 1)


def test_what_had_no_answer_is_not_sent_twice_in_a_run(world: Metering) -> None:
    def silent(_records: list[UsageRecord]) -> PushAnswer:
        raise Unavailable("no answer")

    world.api.fault = silent
    assert run(world)._counts["left"] == 3
    once = world.api.calls
    world.use(UsageEvent("later", "meter-1", START, Decimal(1)))
    assert run(world)._counts["left"] == 4
    assert world.api.calls == 3 * once, "what was open, and what was sealed since"
