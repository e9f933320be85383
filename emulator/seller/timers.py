"""The timers of the seller's side on the marketplace's clock, so that they go off however far it is moved."""

from datetime import datetime, timedelta

from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.seller.seller import Seller
from shared.clock import Clock

SWEEP, UPLOAD = "seller sweep", "seller upload"
MINUTES = {SWEEP: 1, UPLOAD: 5}
"""The minute of each hour at which a timer goes off. A platform sweeps more often; in an hour nothing differs."""


class SellerTimers:
    """Lets ``seller`` sweep and upload once an hour."""

    def __init__(self, seller: Seller, agenda: MarketAgenda, clock: Clock) -> None:
        self._seller = seller
        self._agenda = agenda
        self._clock = clock

    def start(self) -> None:
        self._agenda.handle(SWEEP, lambda _subject: self._sweep())
        self._agenda.handle(UPLOAD, lambda _subject: self._upload())
        for name in MINUTES:
            self._next(name)

    def stop(self) -> None:
        """Not any more: the next start may be without this seller."""
        for name in MINUTES:
            self._agenda.drop(name, "")

    def _sweep(self) -> None:
        self._next(SWEEP)
        self._seller.sweep()

    def _upload(self) -> None:
        self._next(UPLOAD)
        self._seller.upload()

    def _next(self, name: str) -> None:
        now = self._clock.now()
        due: datetime = now.replace(minute=MINUTES[name], second=0, microsecond=0)
        self._agenda.put(name, "", due if due > now else due + timedelta(hours=1))
