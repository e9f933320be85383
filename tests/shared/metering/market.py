"""A usage API in memory, and a metering bundle around it: enough to run thousands of random lives of a ledger."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.metering.delivery import Courier
from shared.metering.events import Stored, UsageEvent, UsageEvents
from shared.metering.ledger import Ledger
from shared.metering.meter import Meter
from shared.metering.record_table import Records
from shared.metering.sealing import Sealer
from shared.metering.slots import slot_of
from shared.metering.upload import Uploader
from shared.openapi.usage_push import PushAnswer, UsageRecord
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Outcome, Table, Tables, Write
from shared.usage_limits import TIME
from tests.fakes import CountingTables, FakeClock

START = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)


class Death(BaseException):
    """The process is gone."""


class Losing:
    """A table whose answers to conditional writes are lost."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def write_many(self, writes: Iterable[Write], deadline: Deadline | None = None) -> list[Outcome]:
        return [Unavailable("the answer was lost") for _ in self._table.write_many(writes, deadline)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


@dataclass
class FakeUsageApi:
    """First wins by window, ``metering_sn`` is unique, faults by ``fault(records)``: an answer, an exception, or None.

    ``lose`` decides, after the effect, whether the answer is lost.
    """

    fault: Callable[[list[UsageRecord]], PushAnswer | None] = lambda records: None
    lose: Callable[[], bool] = lambda: False
    limit: int = 1000
    check: Callable[[UsageRecord], None] = lambda record: None
    accepted: dict[tuple[str, str, str], UsageRecord] = field(default_factory=dict)
    contents: dict[str, UsageRecord] = field(default_factory=dict)
    calls: int = 0

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        self.calls += 1
        batch = list(records)
        if answer := self.fault(batch):
            return answer
        if len(batch) > self.limit:
            return PushAnswer("9003", 500)
        refused = {record.metering_sn: code for record in batch if (code := self._take(record))}
        if self.lose():
            raise Unavailable("the answer was lost")
        return PushAnswer("94060999", 200, refused) if refused else PushAnswer("0000", 200)

    def _take(self, record: UsageRecord) -> str | None:
        known = self.contents.setdefault(record.metering_sn, record)
        assert known == record, "one metering_sn, two contents"
        assert 0 < record.usage_value <= Decimal("99999999.9999"), "Double(12,4)"
        self.check(record)
        assert record.usage_value == record.usage_value.quantize(Decimal("0.0001"))
        key = (record.instance_id, record.begin_time, record.end_time)
        if key in self.accepted:
            return "005" if self.accepted[key].metering_sn == record.metering_sn else "010"
        self.accepted[key] = record
        return None

    def total(self, instance_id: str) -> Decimal:
        """What the marketplace will bill for an instance."""
        return sum((r.usage_value for r in self.accepted.values() if r.instance_id == instance_id), Decimal(0))


class Metering:
    """Events, ledger and uploads of a few instances on one store."""

    def __init__(self, folder: Path, tables: Tables | None = None, shards: int = 2) -> None:
        self.clock = FakeClock(START)
        self.tables = CountingTables(
            tables or SqliteTables(str(folder / "usage.sqlite"), self.clock, synchronous="OFF")
        )
        self.api = FakeUsageApi(check=self.check)
        self.meters: dict[str, Meter] = {}
        self.stopped: list[Meter] = []
        self.shards = shards
        self.random = random.Random(0)

    def open(self, instance_id: str, started_at: datetime = START - timedelta(days=25)) -> None:
        self.meters[instance_id] = Meter(instance_id, started_at)

    def close(self, instance_id: str) -> None:
        """The instance is released now."""
        now = self.clock.now()
        self.meters[instance_id] = replace(self.meters[instance_id], closed_at=now, stopped_at=now)

    def freeze(self, instance_id: str) -> None:
        """The instance is frozen now."""
        self.meters[instance_id] = replace(self.meters[instance_id], stopped_at=self.clock.now())

    def unfreeze(self, instance_id: str) -> None:
        """The instance runs again."""
        self.meters[instance_id] = replace(self.meters[instance_id], stopped_at=None)

    def check(self, record: UsageRecord) -> None:
        """The marketplace's rules about times (section 2.4)."""
        begin, end, sent = (
            datetime.strptime(text, TIME).replace(tzinfo=UTC)
            for text in (record.begin_time, record.end_time, record.record_time)
        )
        meter = self.meters[record.instance_id]
        assert meter.started_at <= begin < end <= sent <= self.clock.now()
        assert meter.closed_at is None or end <= meter.closed_at
        assert begin >= self.clock.now() - timedelta(days=21)

    def use(self, *events: UsageEvent) -> None:
        """Take events in, as the intake does once it has checked them."""
        self.events().add(
            [Stored(event, slot_of(event.time, daily=self.meters[event.instance_id].daily)) for event in events]
        )

    def events(self) -> UsageEvents:
        return UsageEvents(self.tables.table("usage"), self.clock, self.shards)

    def records(self) -> Records:
        return Records(self.tables.table("billing"), self.shards)

    def ledger(self) -> Ledger:
        return Ledger(self.tables.table("billing"), self.events(), self.records(), self.clock)

    def meters_of(self, instance_ids: Collection[str]) -> dict[str, Meter]:
        return {each: self.meters[each] for each in instance_ids}

    def upload(self, batch: int = 1000, seconds: float = 600) -> Counter[str]:
        """One run over every shard, as a new process would make it."""
        counts: Counter[str] = Counter()
        courier = Courier(self.api, self.clock, batch)
        for shard in range(self.shards):
            self.run(shard, courier, counts, seconds)
        return counts + Counter(calls=courier.calls)

    def run(
        self,
        shard: int,
        courier: Courier,
        counts: Counter[str],
        seconds: float,
        *,
        stored: Records | None = None,
        sealing: type[Sealer] = Sealer,
    ) -> Uploader:
        """An upload after its run, which had its records from ``stored`` and its sealer of the kind ``sealing``."""
        events, records, ledger = self.events(), stored or self.records(), self.ledger()
        sealer = sealing(events, ledger, self.meters_of, lambda meter: meter, self.clock, self.stopped.append, counts)
        uploader = Uploader(events, records, ledger, self.meters.get, courier, self.clock, counts)
        uploader.run(shard, sealer, Deadline(self.clock, seconds))
        return uploader
