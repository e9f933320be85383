"""What the seller's side does by itself, run in this process as its platform or its operator would run it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date
from threading import Lock

from emulator.platforms.contexts import LocalLambdaContext
from shared.app import App, install
from shared.metering.reconciliation.bill import read_bill
from shared.metering.reconciliation.comparison import Day
from shared.metering.reconciliation.printing import reconciled
from shared.metering.reconciliation.spreadsheet import text_sheets

SECONDS = 60.0


class Seller:
    """The timers and tools of the bundle ``app``. ``seconds``: what a run is given."""

    seconds = SECONDS

    def __init__(self, app: App) -> None:
        self._app = app
        self._turn = Lock()

    def upload(self) -> Mapping[str, int]:
        """One run of the scheduled upload over each shard, one after the other; what became of the records."""
        from functions.metering import handler

        counts: Counter[str] = Counter()
        with self._installed():
            for shard in range(self._app.settings.shards):
                counts.update(handler({"shard": shard}, LocalLambdaContext("metering", seconds=self.seconds)))
        return counts

    def sweep(self) -> Mapping[str, int]:
        """One run of the scheduled sweep; what it found and mended."""
        from functions.sweep import handler

        with self._installed():
            return dict(handler({}, LocalLambdaContext("sweep", seconds=self.seconds)))

    @contextmanager
    def _installed(self) -> Iterator[None]:
        """Timers of a platform run apart from one another; in one process they wait for each other."""
        with self._turn:
            install(self._app)
            try:
                yield
            finally:
                install(None)

    def reconcile(self, instance_id: str, first: date, last: date, bill: str) -> Sequence[Day]:
        """An instance's days, beside the marketplace's bill for it (CSV, times in UTC)."""
        lines = read_bill(text_sheets(bill), {}, UTC)
        return list(reconciled(self._app, instance_id, first, last, lines))
