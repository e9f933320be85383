"""A message of the marketplace that failed, as its notes tell it (:mod:`shared.watch.failures`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.clock import epoch_ms, moment_of
from shared.store.keys import split
from shared.store.table import Item
from shared.watch.retries import EVERY, NOT_REPEATED, ORDERS, REPEATED, repeats_left

LATE = "late"
"""Member of the latest note of a message: was what it is about found to be there, but too late?"""


class MessageState(StrEnum):
    """``open``: the marketplace repeats it. ``failed``: it does not any more. ``mended``: done all the same."""

    OPEN = "open"
    FAILED = "failed"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message by what it is about, ``since`` its first attempt that failed here. The marketplace may have begun
    before, with attempts that never arrived: ``until`` is the latest, ``repeats`` the most. ``too_late``: what was
    bought is there, but only since the marketplace had given the order up. ``notes`` are its items, by time.
    """

    activity: str
    order_id: str
    instance_id: str
    wanted: str
    since: datetime
    last: datetime
    result: str
    reason: str
    state: MessageState = MessageState.FAILED
    repeats: int = 0
    too_late: bool = False
    notes: Sequence[Item] = field(default=(), repr=False, compare=False)

    @property
    def until(self) -> datetime:
        """When the marketplace stops to repeat it by itself."""
        return self.since + REPEATED.get(self.activity, NOT_REPEATED)

    @property
    def is_order(self) -> bool:
        """Does an order fail with it?"""
        return self.activity in ORDERS

    @property
    def is_over(self) -> bool:
        """Is there nothing more to be told of it? An order that has failed is never forgotten."""
        return not (self.too_late if self.state is MessageState.MENDED else self.is_open or self.is_order)

    @property
    def is_open(self) -> bool:
        """Does the marketplace repeat it by itself?"""
        return self.state is MessageState.OPEN

    @property
    def place(self) -> str:
        """Among the others, the oldest first."""
        return f"{epoch_ms(self.since):014d} {self.notes[0]['sk']}"

    @property
    def is_late(self) -> bool:
        """Was it found to be too late before?"""
        return bool(self.notes[-1].get(LATE))

    def mended(self, *, too_late: bool = False) -> "FailedMessage":
        """What it is about is there."""
        return replace(self, state=MessageState.MENDED, repeats=0, too_late=too_late)


def about(item: Item) -> list[str]:
    """Activity, order, instance and wanted state that a note is of."""
    return split(item["sk"])[:4]


def message_of(notes: list[Item], now: datetime) -> FailedMessage:
    """The latest round of attempts: one that comes after the marketplace had stopped was started by the seller."""
    activity, order_id, instance_id, wanted = about(notes[0])
    notes.sort(key=lambda each: each["at_ms"])
    times = [moment_of(each["at_ms"]) for each in notes]
    since = times[0]
    for time in times:
        if time - since > REPEATED.get(activity, NOT_REPEATED) + EVERY:
            since = time
    told = notes[-1]["result"], notes[-1]["reason"]
    message = FailedMessage(activity, order_id, instance_id, wanted, since, times[-1], *told, notes=notes)
    state = MessageState.OPEN if now < message.until else MessageState.FAILED
    return replace(message, state=state, repeats=repeats_left(activity, since, now))
