"""Checks of failed calls, of what is pending, of the directory, of timers, and of the product's own list."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from shared.clock import Deadline, epoch_ms
from shared.instance.lookup import listed
from shared.instance.record import InstanceRecord
from shared.provisioning import InstanceLister, State
from shared.provisioning.listing import PAGES, instances_of
from shared.watch.findings import Finding
from shared.watch.message import MessageState
from shared.watch.risk import WARN_AT, Risk
from shared.watch.round import Look

if TYPE_CHECKING:
    from shared.app import App
    from shared.store.agenda import Entry

PENDING_FOR = timedelta(hours=1)
"""A third of the time that the marketplace waits."""
LEFT_FOR = timedelta(days=1)
"""Longer than it should take until an unbound tenant's people are gone."""
SILENT = {"metering": timedelta(hours=2)}
"""Timers by how long nobody may have run them. Whether the sweep itself runs, only others can see."""
MOST = 100
"""Findings of one kind in a run."""


def at_risk(found: Risk) -> Iterator[Finding]:
    """Before a limit is reached, and what the marketplace has given up."""
    if (failed := len(found.failed_orders)) >= WARN_AT:
        yield Finding("orders.failing", f"{found.month} {failed}")
    if found.failing_days >= WARN_AT:
        yield Finding("probes.failing", f"{found.day} {found.failing_days}")
    yield from (Finding("calls.refused", f"{found.day} {reason}") for reason in found.sudden)
    for each in found.failed_orders[:MOST]:
        yield Finding("message.given-up", each.order_id, each.instance_id, each.order_id)
    for message in found.messages:
        if message.state is MessageState.MENDED and message.activity == "newInstance" and message.too_late:
            yield Finding("order.given-up", message.order_id, message.instance_id, message.order_id)


def long_pending(app: "App", waiting: Iterable["Entry"]) -> Iterator[Finding]:
    """Creations that are pending for an hour."""
    before = app.clock.now() - PENDING_FOR
    long = (each for each in waiting if each.since < before)
    yield from (Finding("pending.long", each.instance_id, each.instance_id) for each in islice(long, MOST))


def leftovers(app: "App", _look: Look) -> Iterator[Finding]:
    """People of tenants that were unbound, which should be gone."""
    due = epoch_ms(app.clock.now() - app.settings.forget_after - LEFT_FOR)
    if any(each.at_ms < due for each in app.directory.to_clear_up()):
        yield Finding("directory.left", "people")


def silent_timers(app: "App", _look: Look) -> Iterator[Finding]:
    """Timers of ``koogallery serve`` that have run before and do not any more."""
    for name, most in SILENT.items():
        item = app.tables.table("agenda").get(f"timer#{name}")
        if item and item["done_ms"] and item["done_ms"] < epoch_ms(app.clock.now() - most):
            yield Finding("schedule.silent", name)


def product_list(app: "App", look: Look) -> Iterator[Finding]:
    """What the product has and we do not, seen twice, as it may be in the making; and the reverse, if it tells all."""
    lister = app.provisioner
    told = instances_of(lister, look.deadline) if isinstance(lister, InstanceLister) else None
    if told is None:
        return
    theirs, whole = told
    ours = app.instances.get_many(theirs)
    unknown = sorted(each for each in theirs if each not in ours or ours[each].state is State.RELEASED)
    yield from (Finding("product.unknown", each, each) for each in unknown[:MOST] if each in look.round.suspects)
    look.round.suspects = unknown[:MOST]
    if whole:
        missing = (each for each in _ours(app, look.deadline) if each.instance_id not in theirs)
        yield from (Finding("product.missing", each.instance_id, each.instance_id) for each in islice(missing, MOST))


def _ours(app: "App", deadline: Deadline) -> Iterator[InstanceRecord]:
    """Those that the product should have; not what has only just been made."""
    before = app.clock.now() - PENDING_FOR
    for state in (State.ACTIVE, State.FROZEN):
        after: str | None = None
        for _ in range(PAGES):
            page = listed(app, state, None, after)
            yield from (each for each in page.instances if each.created_at < before)
            after = page.next
            if after is None or not deadline.left():
                break
