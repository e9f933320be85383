"""What the seller's side does by itself, run in this process as its platform or its operator would run it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Lock
from typing import NamedTuple

from emulator.platforms.contexts import LocalLambdaContext
from emulator.seller.log_lines import LogLine, log_lines
from shared.app import App, install
from shared.instance.history import Happening
from shared.instance.lookup import happened
from shared.metering.meter import Meter
from shared.metering.reconciliation.bill import read_bill
from shared.metering.reconciliation.comparison import Day
from shared.metering.reconciliation.printing import reconciled
from shared.metering.reconciliation.spreadsheet import text_sheets
from shared.metering.slots import DAY, DAY_BEGINS, HOUR, Slot


class WaitingUsage(NamedTuple):
    """Usage of an hour, or a day, that ends at ``until``."""

    instance_id: str
    value: Decimal
    until: datetime


class Seller:
    """The timers and tools of the bundle ``app``. ``seconds``: what a run is given."""

    def __init__(self, app: App, seconds: float = 60.0) -> None:
        self._app = app
        self._seconds = seconds
        self._turn = Lock()
        self._lines = log_lines()

    def upload(self) -> Mapping[str, int]:
        """One run of the scheduled upload over each shard, one after the other; what became of the records."""
        from functions.metering import handler

        counts: Counter[str] = Counter()
        with self._installed():
            for shard in range(self._app.settings.shards):
                counts.update(handler({"shard": shard}, LocalLambdaContext("metering", seconds=self._seconds)))
        return counts

    def sweep(self) -> Mapping[str, int]:
        """One run of the scheduled sweep; what it found and mended."""
        from functions.sweep import handler

        with self._installed():
            return dict(handler({}, LocalLambdaContext("sweep", seconds=self._seconds)))

    @contextmanager
    def _installed(self) -> Iterator[None]:
        """Timers of a platform run apart from one another; in one process they wait for each other."""
        with self._turn:
            install(self._app)
            try:
                yield
            finally:
                install(None)

    def used(self, instance_id: str) -> Decimal:
        """All that the bundle knows an instance to have used, recorded or not."""
        recorded = sum(self._app.ledger.account(instance_id).total.values(), Decimal(0))
        shard = self._app.usage_events.shard_of(instance_id)
        return recorded + sum((each.value for each in self._waiting(shard, instance_id)), Decimal(0))

    def used_by_hour(self, instance_id: str, first: datetime, last: datetime) -> Mapping[datetime, Decimal]:
        """What it knows an instance to have used, by the begin of the hour, of daily products of the day."""
        begins = [first + number * HOUR for number in range(int((last - first) / HOUR) + 1)]
        slots = [Slot(begin, begin + HOUR) for begin in begins]
        slots += [Slot(begin, begin + DAY) for begin in begins if begin.hour == DAY_BEGINS]
        sums = self._app.usage_events.used([(instance_id, slot) for slot in slots])
        found = defaultdict[datetime, Decimal](Decimal)
        for slot, by_package in zip(slots, sums, strict=True):
            found[slot.begin] += sum(by_package.values(), Decimal(0))
        return {begin: value for begin, value in found.items() if value}

    def waiting(self) -> Sequence[WaitingUsage]:
        """What is in no record yet."""
        return [each for shard in range(self._app.settings.shards) for each in self._waiting(shard)]

    def _waiting(self, shard: int, only: str = "") -> Iterator[WaitingUsage]:
        """Of a shard, or of one instance of it: the ledger reads the store for each hour that is asked for."""
        app = self._app
        marked = dict.fromkeys((mark.instance_id, mark.slot) for mark in app.usage_events.marks(shard))
        for instance_id, slot in marked:
            if only in ("", instance_id) and (value := app.ledger.waiting(Meter(instance_id, slot.begin), slot)):
                yield WaitingUsage(instance_id, value, slot.end)

    def happened(self, instance_id: str) -> Sequence[Happening]:
        """The instance's history as the bundle keeps it, oldest first."""
        return happened(self._app, instance_id)

    def logged(self, request_id: str) -> Sequence[LogLine]:
        """What the bundle logged about a request, as far as that is still known."""
        return self._lines.of(request_id)

    def reconcile(self, instance_id: str, first: date, last: date, bill: str) -> Sequence[Day]:
        """An instance's days, beside the marketplace's bill for it (CSV, times in UTC)."""
        lines = read_bill(text_sheets(bill), {}, UTC)
        return list(reconciled(self._app, instance_id, first, last, lines))
