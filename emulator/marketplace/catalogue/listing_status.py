"""Whether the marketplace still sells a product (production interfaces, sections 2.1, 3.9 and 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.delivery.mails import SELLER, send_mail
from emulator.marketplace.storage.database import Database, Document
from emulator.marketplace.storage.transactions import transactional
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.texts import Text, named
from shared.clock import BEIJING, Clock, month_of

MOST_FAILED = 5
"""Failed orders a month; with one more the product is delisted."""
MOST_BAD_DAYS = 5
"""Days in a row on which probes fail; then the product is hidden."""


class FailedOrder(Document):
    """An order that failed because of the interface. ``month``: in Beijing, e.g. ``2026-11``."""

    product: str
    month: str

    @property
    def owner(self) -> str:
        return f"{self.product} {self.month}"


class ProbeDay(Document):
    """What the probes of one day in Beijing found. ``runs``: how many there were; ``failed``: cases that failed in any
    of them, until all passed again after a repair.
    """

    owned_by = "product"
    product: str
    day: date
    runs: int
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingReport:
    """How a product stands. ``failed_orders`` are those of this month, ``bad_days`` days in a row, today included."""

    product: str
    shelf: Shelf
    failed_orders: Sequence[str]
    bad_days: int


@dataclass(frozen=True, slots=True)
class ListingStatus:
    """Counts failed orders and failed probes of each product, and delists it when there are too many."""

    database: Database
    clock: Clock

    def report(self, product_id: str) -> ListingReport:
        """How a product stands now.

        :raises KeyError: there is none.
        """
        shelf = self.database.the(ListedProduct, product_id).shelf
        failed = tuple(order.id for order in self.failed_this_month(product_id))
        return ListingReport(product_id, shelf, failed, self.bad_days(product_id))

    @transactional
    def order_failed(self, order: PlacedOrder) -> None:
        failed = FailedOrder(id=order.id, product=order.product, month=month_of(self.clock.now()))
        self.database.put(failed)
        if len(self.failed_this_month(order.product)) > MOST_FAILED:
            self.take_off(order.product, Shelf.DELISTED, Text("mails.why.failed-orders", most=MOST_FAILED))

    def failed_this_month(self, product_id: str) -> Sequence[FailedOrder]:
        """The failed orders of a product in the present month, in Beijing."""
        return self.database.all(FailedOrder, f"{product_id} {month_of(self.clock.now())}")

    @transactional
    def probed(self, product_id: str, failed: Sequence[str]) -> None:
        """All saved cases of a product were run, and these failed. A failing run hides it on the last of so many days,
        each of which had a failing run; whether one bad run makes a bad day is not documented.
        """
        day = self._day(product_id, self._today())
        found = tuple(dict.fromkeys((*day.failed, *failed)))
        self.database.put(day.model_copy(update={"runs": day.runs + 1, "failed": found}))
        if self.bad_days(product_id) >= MOST_BAD_DAYS:
            self.take_off(product_id, Shelf.HIDDEN, Text("mails.why.bad-days", most=MOST_BAD_DAYS))

    def bad_days(self, product_id: str) -> int:
        """On how many days in a row probes failed, up to today, or to yesterday before today's first."""
        day = self._today()
        if not self._day(product_id, day).runs:
            day -= timedelta(days=1)
        count = 0
        while self._day(product_id, day).failed:
            count += 1
            day -= timedelta(days=1)
        return count

    @transactional
    def take_off(self, product_id: str, shelf: Shelf, why: Text) -> None:
        """Stop selling a product, and tell the seller why."""
        product = self.database.the(ListedProduct, product_id)
        if product.shelf in (shelf, Shelf.WITHDRAWN):
            return
        self.database.put(product.model_copy(update={"shelf": shelf}))
        name, now_on = named("market.product", product.name), named("market.shelf", shelf)
        text = Text("mails.text.shelf", product=name, number=product_id, shelf=now_on, why=why)
        subject = Text("mails.subject.shelf", shelf=now_on)
        send_mail(self.database, self.clock.now(), SELLER, subject=subject, text=text, about=product_id)

    @transactional
    def put_back(self, product_id: str) -> None:
        """Sell it again, once the seller has repaired what was wrong: bad days count anew. What the seller has
        withdrawn stays so.
        """
        product = self.database.the(ListedProduct, product_id)
        day = self._day(product_id, self._today())
        if product.shelf is not Shelf.WITHDRAWN:
            self.database.put(product.model_copy(update={"shelf": Shelf.ON_SALE}))
        self.database.put(day.model_copy(update={"runs": day.runs + 1, "failed": ()}))

    def _day(self, product_id: str, day: date) -> ProbeDay:
        key = f"{product_id} {day}"
        return self.database.get(ProbeDay, key) or ProbeDay(id=key, product=product_id, day=day, runs=0)

    def _today(self) -> date:
        return self.clock.now().astimezone(BEIJING).date()
