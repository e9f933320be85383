"""A courier pushes records until each has its verdict, and knows how often each was sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.metering.delivery import PAUSES, SMALL_BATCH, Courier, Delivered
from shared.metering.records import Record, RecordState
from shared.metering.slots import slot_of
from shared.openapi.usage_codes import Advice
from shared.openapi.usage_push import PushAnswer, UsageRecord
from tests.fakes import FakeClock
from tests.logs import LogLines
from tests.shared.metering.market import START

TAKEN, STOP, BUSY, SPLIT, SMALLER = (
    PushAnswer("0000", 200),
    PushAnswer("0154", 401),
    PushAnswer("0999", 500),
    PushAnswer("9001", 400),
    PushAnswer("9003", 500),
)
NAMES = ("a", "b", "c", "d")


def record(name: str) -> Record:
    """A record of the instance ``name`` that is sent for the first time."""
    slot = slot_of(START, daily=False)
    return Record(
        name, slot.key, 0, 0, slot.begin, slot.end, Decimal(1), Decimal(1), None, None, RecordState.SENT, START, 1
    )


@dataclass
class AnsweringApi:
    """Answers each call as ``answer`` says; ``sent`` are the instances of each."""

    answer: Callable[[list[str]], PushAnswer]
    sent: list[list[str]] = field(default_factory=list)

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        self.sent.append([each.instance_id for each in records])
        return self.answer(self.sent[-1])


class Road:
    """A courier and where it goes."""

    def __init__(self, answer: Callable[[list[str]], PushAnswer], batch: int = 1000) -> None:
        self.clock, self.api = FakeClock(), AnsweringApi(answer)
        self.courier = Courier(self.api, self.clock, batch)

    def deliver(self, *names: str, seconds: float = 60) -> Delivered:
        return self.courier.deliver([record(name) for name in names], Deadline(self.clock, seconds))


def verdicts(delivered: Delivered) -> dict[str, tuple[str | None, Advice, int]]:
    """Code, advice and attempts by instance."""
    found = {each.record.instance_id: (each.code, each.advice, each.record.attempts) for each in delivered.verdicts}
    assert len(found) == len(delivered.verdicts)
    return found


def attempts(records: Sequence[Record]) -> dict[str, int]:
    return {each.instance_id: each.attempts for each in records}


def test_what_is_taken_was_sent_once(log_lines: LogLines) -> None:
    road = Road(lambda _names: TAKEN, batch=3)
    assert verdicts(road.deliver(*NAMES)) == dict.fromkeys(NAMES, (None, Advice.DELIVERED, 1))
    assert (road.api.sent, road.courier.calls) == ([["a", "b", "c"], ["d"]], 2)
    assert log_lines() == []


@pytest.mark.parametrize("named", [lambda each: each.metering_sn, lambda _: "b/20261101T000000Z/20261101T010000Z"])
def test_who_is_not_listed_is_sent_once_more(named: Callable[[Record], str], log_lines: LogLines) -> None:
    answers = [PushAnswer("94060999", 200, {named(record("b")): "012"}), TAKEN]
    road = Road(lambda _names: answers.pop(0))
    assert verdicts(road.deliver("a", "b", "c")) == {
        "b": ("012", Advice.DEAD, 1),
        "a": (None, Advice.DELIVERED, 2),
        "c": (None, Advice.DELIVERED, 2),
    }
    assert road.api.sent == [["a", "b", "c"], ["a", "c"]]
    assert log_lines() == []


def test_where_all_are_listed_nothing_is_sent_once_more() -> None:
    refused = {record(name).metering_sn: "012" for name in ("a", "b")}
    road = Road(lambda _names: PushAnswer("94060999", 200, refused))
    assert verdicts(road.deliver("a", "b")) == dict.fromkeys(("a", "b"), ("012", Advice.DEAD, 1))
    assert len(road.api.sent) == 1


def test_an_answer_that_some_are_refused_and_does_not_say_which_is_no_success() -> None:
    road = Road(lambda _names: PushAnswer("94060999", 200))
    assert verdicts(road.deliver("a")) == {"a": ("94060999", Advice.HOLD_ON, 1)}


def test_a_list_of_records_that_were_not_sent_says_nothing(log_lines: LogLines) -> None:
    road = Road(lambda _names: PushAnswer("94060999", 200, {"of another": "012"}))
    delivered = road.deliver("a", "b")
    assert (delivered.verdicts, attempts(delivered.left)) == ([], {"a": 1, "b": 1})
    assert len(road.api.sent) == 1
    [line] = log_lines("the usage API refuses records that were not sent")
    assert (line["code"], line["count"]) == ("94060999", 1)


def test_the_record_at_fault_is_found_by_halves() -> None:
    road = Road(lambda names: SPLIT if "c" in names else TAKEN)
    assert verdicts(road.deliver(*NAMES)) == {
        "a": (None, Advice.DELIVERED, 2),
        "b": (None, Advice.DELIVERED, 2),
        "c": ("9001", Advice.HOLD, 3),
        "d": (None, Advice.DELIVERED, 3),
    }
    assert road.courier.batch == 1000


def test_a_batch_that_is_too_large_stays_smaller() -> None:
    assert SMALL_BATCH == 100
    names = [f"{number}" for number in range(300)]
    road = Road(lambda sent: SMALLER if len(sent) > SMALL_BATCH else TAKEN)
    assert len(verdicts(road.deliver(*names))) == 300
    assert [len(sent) for sent in road.api.sent] == [300, 100, 100, 100]
    road.deliver(*names)
    assert [len(sent) for sent in road.api.sent[4:]] == [100, 100, 100]


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_not_now_is_asked_again_and_then_left_with_all_its_attempts(lost: bool) -> None:
    def busy(_names: list[str]) -> PushAnswer:
        if lost:
            raise Unavailable("no answer")
        return BUSY

    road = Road(busy)
    delivered = road.deliver("a")
    assert PAUSES == (0.5, 1.0, 2.0)
    assert (delivered.verdicts, delivered.unsent) == ([], [])
    assert (len(road.api.sent), attempts(delivered.left)) == (1 + len(PAUSES), {"a": 2 + len(PAUSES)})
    assert all(slept <= most for slept, most in zip(road.clock.slept, PAUSES, strict=True))


def test_an_answer_in_the_end_tells_of_all_attempts() -> None:
    answers = [BUSY, PushAnswer("0000", 200, repeated=True)]
    road = Road(lambda _names: answers.pop(0))
    assert verdicts(road.deliver("a")) == {"a": (None, Advice.DELIVERED, 3)}


def test_a_seller_who_is_refused_sends_nothing_more() -> None:
    road = Road(lambda names: SPLIT if len(names) > 1 else STOP, batch=2)
    delivered = road.deliver(*NAMES)
    assert (attempts(delivered.left), attempts(delivered.unsent)) == ({"a": 2, "b": 2}, {"c": 1, "d": 1})
    assert (road.api.sent, road.courier.stopped) == ([["a", "b"], ["a"]], "0154")
    assert attempts(road.deliver("a").unsent) == {"a": 1}


def test_without_time_nothing_is_sent() -> None:
    def slowly(_names: list[str]) -> PushAnswer:
        road.clock.advance(timedelta(seconds=5))
        return TAKEN

    road = Road(slowly, batch=1)
    delivered = road.deliver("a", "b", "c", seconds=10)
    assert (len(delivered.verdicts), attempts(delivered.unsent)) == (2, {"c": 1})
