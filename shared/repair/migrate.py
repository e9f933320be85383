"""``koogallery migrate``: what an earlier release did not keep beside its instances is added to them.

Their first entry of the history, what they are found by, and their orders. Nothing is replaced: each item is made only
if it is not there, so servers of any release may run meanwhile, and what was cut short is carried on with. Orders come
without an amount, which the order query tells when somebody asks for their month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.clock import moment_of
from shared.errors import Unavailable
from shared.instance.hints import hints
from shared.instance.history import booked, created
from shared.instance.order_words import RELEASE, RETURN
from shared.instance.record import InstanceRecord
from shared.orders.book import BookedOrder
from shared.orders.told import ToldOrder
from shared.provisioning import OrderType
from shared.store.items import alive, epoch_seconds
from shared.store.paging import chunks, whole
from shared.store.table import WHOLE, Exists, Item, Write

if TYPE_CHECKING:
    from shared.app import App

AT_ONCE = 25
TYPES = {RETURN: OrderType.UNSUBSCRIBE_RENEWAL_PERIOD, RELEASE: OrderType.UNSUBSCRIBE}
"""What the names say by which an instance remembers orders, but those that renew or upgrade it."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """So many ``instances`` were looked at, and so many items were ``missing`` beside them."""

    instances: int
    missing: int


def migrated(app: "App", *, dry_run: bool = False) -> Iterator[Migrated]:
    """Look at every instance of the store, some at a time; ``dry_run``: nothing is written.

    :raises Unavailable: the store did not take everything; run it again.
    """
    table = app.tables.table("instances")
    ids = (item["pk"] for item in whole(table) if item["sk"] == WHOLE and "order_id" in item)
    for some in chunks(ids, AT_ONCE):
        records = list(app.instances.get_many(some).values())
        yield Migrated(len(records), _completed(app, records, dry_run=dry_run))


def _completed(app: "App", records: Sequence[InstanceRecord], *, dry_run: bool) -> int:
    table, now = app.tables.table("instances"), epoch_seconds(app.clock)
    wanted = {(each["pk"], each["sk"]): each for record in records for each in _beside(app, record) if alive(each, now)}
    there = {(each["pk"], each["sk"]) for each in table.get_many(wanted)}
    missing = [item for key, item in wanted.items() if key not in there]
    if missing and not dry_run:
        for outcome in table.write_many(Write("create", item) for item in missing):
            if isinstance(outcome, Exception) and not isinstance(outcome, Exists):
                raise outcome if isinstance(outcome, Unavailable) else Unavailable("an item was not written")
    return len(missing)


def _beside(app: "App", record: InstanceRecord) -> Iterator[Item]:
    """What would stand beside the instance, had this release made it. ``undone`` is told by its record alone."""
    first = created(record, record.started_at or record.created_at)
    yield first.item(record.instance_id, app.settings.history_kept)
    yield from hints(record, app.clock.now())
    order = booked(first, record)
    for each in (*((order,) if order else ()), *_applied(record)):
        yield from each.items()


def _applied(record: InstanceRecord) -> Iterator[BookedOrder]:
    """The orders that changed the instance; when they were told is known of the latest alone."""
    last = moment_of(record.changed_ms)
    product = record.specification.product_id or ""
    for name in record.applied:
        begin = next((each for each in TYPES if name.startswith(each)), "")
        order_id, _, line = name.removeprefix(begin).partition("/")
        kind = TYPES.get(begin)
        told = ToldOrder(order_id, line or None, kind)
        yield BookedOrder(told, record.instance_id, record.customer_id, product, last, last, "done")
