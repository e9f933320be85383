"""An instance whose creation is under way: begun, provisioned, carried on with, begun anew."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.clock import Deadline
from shared.commands import OrderContent, Purchase, Version
from shared.instance.at_work import at_work
from shared.instance.hints import digest
from shared.instance.history import Happening, created, reason_of
from shared.instance.ordered import content_of
from shared.instance.record import InstanceRecord
from shared.provisioning import Access, Pending, State
from shared.provisioning.access import check_access
from shared.store.table import Stale

if TYPE_CHECKING:
    from shared.app import App


def begun(app: "App", purchase: Purchase, instance_id: str, version: Version) -> InstanceRecord:
    """The record of an instance whose creation begins now; not stored."""
    record = InstanceRecord(
        instance_id=instance_id,
        order_id=purchase.order_id,
        order_part=purchase.order_part,
        protocol=version,
        state=State.PENDING,
        created_at=app.clock.now(),
        never_entered=True,
    )
    return _with_content(record, purchase.content) if purchase.content else record


def provision(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    """Ask the provisioner for the instance; the record is ACTIVE afterwards, or PENDING still. Nothing is stored."""
    content = record.content or content_of(app, record.order_id, record.order_part, deadline)
    record = _with_content(record, content)
    told = record.told_order().summary(app.settings.currency)
    made = at_work(app, record).create(record.instance(told), content.buyer, record.key)
    return record if isinstance(made, Pending) else _active(app, record, made)


def resume(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    """Carry on with a pending creation, unless someone else does; return the instance as it then is."""
    return _alone(app, record, lambda held: _carry_on(app, held, deadline))


def made_by_hand(app: "App", record: InstanceRecord, access: Access, deadline: Deadline) -> InstanceRecord:
    """As :func:`resume`, of an instance that somebody has made without the provisioner.

    :raises ProvisioningError: the marketplace will not accept ``access``.
    """
    check_access(access)

    def made(held: InstanceRecord) -> InstanceRecord:
        content = held.content or content_of(app, held.order_id, held.order_part, deadline)
        return _active(app, _with_content(held, content), access)

    return _alone(app, record, made)


def _alone(app: "App", record: InstanceRecord, work: Callable[[InstanceRecord], InstanceRecord]) -> InstanceRecord:
    """What ``work`` makes of a pending instance, while nobody else is at work on it."""
    if record.state is not State.PENDING or record.leased(app.clock.now()):
        return record
    try:
        held = app.instances.replace(record.held(app.clock.now() + app.lease))
    except Stale:
        return app.instances.get(record.instance_id) or record
    try:
        after = work(held)
    except Exception as error:
        _keep(app, held, replace(created(held, app.clock.now()), result="failed", reason=reason_of(error)))
        raise
    return _keep(app, after, *_completed(app, after))


def begun_anew(app: "App", purchase: Purchase, record: InstanceRecord) -> InstanceRecord:
    """Pending again, if it was undone because its order seemed lost: the seller has restarted the order."""
    if not record.undone:
        return record
    app.agenda.add(record.instance_id, app.clock.now())
    again = replace(record, state=State.PENDING, undone=False, attempt=record.attempt + 1, content=purchase.content)
    try:
        anew = replace(again, access=None, closed_at=None)
        why = "the order was restarted"
        return app.instances.replace(anew, created(anew, app.clock.now(), before=record.state, reason=why))
    except Stale:
        return app.instances.get(record.instance_id) or record


def _carry_on(app: "App", record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    if record.content is not None:
        described = app.provisioner.describe(record.instance())
        if described is not None:
            return record if isinstance(described, Pending) else _active(app, record, described)
    return provision(app, record, deadline)


def _active(app: "App", record: InstanceRecord, access: Access) -> InstanceRecord:
    return replace(record, state=State.ACTIVE, access=check_access(access), started_at=app.clock.now())


def _with_content(record: InstanceRecord, content: OrderContent) -> InstanceRecord:
    return replace(
        record,
        customer_id=content.buyer.customer_id,
        user_digest=digest(content.buyer.user_id) if content.buyer.user_id else "",
        specification=content.specification,
        trial=content.trial,
        expires_at=content.expires_at,
        content=content,
    )


def _completed(app: "App", record: InstanceRecord) -> tuple[Happening, ...]:
    now_there = record.state is not State.PENDING
    return (created(record, app.clock.now(), before=State.PENDING),) if now_there else ()


def _keep(app: "App", record: InstanceRecord, *happened: Happening) -> InstanceRecord:
    try:
        return app.instances.replace(record.free(), *happened)
    except Stale:
        return app.instances.get(record.instance_id) or record
