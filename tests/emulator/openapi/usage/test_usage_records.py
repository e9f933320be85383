"""What the marketplace keeps of usage, over restarts and in any number."""

import gc
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import RLock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.openapi.usage.behaviour import UsageBehaviour
from emulator.openapi.usage.bill import CollectedLine
from emulator.openapi.usage.hours import hours
from emulator.openapi.usage.instances import Bought, MeteredInstances
from emulator.openapi.usage.record import SentRecord
from emulator.openapi.usage.usage_records import Abnormal, ReceivedRecord, UsageRecords
from emulator.openapi.usage.validation import Validation
from emulator.wire.faults import Fault
from tests.emulator.openapi.usage.seller import NOW, START, Seller, record

LATER = NOW + timedelta(days=1)


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, check_same_thread=False, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        yield connection


def sent(number: int, value: str = "1.5", instance: str = "i-1") -> SentRecord:
    begin = datetime(2026, 11, 18, tzinfo=UTC) + timedelta(seconds=number)
    return SentRecord(
        instance, f"{begin:%Y%m%dT%H%M%SZ}", "20261120T090000Z", "20261120T090200Z", value, f"sn-{number}"
    )


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "market.sqlite") as connection:
        seller = Seller(records=UsageRecords(connection))
        assert seller.refusals(record(), record("sn-2", "nobody")) == {"sn-2": "001"}
        seller.behave(asynchronous=True)
        seller.push(record("sn-3", begin_time="20261120T080001Z"), record("sn-4", end_time="20261120T085959Z"))
        abnormal = seller.api.records.abnormal()
    with opened(tmp_path / "market.sqlite") as connection:
        seller = Seller(records=UsageRecords(connection))
        seller.clock.set(NOW + timedelta(minutes=20))
        assert seller.refusals(record()) == {"sn-1": "005"}
        assert seller.refusals(record("sn-9")) == {"sn-9": "010"}
        assert seller.api.records.abnormal()[:1] == abnormal
        assert [line.usage_value for line in seller.api.bill()] == [Decimal("1.5")]
        assert (seller.api.records.waiting(), seller.api.records.total("i-1")) == (2, Decimal("1.5"))
        seller.api.settle()
        assert (seller.api.records.waiting(), seller.api.records.total("i-1")) == (0, Decimal("4.5"))
        assert seller.api.records.instances_seen() == ["i-1", "nobody"]


def test_what_waits_is_judged_as_it_came_after_a_restart_too(tmp_path: Path) -> None:
    with opened(tmp_path / "market.sqlite") as connection:
        seller = Seller(records=UsageRecords(connection))
        seller.api.faults.inject(Fault(asynchronous=True, part="013", share=0.0))
        seller.push(record(end_time="20261120T090500Z"))
        seller.api.faults.inject(Fault(asynchronous=True))
        seller.push(record("sn-2", "i-2", product_id="P", end_time="20261120T090501Z"), old=True)
    with opened(tmp_path / "market.sqlite") as connection:
        seller = Seller(records=UsageRecords(connection))
        seller.clock.set(NOW + timedelta(minutes=20))
        seller.api.settle()
        found = [(each.sent.instance_id, each.code, each.at) for each in seller.api.records.abnormal()]
        assert found == [("i-1", "013", seller.clock.now()), ("i-2", "011", seller.clock.now())]


def test_the_database_is_shared_with_others(tmp_path: Path) -> None:
    lock = RLock()
    with opened(tmp_path / "market.sqlite") as connection:
        connection.execute("CREATE TABLE other (x)")
        seller = Seller(records=UsageRecords(connection, lock))
        with lock:
            connection.execute("BEGIN")
            connection.execute("INSERT INTO other VALUES (1)")
            assert seller.push().code == "0000"
            connection.execute("ROLLBACK")
        assert seller.api.records.total("i-1") == 0
        assert seller.push().code == "0000"
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {name for name in names if not name.startswith("sqlite_")} == {
            "other",
            "usage_record",
            "usage_abnormal",
            "usage_waiting",
        }


