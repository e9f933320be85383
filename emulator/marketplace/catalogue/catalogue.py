"""The seller's catalogue: products come, change and go; who has bought one keeps it as it was.

A product that nobody has is changed where it is. One that somebody has is withdrawn, and a revision of it comes in its
place: ``crm`` is followed by ``crm@2``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emulator.marketplace.catalogue.products import SHELF, ListedProduct, Shelf
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.transactions import transactional
from emulator.marketplace.subscriptions.subscription import Subscription

_REVISION = "@"


def name_of(product_id: str) -> str:
    """What all revisions of a product are called."""
    return product_id.partition(_REVISION)[0]


@dataclass
class Catalogue:
    """The products in ``database``."""

    database: Database

    def current(self) -> Sequence[ListedProduct]:
        """What the seller offers, hidden and delisted products too; the seller's own before the samples."""
        found = (each for each in self.database.all(ListedProduct) if each.shelf is not Shelf.WITHDRAWN)
        return sorted(found, key=lambda product: name_of(product.id) in SHELF)

    def own(self) -> Sequence[ListedProduct]:
        """Of these, the seller's own."""
        return [each for each in self.current() if name_of(each.id) not in SHELF]

    def get(self, name: str) -> ListedProduct | None:
        """The product that is offered under that name, or whose revision has that id."""
        return next((each for each in self.current() if name_of(each.id) == name_of(name)), None)

    def in_use(self, product_id: str) -> bool:
        """Has anybody ever bought it? Orders and messages tell of it for ever."""
        return any(each.product == product_id for each in self.database.all(Subscription))

    @transactional
    def put(self, product: ListedProduct) -> ListedProduct:
        """Offer a product under the name that its id is, in the place of what is called so; how it is kept. What says
        nothing new changes nothing.
        """
        name, present = name_of(product.id), self.get(product.id)
        if present and product.model_copy(update={"id": present.id, "shelf": present.shelf}) == present:
            return present
        if present and not self.in_use(present.id):
            kept = product.model_copy(update={"id": present.id, "shelf": present.shelf})
        else:
            if present:
                self.withdraw(present.id)
            kept = product.model_copy(update={"id": self._next(name), "shelf": Shelf.ON_SALE})
        self.database.put(kept)
        return kept

    @transactional
    def withdraw(self, product_id: str) -> None:
        """Offer it no longer.

        :raises KeyError: there is none.
        """
        product = self.database.the(ListedProduct, product_id)
        if self.in_use(product_id):
            self.database.put(product.model_copy(update={"shelf": Shelf.WITHDRAWN}))
        else:
            self.database.drop(ListedProduct, product_id)

    @transactional
    def load(self, products: Iterable[ListedProduct], *, samples: bool = True) -> Sequence[ListedProduct]:
        """Offer these; without ``samples`` none of those that there are from the start."""
        kept = [self.put(product) for product in products]
        names = {name_of(product.id) for product in kept}
        for product in self.current() if not samples else ():
            if name_of(product.id) in SHELF and name_of(product.id) not in names:
                self.withdraw(product.id)
        return kept

    def _next(self, name: str) -> str:
        ids = [each.id for each in self.database.all(ListedProduct) if name_of(each.id) == name]
        numbers = (int(each.partition(_REVISION)[2] or 1) for each in ids)
        return f"{name}{_REVISION}{max(numbers) + 1}" if ids else name
