"""The timers of the seller's side on the marketplace's clock, so that they go off however far it is moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.seller.seller import Seller
from shared.clock import Clock

SWEEP, UPLOAD = "seller sweep", "seller upload"
MINUTES = {SWEEP: 1, UPLOAD: 5}
"""The minute of an hour at which a timer goes off. A platform sweeps more often; in an hour nothing differs."""


@dataclass
class SellerTimers:
    """Lets ``seller`` sweep and upload, every so many hours."""

    seller: Seller
    agenda: MarketAgenda
    clock: Clock
    hours: int = 1

    def start(self) -> None:
        for name, run in ((SWEEP, self.seller.sweep), (UPLOAD, self.seller.upload)):
            self.agenda.handle(name, partial(self._run, name, run))
            self._next(name)

    def stop(self) -> None:
        """Not any more: the next start may be without this seller."""
        for name in MINUTES:
            self.agenda.drop(name, "")

    def _run(self, name: str, run: Callable[[], object], _subject: str) -> None:
        self._next(name)
        run()

    def _next(self, name: str) -> None:
        now = self.clock.now()
        due: datetime = now.replace(minute=MINUTES[name], second=0, microsecond=0)
        self.agenda.put(name, "", due if due > now else due + timedelta(hours=self.hours))
