"""``newInstance``: a buyer has paid (production interfaces, sections 2.1 and 3.1)."""

from dataclasses import replace
from functools import partial

from shared import log
from shared.app import App
from shared.call import Call
from shared.commands import Created, Outcome, Purchase, Version
from shared.errors import Conflict, InProcess, Unavailable
from shared.instance import claims
from shared.instance.claims import PurchaseWish, Relation
from shared.instance.creation import (
    begun,
    current_access,
    described,
    park,
    provision,
    refuse_other_order,
    resume,
    store,
)
from shared.instance.record import InstanceRecord
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import State
from shared.provisioning.rehearsal import access
from shared.store.idempotency import Beside, OtherWish, Ran
from shared.store.table import Stale
from shared.timeouts import within

Claimed = Ran[InstanceRecord]
OTHER_CUSTOMER = "the order belongs to another customer"


def purchase(command: Purchase, call: Call, app: App) -> Outcome:
    """Create the instance of an order once; answer every repeat with the same id and the present way in."""
    wish = claims.wish(command)
    if wish is None:
        return _told(app, call, command, _claim_line(app, call, command))
    ran = _claim_order(app, call, command, wish)
    if ran is None:
        command = replace(command, order_part=wish.product)
        ran = _claim_product(app, call, command, wish)
    return _told(app, call, command, ran)


def _told(app: App, call: Call, command: Purchase, ran: Claimed) -> Outcome:
    if not ran.finished:
        if _line_is_untold(command, call):
            raise Unavailable("the order query has not said yet which line is meant")
        return _answer(park(app, call, command, ran.subject))
    if ran.result is not None:
        return _answer(ran.result)
    return _repeated(app, call, command, ran.subject)


def _claim_order(app: App, call: Call, command: Purchase, wish: PurchaseWish) -> Claimed | None:
    """Version 1: the order's claim; ``None`` if that is about another product."""
    beside = Beside(wish.about, lambda about: wish.relation(about) is Relation.SAME, claims.former_key(command))
    create = partial(_create, app, call, command)
    try:
        return app.once.run(claims.key(command.order_id, None), command.business_id, create, call, beside)
    except OtherWish as other:
        relation, subject = wish.relation(other.about), other.subject
    if relation is Relation.OTHER_CUSTOMER:
        raise Conflict(OTHER_CUSTOMER)
    existing = app.instances.get(subject) if relation is Relation.ASK_INSTANCE else None
    if existing and existing.order_id == command.order_id and wish.is_of(existing):
        return Ran(subject, finished=True)
    return None


def _claim_product(app: App, call: Call, command: Purchase, wish: PurchaseWish) -> Claimed:
    """Version 1: a product of a pay-per-use order, ``command.order_part``, beside the one that came first."""
    beside = Beside(wish.about, lambda about: wish.relation(about) is not Relation.OTHER_CUSTOMER)
    create = partial(_create, app, call, command)
    try:
        return app.once.run(claims.key(command.order_id, command.order_part), command.business_id, create, call, beside)
    except OtherWish:
        raise Conflict(OTHER_CUSTOMER) from None


def _claim_line(app: App, call: Call, command: Purchase) -> Claimed:
    """Version 2: the claim of the line, which is the order's only one where none is named."""
    beside = Beside(former=claims.former_key(command))
    return app.once.run(_line(command), command.business_id, partial(_create, app, call, command), call, beside)


def _create(app: App, call: Call, command: Purchase, instance_id: str, again: bool) -> Claimed:
    app.nonces.spend(call)
    if again and (stored := app.instances.get(instance_id)):
        refuse_other_order(stored, command)
        return Ran(instance_id, True, _carried_on(app, call, _restarted(app, command, stored)))
    try:
        told = command if command.content else described(app, command, call.deadline)
        if call.version is Version.V2 and (meant := _line(told)) != _line(command):
            return app.once.run(meant, instance_id, partial(_create, app, call, told), call)
        record = provision(app, begun(app, told, instance_id, call.version), call.deadline)
    except Unavailable:
        # The order is paid: what is out of reach now is asked again by the next query and by the sweep. Not where no
        # line is named: a call that names it may come first, and would be another instance.
        if call.version is Version.V1 or _line_is_untold(command, call):
            raise
        record = begun(app, command, instance_id, call.version)
    return Ran(instance_id, True, store(app, record))


def _line_is_untold(command: Purchase, call: Call) -> bool:
    return call.version is Version.V2 and command.order_part is None


def _line(command: Purchase) -> str:
    return claims.line_key(command.order_id, command.order_part)


def _repeated(app: App, call: Call, command: Purchase, instance_id: str) -> Outcome:
    record = app.instances.get(instance_id)
    if record is None:
        raise Unavailable("the instance of the order is missing")
    _compare(command, record)
    if record.undone:
        app.nonces.spend(call)
        record = _restarted(app, command, record)
    if record.state is State.PENDING:
        return _answer(_waited_for(app, call, record))
    return Created(instance_id, current_access(app, record))


def _compare(command: Purchase, record: InstanceRecord) -> None:
    """An order belongs to one customer; whatever else a repeat says otherwise, or leaves out, is only noted.

    :raises Conflict: it is another customer's.
    """
    if command.content is None:
        return
    if record.customer_id not in ("", command.content.buyer.customer_id):
        raise Conflict(OTHER_CUSTOMER)
    if others := claims.differing(command.content, record):
        ids = {"order_id": record.order_id, "instance_id": record.instance_id}
        log.event("the order came again in other words", parameters=", ".join(others), **ids)


def _restarted(app: App, command: Purchase, record: InstanceRecord) -> InstanceRecord:
    """Pending again, if it was undone because its order seemed lost: the seller has restarted the order."""
    if not record.undone:
        return record
    app.agenda.add(record.instance_id, app.clock.now())
    again = replace(record, state=State.PENDING, undone=False, attempt=record.attempt + 1, content=command.content)
    try:
        return app.instances.replace(replace(again, access=None, closed_at=None))
    except Stale:
        return app.instances.get(record.instance_id) or record


def _waited_for(app: App, call: Call, record: InstanceRecord) -> InstanceRecord:
    try:
        return within(call.deadline, lambda: _carried_on(app, call, record))
    except InProcess:
        return record


def _carried_on(app: App, call: Call, record: InstanceRecord) -> InstanceRecord:
    """Version 2 may say that a paid order is accepted, whatever is out of reach now."""
    try:
        return resume(app, record, call.deadline)
    except Unavailable:
        if call.version is Version.V1:
            raise
        return record


def _answer(record: InstanceRecord) -> Created:
    return Created(record.instance_id, record.access, in_process=record.state is State.PENDING)


def rehearse(command: Purchase, app: App) -> Outcome:
    """A debug call gets a complete answer about an instance that does not exist."""
    return Created(command.business_id, access(app.settings))


INTERFACE = Interface("purchase", frozenset({"newInstance"}), purchase, rehearse)
handler = endpoint(INTERFACE)
