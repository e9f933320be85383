"""What becomes of a record after the marketplace's answer about it."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.metering.delivery import RecordVerdict
from shared.metering.events import UsageEvent
from shared.metering.meter import Meter, Wanted
from shared.metering.records import Record, RecordState
from shared.metering.slots import slot_of
from shared.metering.verdicts import HELD_FOR, MOST_REPAIRS, PATIENCE, Verdicts
from shared.openapi.usage_codes import Advice
from tests.logs import LogLines
from tests.shared.metering.market import START, Metering

SLOT = slot_of(START, daily=False)
ACCEPTED, REPLACED, HELD, DEAD = RecordState.ACCEPTED, RecordState.REPLACED, RecordState.HELD, RecordState.DEAD
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def world(tmp_path: Path) -> Metering:
    world = Metering(tmp_path)
    world.open("meter")
    world.use(UsageEvent("event", "meter", START, Decimal(1)))
    world.clock.advance(timedelta(hours=2))
    return world


def sent(world: Metering, **members: Any) -> Record:
    """The record of the only event, which was sent once unless told otherwise."""
    ((record,), _) = world.ledger().seal([Wanted(world.meters["meter"], SLOT)])
    return replace(record, **members)


def settled(world: Metering, record: Record, code: str | None, advice: Advice, meter: Meter | None) -> Counter[str]:
    """What is counted."""
    counts: Counter[str] = Counter()
    verdicts = Verdicts(world.records(), world.ledger(), {"meter": meter}.get, world.clock, counts)
    assert verdicts.settle([RecordVerdict(record, code, advice)]) == set()
    return counts


@pytest.mark.parametrize(
    ("advice", "members", "state"),
    [
        (Advice.DELIVERED, {}, ACCEPTED),
        (Advice.DUPLICATE, {"attempts": 2}, ACCEPTED),
        (Advice.DUPLICATE, {"attempts": 1}, REPLACED),
        (Advice.REPAIR, {"repair": MOST_REPAIRS - 1}, REPLACED),
        (Advice.REPAIR, {"repair": MOST_REPAIRS}, DEAD),
        (Advice.DUPLICATE, {"repair": MOST_REPAIRS}, DEAD),
        (Advice.DEAD, {}, DEAD),
        (Advice.HOLD, {}, HELD),
        (Advice.HOLD_ON, {}, HELD),
    ],
)
def test_what_an_advice_makes_of_a_record(
    world: Metering, log_lines: LogLines, advice: Advice, members: dict[str, Any], state: RecordState
) -> None:
    assert MOST_REPAIRS == 5
    record = sent(world, **members)
    assert settled(world, record, "013", advice, world.meters["meter"]) == {state.value.lower(): 1}
    stored = world.records().get_many([record.key])[record.key]
    held = state is HELD
    assert (stored.state, stored.code) == (state, "013")
    assert stored.retry_at == (world.clock.now() + HELD_FOR if held else None)
    assert stored.held_since == (world.clock.now() if held else None)
    told = [(line["message"], line["instance_id"], line["code"]) for line in log_lines()]
    text = {HELD: "a billing record is held", DEAD: "usage cannot be billed"}.get(state)
    assert told == ([(text, "meter", "013")] if text else [])


@pytest.mark.parametrize(
    ("advice", "before", "after", "state"),
    [
        (Advice.HOLD, "001", PATIENCE, HELD),
        (Advice.HOLD, "001", PATIENCE + MOMENT, DEAD),
        (Advice.HOLD, "013", PATIENCE + MOMENT, HELD),
        (Advice.HOLD_ON, "001", PATIENCE + MOMENT, HELD),
    ],
)
def test_patience_counts_from_the_first_answer_of_its_kind(
    world: Metering, advice: Advice, before: str, after: timedelta, state: RecordState
) -> None:
    began = world.clock.now()
    record = sent(world, code=before, held_since=began)
    world.clock.advance(after)
    settled(world, record, "001", advice, world.meters["meter"])
    stored = world.records().get_many([record.key])[record.key]
    assert stored.state is state
    if state is HELD:
        assert stored.held_since == (began if before == "001" else world.clock.now())


def test_a_verdict_that_another_run_has_had_already_counts_once(world: Metering) -> None:
    record = sent(world)
    meter = world.meters["meter"]
    assert settled(world, record, None, Advice.DELIVERED, meter) == {"accepted": 1}
    assert settled(world, record, "012", Advice.DEAD, meter) == {}
    assert world.records().get_many([record.key])[record.key].state is ACCEPTED


def test_a_successor_without_a_window_is_told_at_once(world: Metering, log_lines: LogLines) -> None:
    settled(world, sent(world), "010", Advice.REPAIR, None)
    [line] = log_lines("usage cannot be billed")
    assert (line["instance_id"], line["code"]) == ("meter", "no window")
