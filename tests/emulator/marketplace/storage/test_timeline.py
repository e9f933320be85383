"""Every call stands in the timeline, whole, and is found again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.checks import Verdict
from emulator.marketplace.delivery.call import Direction, Family, Judged, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.delivery.messages import Purpose
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.timeline import KEPT, Timeline
from emulator.texts import Text
from tests.emulator.marketplace.seller import START, Scene


@pytest.fixture
def timeline(tmp_path: Path) -> Iterator[Timeline]:
    database = Database(tmp_path / "book.sqlite")
    yield Timeline(database)
    database.close()


def call(number: int, *, failed: bool = False, direction: Direction = Direction.OUT) -> RecordedCall:
    """A call of order ``o-1``, ``o-2`` and so on."""
    judged = Judged(id="http.status", verdict=Verdict.FAILED, reason=Text("reasons.status", status=500))
    return RecordedCall(
        at=START,
        direction=direction,
        family=Family.PRODUCTION,
        activity="newInstance",
        order_id=f"o-{number}",
        instance_id=f"i-{number % 2}",
        sent=SentRequest(method="POST", path="/saas", body="é".encode() + b"\x00\xff"),
        received=ReceivedAnswer(status=200, headers=(("Body-Sign", "x"),), body=b"{}"),
        findings=(judged,) if failed else (),
    )


def test_a_call_comes_back_as_it_was(timeline: Timeline) -> None:
    heard: list[RecordedCall] = []
    timeline.on_call = heard.append
    kept = timeline.add(call(1, failed=True))
    assert kept == call(1, failed=True).model_copy(update={"number": 1})
    assert heard == [kept]
    assert timeline.get(1) == kept
    assert timeline.get(2) is None
    (line,) = timeline.lines()
    assert (line.verdict, str(line.problem)) == ("failed", "HTTP status 500 (required: the HTTP status is 200)")


def test_calls_are_found_newest_first(timeline: Timeline) -> None:
    for number in range(1, 11):
        timeline.add(call(number, failed=number == 4, direction=Direction.IN if number > 8 else Direction.OUT))
    assert [line.number for line in timeline.lines(limit=3)] == [10, 9, 8]
    assert [line.number for line in timeline.lines(before=3)] == [2, 1]
    assert [line.number for line in timeline.lines(after=8)] == [10, 9]
    assert [line.number for line in timeline.lines(Filter(verdict="failed"))] == [4]
    assert [line.number for line in timeline.lines(Filter(direction="in", activity="newInstance"))] == [10, 9]
    assert [line.order_id for line in timeline.lines(Filter(about="o-7"))] == ["o-7"]
    assert timeline.count(Filter(about="i-1")) == 5
    assert timeline.count(Filter(family="usage")) == 0
    assert (timeline.count(), timeline.latest()) == (10, 10)


def test_the_oldest_go(timeline: Timeline) -> None:
    """They are looked for at every thousandth call."""
    timeline.add(call(1))
    with timeline._database.changing():
        timeline._database.connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'call'", (KEPT + 998,))
    timeline.add(call(2))
    assert [line.order_id for line in timeline.lines()] == ["o-2", "o-1"]
    timeline.add(call(3))
    assert [line.order_id for line in timeline.lines()] == ["o-3", "o-2"]


def test_a_purchase_is_written_down_with_what_was_judged(scene: Scene) -> None:
    subscription = scene.at(scene.bought("yearly-v1"))
    (line,) = scene.market.timeline.lines(Filter(about=subscription.order_id))
    found = scene.market.timeline.get(line.number)
    assert found is not None
    assert (found.verdict, found.code, str(found.occasion), found.key_name) == ("passed", "000000", "attempt 1", "key")
    assert {finding.verdict for finding in found.findings} <= {"passed", "skipped"}
    assert len(found.findings) > 10
    assert found.message_id == scene.message(subscription.id, Purpose.PURCHASE).id
    assert not found.unsigned


def test_no_answer_is_another_matter_than_one_without_signature(scene: Scene) -> None:
    scene.seller.weather = lambda _activity: "dead"
    scene.buy("yearly-v2")
    scene.market.run_due()
    (line,) = scene.market.timeline.lines()
    found = scene.market.timeline.get(line.number)
    assert found is not None
    assert (found.received.status, found.unsigned, found.verdict) == (0, False, "failed")
    assert "(required: an answer arrives" in str(line.problem)
