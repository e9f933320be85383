"""Which instances have something to tell: hints that stand beside the change that tells it.

A hint names the version of the instance that its writer is about to replace. Once the instance has a newer one, that
write was made or never will be, and the hint may go with what it announced; before, nobody knows, and it stays. So no
hint is removed under a writer that is slow, stands still, or is another process.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.clock import epoch_ms
from shared.instance.record import InstanceRecord
from shared.store.keys import joined, split
from shared.store.table import Item

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Hint:
    """``instance_id`` may have something to tell as soon as its version is beyond ``version``."""

    instance_id: str
    version: int
    at_ms: int
    key: tuple[str, str]

    def decided(self, record: InstanceRecord) -> bool:
        """Was the write made or refused for good, as ``record``, read after the hint, shows?"""
        return record.version > self.version


def hint_to_tell(record: InstanceRecord, now: datetime) -> Item:
    """For the write that is about to replace ``record.version``."""
    return {"pk": WAITING, "sk": joined(record.instance_id, f"{record.version:012d}"), "at_ms": epoch_ms(now)}


def read_hint(item: Item) -> Hint:
    """The hint as it was stored."""
    instance_id, version = split(item["sk"])
    return Hint(instance_id, int(version), item["at_ms"], (item["pk"], item["sk"]))
