"""Messages of the marketplace that failed: how each stands, seen from the instance that it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from shared.instance.lookup import of_order
from shared.instance.order_words import order_key
from shared.instance.record import InstanceRecord
from shared.provisioning import State
from shared.store.keys import split
from shared.store.paging import every
from shared.store.table import Item
from shared.watch.failures import failed_in
from shared.watch.retries import BEIJING, EVERY, NOT_REPEATED, ORDERS, REPEATED, month_of, repeats_left

if TYPE_CHECKING:
    from shared.app import App

MOST_LOOKED_UP = 50
"""Purchases whose instance is looked for: each is a request."""


class MessageState(StrEnum):
    """``open``: the marketplace repeats it. ``failed``: it does not any more. ``mended``: done all the same."""

    OPEN = "open"
    FAILED = "failed"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """A message by what it is about, ``since`` its first attempt that failed here. The marketplace may have begun
    before, with attempts that never arrived: ``until`` is the latest, ``repeats`` the most.
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

    @property
    def until(self) -> datetime:
        """When the marketplace stops to repeat it by itself."""
        return self.since + REPEATED.get(self.activity, NOT_REPEATED)

    @property
    def is_order(self) -> bool:
        """Does an order fail with it?"""
        return self.activity in ORDERS


def failed_messages(app: "App") -> list[FailedMessage]:
    """Those of this month and the last, by time."""
    now = app.clock.now()
    months = {month_of(now), month_of(now.astimezone(BEIJING).replace(day=1) - timedelta(days=1))}
    notes = [item for month in sorted(months) for item in every(app.tables.table("agenda"), failed_in(month))]
    messages = [_message(list(items)) for _, items in groupby(sorted(notes, key=_about), _about)]
    mended = _mended(app, messages)
    return sorted((_judged(each, mended, now) for each in messages), key=lambda each: each.since)


def _about(item: Item) -> list[str]:
    return split(item["sk"])[:4]


def _message(notes: list[Item]) -> FailedMessage:
    """The latest round of attempts: one that comes after the marketplace had stopped was started by the seller."""
    activity, order_id, instance_id, wanted = _about(notes[0])
    notes.sort(key=lambda each: each["at_ms"])
    times = [datetime.fromtimestamp(each["at_ms"] / 1000, UTC) for each in notes]
    since = times[0]
    for time in times:
        if time - since > REPEATED.get(activity, NOT_REPEATED) + EVERY:
            since = time
    told = notes[-1]["result"], notes[-1]["reason"]
    return FailedMessage(activity, order_id, instance_id, wanted, since, times[-1], *told)


def _judged(message: FailedMessage, mended: Iterable[FailedMessage], now: datetime) -> FailedMessage:
    if message in mended:
        return replace(message, state=MessageState.MENDED)
    left = repeats_left(message.activity, message.since, now)
    is_open = now < message.until
    return replace(message, repeats=left, state=MessageState.OPEN if is_open else MessageState.FAILED)


def _mended(app: "App", messages: list[FailedMessage]) -> list[FailedMessage]:
    known = app.instances.get_many({each.instance_id for each in messages if each.instance_id})
    bought = [each for each in messages if each.activity == "newInstance" and each.order_id][-MOST_LOOKED_UP:]
    made = {each.order_id: of_order(app, each.order_id).instances for each in bought}
    return [each for each in messages if _is_mended(each, known, made.get(each.order_id, ()))]


def _is_mended(message: FailedMessage, known: Mapping[str, InstanceRecord], made: Iterable[InstanceRecord]) -> bool:
    if message.activity == "newInstance":
        own = [each for each in made if each.order_id == message.order_id]
        return bool(own) and all(each.state is not State.PENDING and not each.undone for each in own)
    record = known.get(message.instance_id)
    if record is None:
        return False
    if message.wanted:
        return record.state in (message.wanted, State.RELEASED)
    named = (order_key(message.order_id), f"return {order_key(message.order_id)}")
    return message.is_order and (record.state is State.RELEASED or any(e.startswith(named) for e in record.applied))
