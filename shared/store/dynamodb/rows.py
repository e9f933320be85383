"""How the items of one table of the bundle stand in a table of the service."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.clock import Clock
from shared.store.dynamodb.attributes import decode, encode
from shared.store.dynamodb.client import Client, call
from shared.store.items import alive, checked_key, epoch_seconds
from shared.store.table import Item


@dataclass(frozen=True, slots=True)
class DynamoRows:
    """Items as attributes, and back. ``name`` is what the service calls the table; ``part`` stands before each
    partition key there, where several tables of the bundle share that one.
    """

    name: str
    client: Callable[[], Client]
    clock: Clock
    part: str = ""

    @property
    def now(self) -> int:
        """The moment that ``expires`` is compared with."""
        return epoch_seconds(self.clock)

    def key(self, pk: str, sk: str) -> dict[str, Any]:
        """The key, checked, as attributes."""
        checked_key(pk, sk)
        return encode({"pk": self.part + pk, "sk": sk})

    def attributes(self, item: Item) -> dict[str, Any]:
        """An item, already checked, as attributes."""
        return encode({**item, "pk": self.part + item["pk"]})

    def immutable(self, items: Iterable[Item]) -> list[dict[str, Any]]:
        """Items, already checked, that are put whatever is stored, as attributes. The service refuses a request that
        names a key twice; the last one counts, as if written one by one.
        """
        new = {(item["pk"], item["sk"]): {**item, "version": 1} for item in items}
        return [self.attributes(each) for each in new.values()]

    def item(self, attributes: Mapping[str, Any]) -> Item:
        """Attributes as an item, expired or not."""
        item = decode(attributes)
        item["pk"] = item["pk"].removeprefix(self.part)
        return item

    def live(self, attributes: Mapping[str, Any]) -> Item | None:
        """Attributes as an item; ``None`` if it has expired."""
        item = self.item(attributes)
        return item if alive(item, self.now) else None

    def all_live(self, found: Iterable[Mapping[str, Any]]) -> list[Item]:
        """Those that have not expired."""
        return [item for attributes in found if (item := self.live(attributes))]

    def stored(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        """The attributes under a key, expired or not."""
        answer = call(self.client().get_item, TableName=self.name, Key=self.key(pk, sk), ConsistentRead=True)
        return answer.get("Item")
