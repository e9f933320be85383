"""Whatever happens, what the marketplace accepted is what was used: no more, no less, nothing twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

from shared.errors import Unavailable
from shared.metering.events import UsageEvent
from shared.metering.slots import slot_of
from shared.metering.verdicts import MOST_REPAIRS
from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.shared.metering.market import START, Death, Metering

INSTANCES = ("meter-a", "meter-b", "meter-c")
VALUES = [Decimal(text) for text in ("1", "0.5", "12.3456", "0.00003", "99999999.99999", "60000000", "0.0001")]

events = st.lists(
    st.tuples(
        st.sampled_from(INSTANCES),
        st.integers(0, 30),  # id: small, so that duplicates happen
        st.integers(0, 20 * 24 * 60),  # minutes late
    ),
    max_size=12,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("use"), events),
        st.tuples(st.just("pass"), st.integers(1, 300)),
        st.tuples(st.just("upload"), st.integers(0, 60)),
        st.tuples(st.just("overlap"), st.integers(0, 60)),
        st.tuples(st.just("freeze"), st.sampled_from(INSTANCES)),
        st.tuples(st.just("unfreeze"), st.sampled_from(INSTANCES)),
        st.tuples(st.just("release"), st.sampled_from(INSTANCES)),
    ),
    min_size=3,
    max_size=25,
)


class Faults:
    """Faults drawn by hypothesis: at each call to the API and, at one point, to the store.

    A window that is refused is refused to whoever comes with it again: two runs may be on their way with one record.
    """

    def __init__(self, draws: list[int], taken: Callable[[UsageRecord], bool]) -> None:
        self._draws, self._taken = draws, taken
        self.on = True
        self.refused: set[str] = set()

    def next(self) -> int:
        return self._draws.pop() if self.on and self._draws else 0

    def answer(self, records: list[UsageRecord]) -> PushAnswer | None:
        if again := self.refused & {record.metering_sn for record in records}:
            return PushAnswer("94060999", 200, dict.fromkeys(again, "011"))
        draw = self.next()
        if draw == 2:
            raise Unavailable("no connection")
        if draw == 8 and len(self.refused) < MOST_REPAIRS and not self._taken(records[-1]):
            self.refused.add(records[-1].metering_sn)
            return PushAnswer("94060999", 200, {records[-1].metering_sn: "011"})
        answers = {
            1: PushAnswer("0250", 406),
            3: PushAnswer("", 502),
            4: PushAnswer("9003", 500) if len(records) > 1 else None,
            5: PushAnswer("0100", 500) if len(records) > 1 else None,
            6: PushAnswer("0154", 401),
            7: PushAnswer("94060999", 200, {records[0].metering_sn: "013"}),
        }
        return answers.get(draw)

    def lose(self) -> bool:
        return self.next() == 2


def value_of(number: int) -> Decimal:
    """An event's value, by its id, so that a repeated event is the same event."""
    return VALUES[number % len(VALUES)]


@pytest.mark.sweep
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 4))])
def test_accepted_is_used(part: int, pytestconfig: pytest.Config) -> None:
    """Each part plays a hundred lives of its own, so that several processes share them."""
    lives = given(steps=steps, draws=st.lists(st.integers(0, 9), max_size=80))(accepted_is_used)
    if (chosen := pytestconfig.getoption("--hypothesis-seed")) is not None:
        lives = seed(f"{chosen} {part}")(lives)
    settings(
        max_examples=100,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=True,
    )(lives)()


def accepted_is_used(steps: list[tuple[str, Any]], draws: list[int]) -> None:
    with TemporaryDirectory() as folder:
        world = Metering(Path(folder))
        for instance_id in INSTANCES:
            world.open(instance_id)
        faults = Faults(draws, lambda record: record.metering_sn in world.api.contents)
        world.api.fault, world.api.lose = faults.answer, faults.lose
        used: dict[tuple[str, datetime, int], Decimal] = {}
        for step, argument in steps:
            note(f"{world.clock.now():%dT%H:%M} {step} {argument}")
            play(world, used, step, argument)
        faults.on = False
        for _ in range(4):
            world.clock.advance(timedelta(hours=1, minutes=11))
            world.upload()
        for instance_id in INSTANCES:
            due = sum((value for (owner, _, _), value in used.items() if owner == instance_id), Decimal(0))
            assert world.api.total(instance_id) == due.quantize(Decimal("0.0001"), ROUND_FLOOR)
            slots = {slot_of(time, daily=False) for owner, time, _ in used if owner == instance_id}
            sent = [each for slot in slots for each in world.records().of_slot(instance_id, slot) if each.value]
            assert len({each.metering_sn for each in sent}) == len(sent), "each record has a begin and end of its own"


def play(world: Metering, used: dict[tuple[str, datetime, int], Decimal], step: str, argument: Any) -> None:
    if step == "use":
        use(world, used, argument)
    elif step in ("release", "freeze", "unfreeze"):
        if world.meters[argument].closed_at is None:
            {"release": world.close, "freeze": world.freeze, "unfreeze": world.unfreeze}[step](argument)
    elif step == "pass":
        world.clock.advance(timedelta(minutes=argument))
    else:
        upload(world, argument, overlap=step == "overlap")


def use(world: Metering, used: dict[tuple[str, datetime, int], Decimal], drawn: list[tuple[str, int, int]]) -> None:
    for instance_id, number, late in drawn:
        # A repeated event has the time it had: its id fixes both.
        time = START - timedelta(minutes=late % (20 * 24 * 60)) if number % 2 else START + timedelta(minutes=number)
        known = [key for key in used if key[0] == instance_id and key[2] == number]
        time = known[0][1] if known else time
        stopped_at = world.meters[instance_id].stopped_at
        if stopped_at and time >= stopped_at.replace(microsecond=0) - timedelta(minutes=1):
            continue
        if time > world.clock.now() or time < world.clock.now() - timedelta(days=20):
            continue
        used[instance_id, time, number] = value_of(number)
        world.use(UsageEvent(f"event-{number}", instance_id, time, value_of(number)))


def upload(world: Metering, fatal: int, *, overlap: bool) -> None:
    """A run that dies at store call ``fatal`` (never if 0); with another complete run in between if ``overlap``."""
    passed = 0

    def point(_table: str, _method: str) -> None:
        nonlocal passed
        passed += 1
        if passed == fatal:
            if not overlap:
                raise Death
            world.tables.after = lambda _table, _method: None
            attempt(world)

    world.tables.after = point
    attempt(world)
    world.tables.after = lambda _table, _method: None


def attempt(world: Metering) -> None:
    with suppress(Death):
        world.upload(seconds=60)
