"""What happened to an instance: entries that are only ever added, kept in the instance's own partition.

An entry stands beside the change that it tells of: it is written before it or with it, as soon as the seller's product
has done its part. Its key is the same for each attempt at the same wish, so whoever dies in between leaves no second
one: the repeat writes it again.
No entry holds personal data, and each ends after ``KOOGALLERY_HISTORY_DAYS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared import log
from shared.clock import epoch_ms, moment_of
from shared.errors import KooGalleryError
from shared.instance.record import InstanceRecord
from shared.orders.book import FAILED, BookedOrder
from shared.orders.told import ToldOrder
from shared.provisioning import State
from shared.store.keys import joined, under

PREFIX = "history"
MOST = 100
"""Entries that are read at once."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry. ``since_ms`` is when the wish was first told, ``wish`` tells it from others told then.

    ``by`` is the request id of the call, or the name of the job or command. ``before`` and ``after`` are states;
    ``before`` is empty for what was not there. ``result``: ``done``, ``pending``, ``no effect`` or ``failed``.
    ``order`` is what the order book is to know of it (:mod:`shared.orders.book`).
    """

    at: datetime
    what: str
    since_ms: int
    wish: str = ""
    by: str = ""
    before: str = ""
    after: str = ""
    order_id: str = ""
    result: str = "done"
    reason: str = ""
    order: ToldOrder | None = None

    def item(self, instance_id: str, kept: timedelta) -> dict[str, Any]:
        """As it is stored: what is empty is left out."""
        key = joined(PREFIX, f"{self.since_ms:014d}", self.what, self.wish or self.order_id, self.result)
        told = {name: value for name in TOLD if (value := getattr(self, name))}
        times = {"at_ms": epoch_ms(self.at), "expires": int((self.at + kept).timestamp())}
        return {"pk": instance_id, "sk": key, **times, **told}


TOLD = ("what", "by", "before", "after", "order_id", "result", "reason")
RANGE = under(PREFIX)
"""First and last key of an instance's entries."""


def read(item: Mapping[str, Any]) -> Happening:
    """The entry as it was stored."""
    told = {name: item[name] for name in TOLD if name in item}
    at = moment_of(item["at_ms"])
    return Happening(at, since_ms=item["at_ms"], **told)


def created(record: InstanceRecord, at: datetime, *, before: State | None = None, reason: str = "") -> Happening:
    """An instance is there now, or is being made."""
    return Happening(
        at,
        "create",
        epoch_ms(record.created_at),
        wish=record.key,
        by=log.occasion(),
        before=before.value if before else "",
        after=record.state.value,
        order_id=record.order_id,
        result="pending" if record.state is State.PENDING else "done",
        reason=reason,
        order=record.told_order(),
    )


def booked(happened: Happening, record: InstanceRecord) -> BookedOrder | None:
    """What the order book keeps of it. An order is pending as long as its creation goes on, whatever fails meanwhile,
    and has failed once that is undone.
    """
    if happened.order is None:
        return None
    outcome = FAILED if happened.what == "undo" else happened.result
    return BookedOrder(
        happened.order,
        record.instance_id,
        record.customer_id,
        record.specification.product_id or "",
        first_told=moment_of(happened.since_ms),
        last_told=happened.at,
        outcome="pending" if happened.after == State.PENDING and happened.what == "create" else outcome,
        reason=happened.reason,
    )


def reason_of(error: BaseException) -> str:
    """Why something failed: of foreign errors the kind only, since their text may quote data."""
    return str(error) if isinstance(error, KooGalleryError) else type(error).__name__
