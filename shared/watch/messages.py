"""Messages of the marketplace that failed: how each stands, seen from the instance that it is about.

Whoever asks looks into some of them, in turn, and knows of the others what was found out before: the sweep keeps it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING

from shared.clock import BEIJING, Deadline, month_of
from shared.instance.lookup import of_orders
from shared.instance.order_words import order_key, returned
from shared.instance.record import InstanceRecord
from shared.provisioning import State
from shared.store.paging import every
from shared.store.table import Item
from shared.watch.failures import failed_in
from shared.watch.message import LATE, FailedMessage, about, message_of
from shared.watch.round import Round, turn_of

if TYPE_CHECKING:
    from shared.app import App

NOTES = 5000
"""Read at once. More come into sight as those are removed that are over."""
ASKED = 100
"""Messages that are looked into at once."""
FORGOTTEN = 500
"""Notes that are removed at once."""


def failed_messages(app: "App", deadline: Deadline, round_: Round) -> list[FailedMessage]:
    """Those of this month and the last, by time; the next few that are not over are looked into, while time is left."""
    now = app.clock.now()
    months = sorted({month_of(now), month_of(now.astimezone(BEIJING).replace(day=1) - timedelta(days=1))})
    read = (every(app.tables.table("agenda"), failed_in(month)) for month in months)
    notes = sorted(islice(chain.from_iterable(read), NOTES), key=about)
    messages = {each.place: each for each in (message_of(list(items), now) for _, items in groupby(notes, about))}
    known = {place: each.mended(too_late=True) if each.is_late else each for place, each in messages.items()}
    if deadline.left():
        turn = turn_of((place for place, each in known.items() if not each.is_over), round_.judged, ASKED)
        round_.judged = turn[-1] if turn else ""
        known |= _looked_into(app, {place: messages[place] for place in turn})
    return [known[place] for place in sorted(known)]


def keep(app: "App", messages: Iterable[FailedMessage]) -> None:
    """Keep what was found out: notes of what is over are removed, and those of what is too late say so."""
    table, over, changed = app.tables.table("agenda"), list[Item](), list[Item]()
    for each in messages:
        if each.is_over:
            over += each.notes
        elif each.too_late != each.is_late:
            changed.append(each.notes[-1] | {LATE: each.too_late})
    table.put_many(changed)
    table.delete_many([(item["pk"], item["sk"]) for item in over[:FORGOTTEN]])


def _looked_into(app: "App", messages: Mapping[str, FailedMessage]) -> dict[str, FailedMessage]:
    known = {each.instance_id for each in messages.values() if each.instance_id}
    records = app.instances.get_many(known)
    made = of_orders(app, {each.order_id for each in messages.values() if _is_purchase(each)})
    return {
        place: _of_purchase(each, made[each.order_id]) if _is_purchase(each) else _of(each, records)
        for place, each in messages.items()
    }


def _is_purchase(message: FailedMessage) -> bool:
    return message.activity == "newInstance" and bool(message.order_id)


def _of_purchase(message: FailedMessage, made: Sequence[InstanceRecord]) -> FailedMessage:
    own = [each for each in made if each.order_id == message.order_id]
    alive = [each.started_at for each in own if each.started_at and each.state is not State.RELEASED]
    mended = bool(own) and all(each.state is not State.PENDING and not each.undone for each in own)
    too_late = any(at > message.until for at in alive)
    return message.mended(too_late=too_late) if mended else message


def _of(message: FailedMessage, records: Mapping[str, InstanceRecord]) -> FailedMessage:
    record = records.get(message.instance_id)
    return message.mended() if record and _is_done(message, record) else message


def _is_done(message: FailedMessage, record: InstanceRecord) -> bool:
    if message.wanted:
        return record.state in (message.wanted, State.RELEASED)
    key = order_key(message.order_id)
    applied = any(each.startswith((key, returned(key))) for each in record.applied)
    return message.is_order and (applied or record.state is State.RELEASED)
