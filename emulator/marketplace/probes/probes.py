"""Probes: the marketplace runs the saved cases of what is on sale again, every morning and every afternoon (production
interfaces, section 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce

from emulator.marketplace.catalogue.listing_status import ListingStatus
from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.delivery.mails import SELLER, send_mail
from emulator.marketplace.probes.saved_cases import Cases, PlayedCase, SavedCase
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import transactional
from emulator.texts import Text, named
from shared.clock import BEIJING, Clock

HOURS = (9, 15)
"""When probes are made, in Beijing. Morning and afternoon are documented; the hours are ours."""
ROUND, PROBE = "probes", "probe"
"""Tasks: to begin a round, to run the cases of one product."""
RESIGN = "probes re-sign"


@dataclass
class Probes:
    """Runs saved cases, and hides products on which they fail for days.

    Nobody knows whether the marketplace signs a saved case anew: it does here, unless ``resign`` is set otherwise.
    """

    database: Database
    agenda: MarketAgenda
    clock: Clock
    cases: Cases
    listing_status: ListingStatus

    def __post_init__(self) -> None:
        self.agenda.handle(ROUND, self._begin)
        self.agenda.handle(PROBE, self._probe)
        if not self.agenda.due_at(ROUND):
            self.agenda.put(ROUND, "", following(self.clock.now()))

    @property
    def resign(self) -> bool:
        """Are saved cases signed anew? Stored in the database."""
        return self.database.setting(RESIGN, "yes") == "yes"

    @resign.setter
    def resign(self, wanted: bool) -> None:
        self.database.set(RESIGN, "yes" if wanted else "no")

    def repaired(self, product_id: str) -> Sequence[PlayedCase]:
        """The seller says that everything works again: if all saved cases pass now, the product is sold again.

        :raises KeyError: there is no such product.
        """
        self.database.the(ListedProduct, product_id)
        played = self._played(product_id, Text("occasions.after-a-repair"))
        if not any(each.problem for each in played):
            self.listing_status.put_back(product_id)
        return played

    @transactional
    def _begin(self, _subject: str) -> None:
        now, saved = self.clock.now(), self.database.owners(SavedCase)
        for product in self.database.all(ListedProduct) if saved else ():
            if product.id in saved:
                self.agenda.put(PROBE, product.id, now)
        self.agenda.put(ROUND, "", following(now))

    def _probe(self, product_id: str) -> None:
        if self.database.the(ListedProduct, product_id).shelf is not Shelf.ON_SALE:
            return
        failed = [each for each in self._played(product_id, Text("occasions.probe")) if each.problem]
        with self.database.changing():
            self.agenda.drop(PROBE, product_id)  # together with what came of it: no run counts twice
            if failed:
                subject, text = Text("mails.subject.probes", product=product_id), _found(failed)
                send_mail(self.database, self.clock.now(), SELLER, subject=subject, text=text, about=product_id)
            self.listing_status.probed(product_id, [each.name for each in failed])

    def _played(self, product_id: str, occasion: Text) -> Sequence[PlayedCase]:
        resign = self.resign
        return [self.cases.play(saved, occasion, resign=resign) for saved in self.cases.saved(product_id)]


def _found(failed: Sequence[PlayedCase]) -> Text:
    lines = [
        Text("mails.line.case", case=named("cases.debugging", each.name), problem=each.problem or "") for each in failed
    ]
    return reduce(lambda before, line: Text("mails.line.more", before=before, line=line), lines)


def following(moment: datetime) -> datetime:
    """When the next round begins after a moment."""
    today = moment.astimezone(BEIJING).date()
    rounds = (datetime.combine(today + timedelta(days=days), time(hour), BEIJING) for days in (0, 1) for hour in HOURS)
    return next(each for each in rounds if each > moment)
