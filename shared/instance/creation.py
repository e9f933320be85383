"""Creating an instance: at the purchase, again after a crash, and later when creation was pending."""

from dataclasses import replace
from typing import TYPE_CHECKING

from shared import log
from shared.call import Call
from shared.clock import Deadline
from shared.commands import OrderContent, Purchase, Version
from shared.errors import Conflict
from shared.instance.claims import is_for, line_meant
from shared.instance.record import InstanceRecord
from shared.instance.repository import Taken
from shared.provisioning import Access, Pending, State
from shared.provisioning.access import check_access
from shared.store.table import Stale

if TYPE_CHECKING:
    from shared.app import App
    from shared.openapi.order import Order, OrderLine


def content_of(app: "App", order_id: str, order_part: str | None, deadline: Deadline) -> OrderContent:
    """What the order says, from the open API (section 3.10).

    :raises Unavailable: the open API does not answer in time.
    """
    order = app.orders.find(order_id, order_part, deadline)
    return _content(order, order.line(order_part))


def _content(order: "Order", line: "OrderLine") -> OrderContent:
    return OrderContent(order.buyer, line.specification, order.order_type == "TRIAL", line.expires_at, line.amount)


def described(app: "App", purchase: Purchase, deadline: Deadline) -> Purchase:
    """A V2 purchase with what its order says, and the line it is about.

    :raises Unavailable: the open API does not answer in time.
    :raises InvalidParameter: the purchase names no line, and the order has several.
    """
    order = app.orders.find(purchase.order_id, purchase.order_part, deadline)
    line = line_meant(order, purchase.order_part)
    return replace(purchase, order_part=line.line_id or purchase.order_part, content=_content(order, line))


def begun(app: "App", purchase: Purchase, instance_id: str, version: Version) -> InstanceRecord:
    """The record of an instance whose creation begins now; not stored."""
    record = InstanceRecord(
        instance_id=instance_id,
        order_id=purchase.order_id,
        order_part=purchase.order_part,
        protocol=version,
        state=State.PENDING,
        created_at=app.clock.now(),
    )
    return _with_content(record, purchase.content) if purchase.content else record


def provision(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    """Ask the provisioner for the instance; the record is ACTIVE afterwards, or PENDING still. Nothing is stored."""
    content = record.content or content_of(app, record.order_id, record.order_part, deadline)
    record = _with_content(record, content)
    made = app.provisioner.create(record.instance(), content.buyer, record.key)
    return record if isinstance(made, Pending) else _active(app, record, made)


def store(app: "App", record: InstanceRecord) -> InstanceRecord:
    """Store a new record; if it is stored already, in the more advanced of both forms.

    :raises Conflict: another order has an instance of this id, because its ``businessId`` was the same.
    """
    if record.state is State.PENDING:
        app.agenda.add(record.instance_id, app.clock.now())
    try:
        return app.instances.create(record)
    except Taken as taken:
        existing = taken.existing
    refuse_other_order(existing, record)
    if existing.state is not State.PENDING or record.state is State.PENDING:
        return existing
    try:
        known = replace(record, wishes=existing.wishes, tried=existing.tried)
        return app.instances.replace(replace(known, version=existing.version))
    except Stale:
        return app.instances.get(record.instance_id) or record


def refuse_other_order(stored: InstanceRecord, order: InstanceRecord | Purchase) -> None:
    """
    :raises Conflict: the instance belongs to another order.
    """
    if not is_for(stored, order):
        raise Conflict("businessId was used by another order")


def park(app: "App", call: Call, purchase: Purchase, instance_id: str) -> InstanceRecord:
    """Remember a creation that outlasts its call, leased to whoever is at work on it, so that it can be resumed."""
    record = begun(app, purchase, instance_id, call.version)
    return store(app, record.held(app.clock.now() + app.lease))


def resume(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    """Carry on with a pending creation, unless someone else does; return the instance as it then is."""
    if record.state is not State.PENDING or record.leased(app.clock.now()):
        return record
    try:
        held = app.instances.replace(record.held(app.clock.now() + app.lease))
    except Stale:
        return app.instances.get(record.instance_id) or record
    try:
        after = _carry_on(app, held, deadline)
    except Exception:
        _keep(app, held)
        raise
    return _keep(app, after)


def current_access(app: "App", record: InstanceRecord) -> Access | None:
    """The way in as it is now; as stored where the provisioner cannot tell (section 2.1: never an old answer on
    purpose).
    """
    if record.state is State.RELEASED:
        return record.access
    try:
        described = app.provisioner.describe(record.instance())
        return check_access(described) if isinstance(described, Access) else record.access
    except Exception as error:  # noqa: BLE001 - the stored way in is the best answer there is
        log.failure("the provisioner cannot describe an instance", error, instance_id=record.instance_id)
        return record.access


def _carry_on(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    if record.content is not None:
        described = app.provisioner.describe(record.instance())
        if described is not None:
            return record if isinstance(described, Pending) else _active(app, record, described)
    return provision(app, record, deadline)


def _active(app: "App", record: InstanceRecord, access: Access) -> InstanceRecord:
    return replace(record, state=State.ACTIVE, access=check_access(access), content=None, started_at=app.clock.now())


def _with_content(record: InstanceRecord, content: OrderContent) -> InstanceRecord:
    return replace(
        record,
        customer_id=content.buyer.customer_id,
        specification=content.specification,
        trial=content.trial,
        expires_at=content.expires_at,
        content=content,
    )


def _keep(app: "App", record: InstanceRecord) -> InstanceRecord:
    try:
        return app.instances.replace(record.free())
    except Stale:
        return app.instances.get(record.instance_id) or record
