"""The instance of an order: created under its claim, parked while that takes longer, found again by a repeat.

``functions/purchase.py`` shows when which of them is the case.
"""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from shared import log
from shared.call import Call
from shared.commands import Purchase, Version
from shared.errors import Conflict, InProcess, Unavailable
from shared.instance.access_details import current_access
from shared.instance.claims import differing, is_for, line_key, other_customer
from shared.instance.history import booked, created, reason_of
from shared.instance.ordered import described
from shared.instance.pending import begun, begun_anew, provision, resume
from shared.instance.record import InstanceRecord
from shared.instance.repository import Taken
from shared.provisioning import State
from shared.store.idempotency import Ran
from shared.store.table import Stale
from shared.timeouts import within

if TYPE_CHECKING:
    from shared.app import App


def create(app: "App", call: Call, purchase: Purchase, instance_id: str, again: bool) -> Ran[InstanceRecord]:
    """Create what was bought, or carry on with what an earlier run has stored (``again``).

    :raises Conflict: the instance belongs to another order.
    :raises Unavailable: V1 cannot be served now. V2 is: the order is paid, and what is out of reach is asked again by
        the next query and by the sweep. Not where no line is named: a call that names it may come first, and would be
        another instance.
    """
    if again and (stored := app.instances.get(instance_id)):
        _refuse_other_order(stored, purchase)
        return Ran(instance_id, True, _carried_on(app, call, begun_anew(app, purchase, stored)))
    told = purchase
    try:
        told = purchase if purchase.content else described(app, purchase, call.deadline)
        if (meant := _line(told)) != _line(purchase):
            return app.once.run(meant, instance_id, partial(create, app, call, told), call)
        record = provision(app, begun(app, told, instance_id, call.version), call.deadline)
    except Unavailable as error:
        if call.version is Version.V1 or _line_is_untold(purchase, call):
            _book_failure(app, begun(app, told, instance_id, call.version), error)
            raise
        record = begun(app, purchase, instance_id, call.version)
    except Exception as error:
        _book_failure(app, begun(app, told, instance_id, call.version), error)
        raise
    return Ran(instance_id, True, store(app, record))


def _book_failure(app: "App", record: InstanceRecord, error: Exception) -> None:
    """Nothing is stored of the instance; the order book says why. Whoever is answered must not wait for that."""
    failed = replace(created(record, app.clock.now()), after="", result="failed", reason=reason_of(error))
    with suppress(Unavailable):
        if order := booked(failed, record):
            app.instances.book(order)


def parked(app: "App", call: Call, purchase: Purchase, instance_id: str) -> InstanceRecord:
    """Remember a creation that outlasts its call, leased to whoever is at work on it, so that it can be resumed.

    :raises Unavailable: it is not known yet which line of the order is meant.
    """
    if _line_is_untold(purchase, call):
        raise Unavailable("order query has not said yet which line is meant")
    record = begun(app, purchase, instance_id, call.version)
    return store(app, record.held(app.clock.now() + app.lease))


def repeated(app: "App", call: Call, purchase: Purchase, ran: Ran[InstanceRecord]) -> InstanceRecord:
    """The instance of an order that came before, as it is now; a pending creation is carried on with.

    :raises Conflict: it is another customer's.
    """
    record = ran.found or app.instances.get(ran.subject)
    if record is None:
        raise Unavailable("the instance of the order is missing")
    _compare(purchase, record)
    record = begun_anew(app, purchase, record)
    if record.state is not State.PENDING:
        return replace(record, access=current_access(app, record))
    try:
        return within(call.deadline, partial(_carried_on, app, call, record))
    except InProcess:
        return record


def store(app: "App", record: InstanceRecord) -> InstanceRecord:
    """Store a new record; if it is stored already, in the more advanced of both forms.

    :raises Conflict: another order has an instance of this id, because its ``businessId`` was the same.
    """
    if record.state is State.PENDING:
        app.agenda.add(record.instance_id, app.clock.now())
    try:
        return app.instances.create(record, created(record, app.clock.now()))
    except Taken as taken:
        existing = taken.existing
    _refuse_other_order(existing, record)
    if existing.state is not State.PENDING or record.state is State.PENDING:
        return existing
    try:
        known = replace(
            record,
            wishes=existing.wishes,
            tried=existing.tried,
            outbox=existing.outbox,
            announced=existing.announced,
            others=existing.others,
            version=existing.version,
        )
        return app.instances.replace(known, created(record, app.clock.now(), before=existing.state))
    except Stale:
        return app.instances.get(record.instance_id) or record


def _refuse_other_order(stored: InstanceRecord, order: InstanceRecord | Purchase) -> None:
    if not is_for(stored, order):
        raise Conflict("businessId was used by another order")


def _carried_on(app: "App", call: Call, record: InstanceRecord) -> InstanceRecord:
    """Version 2 may say that a paid order is accepted, whatever is out of reach now."""
    try:
        return resume(app, record, call.deadline)
    except Unavailable:
        if call.version is Version.V1:
            raise
        return record


def _compare(purchase: Purchase, record: InstanceRecord) -> None:
    """An order belongs to one customer; whatever else a repeat says otherwise, or leaves out, is only noted."""
    if purchase.content is None:
        return
    if record.customer_id not in ("", purchase.content.buyer.customer_id):
        raise other_customer()
    if others := differing(purchase.content, record):
        ids = {"order_id": record.order_id, "instance_id": record.instance_id}
        log.event("the order came again in other words", parameters=", ".join(others), **ids)


def _line_is_untold(purchase: Purchase, call: Call) -> bool:
    return call.version is Version.V2 and purchase.order_part is None


def _line(purchase: Purchase) -> str:
    return line_key(purchase.order_id, purchase.order_part)
