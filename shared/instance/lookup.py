"""Looks instances up for whoever operates them: by state and expiry, by order, customer and user, and what happened.

A page costs two or three requests on every engine, however many instances there are: the hints
(:mod:`shared.instance.hints`), the instances that they name, and the removal of some that turn out to be old.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from shared.clock import epoch_ms
from shared.errors import Unavailable
from shared.instance import history
from shared.instance.hints import LISTING, digest, expiry_text, listed_as
from shared.instance.history import Happening
from shared.instance.order_words import keys_of, order_key
from shared.instance.record import InstanceRecord
from shared.orders.book import ORDER
from shared.provisioning import State
from shared.store.claim_records import record_key
from shared.store.keys import behind, joined, split, under
from shared.store.table import Item, Table

if TYPE_CHECKING:
    from shared.app import App

MOST = 100
"""Instances on a page: what one request reads."""
MOST_FORGOTTEN = 25
"""Old hints that are removed with a page: what one request removes on every engine. Later pages remove the rest."""
LEFT_BEHIND = timedelta(days=1)
"""A hint of less than this age may be ahead of its instance."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of instances. ``next`` goes on behind it; ``None`` at the end."""

    instances: Sequence[InstanceRecord]
    next: str | None = None


def listed(app: "App", state: State | None, before: datetime | None, after: str | None = None) -> Found:
    """Instances by state, then by expiry; with ``before`` those only whose period ends before that."""
    first, last = under(state.value) if state else ("", behind("~"))
    if state and before:
        last = joined(state.value, expiry_text(before))
    page = _table(app).query(LISTING, first=first, last=last, limit=MOST, after=after)
    records = app.instances.get_many({_instance_id(item) for item in page.items})
    _forget(app, [item for item in page.items if not _true(item, records)], records)
    found = (records[_instance_id(item)] for item in page.items if _true(item, records))
    return Found([each for each in found if not before or (each.expires_at and each.expires_at < before)], page.next)


def of_customer(app: "App", customer_id: str, after: str | None = None) -> Found:
    """The instances of a buyer's account, by id."""
    page = _table(app).query(joined("customer", customer_id), limit=MOST, after=after)
    records = _read(app, map(_instance_id, page.items))
    return Found([each for each in records if each.customer_id == customer_id], page.next)


def of_user(app: "App", user_id: str, after: str | None = None) -> Found:
    """The instances that an IAM user bought, as far as the marketplace told who that is."""
    page = _table(app).query(joined("user", digest(user_id)), limit=MOST, after=after)
    records = _read(app, map(_instance_id, page.items))
    return Found([each for each in records if each.user_digest == digest(user_id)], page.next)


def of_order(app: "App", order_id: str, after: str | None = None) -> Found:
    """The instances that an order made or changed. One of an earlier release is found by its claim."""
    page = _table(app).query(joined(ORDER, order_id), limit=MOST, after=after)
    ids = [split(item["sk"])[0] for item in page.items] or ([] if after else _claimed(app, [order_id])[order_id])
    return Found([each for each in _read(app, ids) if is_about(each, order_id)], page.next)


def of_orders(app: "App", order_ids: Collection[str]) -> Mapping[str, Sequence[InstanceRecord]]:
    """The first page of :func:`of_order` for each of some orders, read together."""
    pages = _table(app).query_many([joined(ORDER, each) for each in order_ids], limit=MOST)
    named = {each: [split(item["sk"])[0] for item in page.items] for each, page in zip(order_ids, pages, strict=True)}
    named |= _claimed(app, [each for each, ids in named.items() if not ids])
    records = {each.instance_id: each for each in _read(app, chain.from_iterable(named.values()))}
    return {
        order: [records[each] for each in ids if each in records and is_about(records[each], order)]
        for order, ids in named.items()
    }


def is_about(record: InstanceRecord, order_id: str) -> bool:
    """Did the order make the instance, change it, or begin to?"""
    keys = keys_of(order_id)
    return record.order_id == order_id or any(each.startswith(keys) for each in (*record.applied, *record.tried))


def happened(app: "App", instance_id: str, most: int = history.MOST) -> list[Happening]:
    """What happened to an instance, the latest ``most`` of it, oldest first."""
    first, last = history.RANGE
    page = _table(app).query(instance_id, first=first, last=last, limit=most, reverse=True)
    return sorted(map(history.read, reversed(page.items)), key=lambda each: each.at)


def _claimed(app: "App", order_ids: Iterable[str]) -> dict[str, list[str]]:
    """Instance ids by order."""
    ids: dict[str, list[str]] = {each: [] for each in order_ids}
    keys = {record_key(key): each for each in ids for key in (order_key(each), order_key(each, f"{each}-000001"))}
    for claim in app.tables.table("idempotency").get_many((key, "-") for key in keys):
        if claim["subject"]:
            ids[keys[claim["pk"]]].append(claim["subject"])
    return ids


def _read(app: "App", ids: Iterable[str]) -> list[InstanceRecord]:
    wanted = list(dict.fromkeys(ids))
    records = app.instances.get_many(wanted)
    return [records[each] for each in wanted if each in records]


def _true(item: Item, records: Mapping[str, InstanceRecord]) -> bool:
    record = records.get(_instance_id(item))
    return record is not None and listed_as(record) == item["sk"]


def _forget(app: "App", old: Sequence[Item], records: Mapping[str, InstanceRecord]) -> None:
    """Remove what earlier changes left behind. Whoever changes an instance holds its lease when the new hint is
    written, so none of an instance at rest is about to be true.
    """
    now = app.clock.now()
    ended = epoch_ms(now - LEFT_BEHIND)
    at_rest = (each for each in old if not (record := records.get(_instance_id(each))) or not record.leased(now))
    keys = [(each["pk"], each["sk"]) for each in at_rest if each["at_ms"] < ended]
    if keys:
        with suppress(Unavailable):  # who may only read gets the page all the same
            _table(app).delete_many(keys[:MOST_FORGOTTEN])


def _instance_id(item: Item) -> str:
    return split(item["sk"])[-1]


def _table(app: "App") -> Table:
    return app.tables.table("instances")
