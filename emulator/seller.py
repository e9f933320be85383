"""What the seller's side does by itself, run in this process as its platform or its operator would run it."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date

from emulator.contexts import LambdaContext
from shared.app import App, install
from shared.metering.bill import read_bill
from shared.metering.reconcile import reconciled
from shared.metering.reconciliation import Day

SECONDS = 60.0
"""Time a run is given."""


class Seller:
    """Metering of the bundle ``app``."""

    def __init__(self, app: App) -> None:
        self._app = app

    def upload(self) -> Mapping[str, int]:
        """One run of the scheduled upload over each shard, one after the other; what became of the records."""
        from functions.metering import handler

        counts: Counter[str] = Counter()
        install(self._app)
        try:
            for shard in range(self._app.settings.shards):
                counts.update(handler({"shard": shard}, LambdaContext("metering", seconds=SECONDS)))
        finally:
            install(None)
        return counts

    def reconcile(self, instance_id: str, first: date, last: date, bill: str) -> Sequence[Day]:
        """An instance's days, beside the marketplace's bill for it (CSV, times in UTC)."""
        lines = read_bill(io.StringIO(bill), {}, UTC)
        return list(reconciled(self._app, instance_id, first, last, lines))
