"""Messages of the marketplace that failed: how each stands, seen from the instance that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from shared.clock import BEIJING, moment_of, month_of
from shared.instance.lookup import of_order
from shared.instance.order_words import order_key
from shared.instance.record import InstanceRecord
from shared.provisioning import State
from shared.store.keys import split
from shared.store.paging import every
from shared.store.table import Item
from shared.watch.failures import failed_in
from shared.watch.retries import EVERY, NOT_REPEATED, ORDERS, REPEATED, repeats_left

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
    before, with attempts that never arrived: ``until`` is the latest, ``repeats`` the most. ``too_late``: what was
    bought is there, but only since the marketplace had given the order up.
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
    known = app.instances.get_many({each.instance_id for each in messages if each.instance_id})
    bought = [each for each in messages if each.activity == "newInstance" and each.order_id][-MOST_LOOKED_UP:]
    made = {each.order_id: of_order(app, each.order_id).instances for each in bought}
    judged = [_judged(each, known.get(each.instance_id), made.get(each.order_id, ()), now) for each in messages]
    return sorted(judged, key=lambda each: each.since)


def _about(item: Item) -> list[str]:
    return split(item["sk"])[:4]


def _message(notes: list[Item]) -> FailedMessage:
    """The latest round of attempts: one that comes after the marketplace had stopped was started by the seller."""
    activity, order_id, instance_id, wanted = _about(notes[0])
    notes.sort(key=lambda each: each["at_ms"])
    times = [moment_of(each["at_ms"]) for each in notes]
    since = times[0]
    for time in times:
        if time - since > REPEATED.get(activity, NOT_REPEATED) + EVERY:
            since = time
    told = notes[-1]["result"], notes[-1]["reason"]
    return FailedMessage(activity, order_id, instance_id, wanted, since, times[-1], *told)


def _judged(
    message: FailedMessage, record: InstanceRecord | None, made: Sequence[InstanceRecord], now: datetime
) -> FailedMessage:
    own = [each for each in made if each.order_id == message.order_id]
    if _is_made(own) if message.activity == "newInstance" else record is not None and _is_done(message, record):
        alive = [each.started_at for each in own if each.started_at and each.state is not State.RELEASED]
        return replace(message, state=MessageState.MENDED, too_late=any(at > message.until for at in alive))
    state = MessageState.OPEN if now < message.until else MessageState.FAILED
    return replace(message, state=state, repeats=repeats_left(message.activity, message.since, now))


def _is_made(own: Sequence[InstanceRecord]) -> bool:
    return bool(own) and all(each.state is not State.PENDING and not each.undone for each in own)


def _is_done(message: FailedMessage, record: InstanceRecord) -> bool:
    if message.wanted:
        return record.state in (message.wanted, State.RELEASED)
    named = (order_key(message.order_id), f"return {order_key(message.order_id)}")
    applied = any(each.startswith(named) for each in record.applied)
    return message.is_order and (applied or record.state is State.RELEASED)