class Failing(MeteredInstances):
    """Knows instances until it is asked about one too many."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self._left = answers

    def get(self, instance_id: str) -> Bought | None:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError("the market is gone")
        return Bought(instance_id, START)


def received(*numbers: int) -> list[ReceivedRecord]:
    return [ReceivedRecord(sent(number, instance=f"i-{number}"), False, NOW) for number in numbers]


def test_of_a_call_that_fails_in_the_middle_nothing_is_kept() -> None:
    records = UsageRecords()
    validation = Validation(records, Failing(3), Random(0))
    with pytest.raises(RuntimeError):
        validation.at_once(received(1, 2, 3, 4), UsageBehaviour(whole=frozenset()), Fault())
    assert records.instances_seen() == []
    assert validation.at_once([], UsageBehaviour(), Fault()).status == 200, "the book can still be used"


def test_pages_of_refused_records() -> None:
    records = UsageRecords()
    for number in range(7):
        records.refuse(sent(number, instance=f"i-{number % 2}"), "013", NOW)
    whole, pages = records.abnormal(), list(pages_back(lambda before: records.abnormal(3, before)))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in reversed(pages) for each in page] == whole
    assert [each.sent.metering_sn for each in whole] == [f"sn-{number}" for number in range(7)]
    assert [each.sent.metering_sn for each in records.abnormal(2, instance_id="i-0")] == ["sn-4", "sn-6"]


def pages_back(read: Callable[[int | None], list[Abnormal]]) -> Iterator[list[Abnormal]]:
    before = None
    while page := read(before):
        yield page
        before = page[0].number


def test_pages_of_the_bill() -> None:
    records = UsageRecords()
    for number in range(7):
        records.accept(sent(number, instance=f"i-{number % 2}"), NOW, daily=number == 3)
    whole, found = records.bill(NOW + timedelta(hours=1)), list[CollectedLine]()
    while page := records.bill(NOW + timedelta(hours=1), 2, found[-1].number if found else 0):
        assert len(page) <= 2
        found += page
    assert found == whole
    assert len(whole) == 6, "the daily one is collected later"
    assert [line.instance_id for line in records.bill(LATER, 2, instance_id="i-1")] == ["i-1", "i-1"]
    assert records.bill(NOW) == []


@given(st.lists(st.decimals(Decimal("0.0001"), Decimal("99999999.9999"), places=4), max_size=40))
def test_sums_are_exact(values: list[Decimal]) -> None:
    records = UsageRecords()
    for number, value in enumerate(values):
        records.accept(sent(number, format(value, "f")), NOW, daily=False)
    ten_thousandths = sum(int(value * 10_000) for value in values)
    assert records.total("i-1") * 10_000 == ten_thousandths
    of_hours = hours(records, "i-1", START, LATER, LATER)
    assert sum(hour.billed for hour in of_hours) * 10_000 == ten_thousandths


@pytest.mark.slow
def test_memory_stays_the_same_whatever_the_number_of_records(tmp_path: Path) -> None:
    instances, calls = MeteredInstances(), 20
    for number in range(10):
        instances.register(Bought(f"i-{number}", START))
    with opened(tmp_path / "market.sqlite") as connection:
        connection.execute("PRAGMA synchronous=OFF")
        records = UsageRecords(connection)
        validation = Validation(records, instances, Random(0))
        blocks = []
        for call in range(calls):
            batch = [_at(call * 1000 + number) for number in range(1000)]
            validation.at_once(batch, UsageBehaviour(asynchronous=call % 2 == 0), Fault())
            if call % 10 == 9:
                validation.at_once(batch, UsageBehaviour(), Fault())  # all refused: they came before
                validation.later(UsageBehaviour(), NOW)
            del batch
            gc.collect()
            blocks.append(sys.getallocatedblocks())
        assert sum(records.total(f"i-{number}") for number in range(10)) == calls * 1000 * Decimal("0.0001")
        assert connection.execute("SELECT count(*) FROM usage_abnormal").fetchone() == (2000,)
    assert blocks[-1] - blocks[9] < 1000, "10,000 records later"


def _at(number: int) -> ReceivedRecord:
    return ReceivedRecord(sent(number, "0.0001", f"i-{number % 10}"), False, NOW)
