"""Whether the marketplace still sells a product (production interfaces, sections 2.1, 3.9 and 8)."""

from collections.abc import Sequence

from emulator.market.book import Book, Document
from emulator.market.mails import SELLER, send_mail
from emulator.market.orders import PlacedOrder
from emulator.market.products import ListedProduct, Shelf
from emulator.market.requests import BEIJING
from shared.clock import Clock

MOST_FAILED = 5
"""Failed orders a month; with one more the product is delisted."""


class FailedOrder(Document):
    """An order that failed because of the interface. ``month``: in Beijing, e.g. ``2026-11``."""

    product: str
    month: str

    @property
    def owner(self) -> str:
        return f"{self.product} {self.month}"


class ProductStanding:
    """Counts what goes wrong with products, and takes them off the shelf."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def order_failed(self, order: PlacedOrder) -> None:
        """An order failed for good."""
        failed = FailedOrder(id=order.id, product=order.product, month=self._month())
        self._book.put(failed)
        if len(self.failed_this_month(order.product)) > MOST_FAILED:
            self.take_off(order.product, Shelf.DELISTED, f"more than {MOST_FAILED} orders failed this month")

    def failed_this_month(self, product_id: str) -> Sequence[FailedOrder]:
        """The failed orders of a product in the present month."""
        return self._book.all(FailedOrder, f"{product_id} {self._month()}")

    def take_off(self, product_id: str, shelf: Shelf, why: str) -> None:
        """Stop selling a product, and tell the seller why."""
        product = self._book.the(ListedProduct, product_id)
        if product.shelf is shelf:
            return
        self._book.put(product.model_copy(update={"shelf": shelf}))
        text = f"{product.name} ({product_id}) is {shelf}: {why}."
        send_mail(self._book, self._clock.now(), SELLER, subject=f"Product {shelf}", text=text, about=product_id)

    def put_back(self, product_id: str) -> None:
        """Sell it again, once the seller has repaired what was wrong."""
        product = self._book.the(ListedProduct, product_id)
        self._book.put(product.model_copy(update={"shelf": Shelf.ON_SALE}))

    def _month(self) -> str:
        return f"{self._clock.now().astimezone(BEIJING):%Y-%m}"
