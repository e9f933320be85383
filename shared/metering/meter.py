"""What metering must know of an instance, and which slots of it are to be sealed."""

from dataclasses import dataclass
from datetime import datetime

from shared.metering.slots import Slot, earliest
from shared.metering.windows import Window, stretch
from shared.provisioning import Package


@dataclass(frozen=True, slots=True)
class Meter:
    """What metering must know of an instance.

    ``closed_at``: when it was released. ``stopped_at``: when it was released or frozen; nothing is used after that.
    ``pauses``: from and until when it was frozen before; it was used right before the one and from the other on.
    ``daily``: its slots are days. ``product_id``: for the old usage API.
    """

    instance_id: str
    started_at: datetime
    closed_at: datetime | None = None
    stopped_at: datetime | None = None
    daily: bool = False
    product_id: str | None = None
    packages: tuple[Package, ...] = ()
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    def stretch(self, slot: Slot, now: datetime) -> Window | None:
        """The part of a slot that records of now may carry: within the instance's life, over, and young enough to be
        billed (section 2.4).
        """
        begin, end = max(self.started_at, earliest(now)), min(self.closed_at or now, now)
        return stretch(slot, begin, end)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot of an instance that is to be sealed."""

    meter: Meter
    slot: Slot

    @property
    def key(self) -> tuple[str, Slot]:
        return self.meter.instance_id, self.slot
