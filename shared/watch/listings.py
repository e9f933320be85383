"""Checks over the listing of instances: what ended and nobody told, and a part of what lives at each run."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from shared import log
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Freeze
from shared.errors import KooGalleryError
from shared.instance.freezing import freeze
from shared.instance.lookup import listed
from shared.instance.record import InstanceRecord
from shared.openapi.order import OrderNotFound
from shared.provisioning import FreezeReason, State
from shared.watch.findings import Finding
from shared.watch.round import Look

if TYPE_CHECKING:
    from shared.app import App

LATE = timedelta(days=1)
"""After the end of its period, by which the marketplace should have told of it."""
ASKED = 3
"""Orders that the order query is asked for in a run."""
OF_PARTS = frozenset({"product.unsure", "order.unknown"})
"""Found by looking at a part of all instances."""
SECONDS = 5.0
"""For one of them."""


def untold_expiries(app: "App", look: Look) -> Iterator[Finding]:
    """Active instances whose period ended a day ago; frozen if ``KOOGALLERY_FREEZE_EXPIRED`` says so."""
    for record in listed(app, State.ACTIVE, app.clock.now() - LATE).instances:
        if not (app.settings.freeze_expired and _frozen(app, record, look.deadline)):
            yield Finding("expiry.untold", record.instance_id, record.instance_id, record.order_id)


def parts(app: "App", look: Look) -> Iterator[Finding]:
    """The next page of what is active or frozen: does its order exist, and does the product know how it is? And what
    was found on other pages.
    """
    yield from _still_so(app, look)
    page = listed(app, None, None, look.round.after)
    look.round.after = page.next
    alive = [each for each in page.instances if each.state in (State.ACTIVE, State.FROZEN)]
    resting = [each for each in alive if not each.leased(app.clock.now())]
    yield from (Finding("product.unsure", each.instance_id, each.instance_id) for each in resting if each.unsure)
    yield from _unknown_again(app, look)
    asked = look.round.next_of(alive, ASKED)
    look.round.doubted = [each.instance_id for each in asked if _is_unknown(app, each, look.deadline)]


def _unknown_again(app: "App", look: Look) -> Iterator[Finding]:
    """Orders that are not known in two runs: a single answer may be wrong, and an alarm wakes somebody."""
    doubted = app.instances.get_many(look.round.doubted)
    for record in doubted.values():
        if record.state is not State.RELEASED and _is_unknown(app, record, look.deadline):
            yield Finding("order.unknown", record.order_id, record.instance_id, record.order_id)


def _still_so(app: "App", look: Look) -> Iterator[Finding]:
    """What was found on other pages, looked at again; of many orders only some are asked for."""
    kept = [each for each in look.before if each.check in OF_PARTS]
    records = app.instances.get_many({each.instance_id for each in kept})
    asked = 0
    for each in kept:
        record = records.get(each.instance_id)
        if record is None or record.state is State.RELEASED:
            continue
        if each.check == "product.unsure":
            so = bool(record.unsure)
        else:
            asked += 1
            so = asked > ASKED or not look.deadline.left() or _is_unknown(app, record, look.deadline)
        if so:
            yield each


def _is_unknown(app: "App", record: InstanceRecord, deadline: Deadline) -> bool:
    if not (app.settings.asks_orders and deadline.left()):
        return False
    try:
        app.orders.find(record.order_id, None, deadline.share(1, SECONDS))
    except OrderNotFound:
        return True
    except KooGalleryError:
        return False  # the next round asks again
    return False


def _frozen(app: "App", record: InstanceRecord, deadline: Deadline) -> bool:
    """As of the end of its period, so that a renewal that was sent later counts."""
    ended = record.expires_at or app.clock.now()
    call = Call(record.protocol, "expireInstance", test=False, sent_at=ended, key="", fields={}, deadline=deadline)
    try:
        freeze(Freeze(record.instance_id, FreezeReason.EXPIRED), call, app)
    except Exception as error:  # noqa: BLE001 - one instance must not stop the others
        log.failure("an instance that nobody renewed was not frozen", error, instance_id=record.instance_id)
        return False
    return True
