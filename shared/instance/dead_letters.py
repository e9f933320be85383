"""Events that were given up: kept for good, until somebody sends them again or removes them.

Writing one again is harmless. One that gave way to newer ones may still be told as well.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.instance.outbox import Announcement
from shared.provisioning import State
from shared.store.keys import joined, split, under
from shared.store.paging import every
from shared.store.table import Item

if TYPE_CHECKING:
    from shared.store.table import Table

DEAD = "dead-events"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What was not told of an instance."""

    instance_id: str
    announcement: Announcement

    @property
    def key(self) -> tuple[str, str]:
        """Of its item: by instance, in the order in which they happened."""
        return DEAD, joined(self.instance_id, f"{self.announcement.number:012d}")

    def item(self) -> Item:
        """As it is stored."""
        pk, sk = self.key
        ends = self.announcement.expires_at
        end = ends.isoformat() if ends else None
        return {
            "pk": pk,
            "sk": sk,
            **asdict(self.announcement),
            "state": self.announcement.state.value,
            "expires_at": end,
        }


def dead_letters(table: "Table", instance_id: str = "") -> Iterator[DeadLetter]:
    """All of them, or those of one instance, oldest first."""
    first, last = under(instance_id) if instance_id else ("", "\U0010ffff")
    yield from map(_read, every(table, DEAD, first, last))


def _read(item: Item) -> DeadLetter:
    end = datetime.fromisoformat(item["expires_at"]).astimezone(UTC) if item["expires_at"] else None
    told = Announcement(item["number"], item["kind"], item["at_ms"], State(item["state"]), end, item["order_id"])
    return DeadLetter(split(item["sk"])[0], told)
