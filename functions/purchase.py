"""``newInstance``: a buyer has paid (production interfaces, sections 2.1 and 3.1)."""

from dataclasses import replace

from shared.app import App
from shared.call import Call
from shared.commands import Created, Outcome, Purchase, Version
from shared.creation import begun, current_access, park, provision, refuse_other_order, resume, store
from shared.endpoint import Interface, endpoint
from shared.errors import Conflict, InProcess, Unavailable
from shared.provisioning import State
from shared.rehearsal import access
from shared.store.idempotency import OtherPayload
from shared.store.instances import InstanceRecord
from shared.store.table import Stale
from shared.work import within


def purchase(command: Purchase, call: Call, app: App) -> Outcome:
    """Create the instance of an order once; answer every repeat with the same id and the present way in."""

    def create(instance_id: str, again: bool) -> InstanceRecord:
        app.nonces.spend(call)
        if again and (stored := app.instances.get(instance_id)):
            refuse_other_order(stored, command)
            return resume(app, _restarted(app, command, stored), call.deadline)
        record = begun(app, command, instance_id, call.version)
        try:
            record = provision(app, record, call.deadline)
        except Unavailable:
            # V2 may say "accepted": what is out of reach now is asked again by the next query and by the sweep.
            if call.version is Version.V1:
                raise
        return store(app, record)

    key = f"{command.order_id}/{command.order_part or ''}"
    try:
        ran = app.once.run(key, identity(command), command.business_id, create, call)
    except OtherPayload as other:
        return _described_anew(app, command, other.subject)
    if not ran.finished:
        return _answer(app, park(app, call, command, ran.subject))
    if ran.result is not None:
        return _answer(app, ran.result)
    return _repeated(app, call, command, ran.subject)


def identity(command: Purchase) -> dict[str, object]:
    """What makes two purchases of one order the same.

    Left out: ``businessId`` and ``timeStamp``, which differ each time, phone and mail, which are encrypted afresh, and
    the expiry, which is approximate.
    """
    if command.content is None:
        return {}
    bought, buyer = command.content.specification, command.content.buyer
    return {
        "customer": buyer.customer_id,
        "product": [bought.product_id, bought.sku_code, bought.charging],
        "period": [bought.period_type, bought.period_number, command.content.trial],
        "linear": [bought.quantity, bought.disk_size, bought.bandwidth],
    }


def _repeated(app: App, call: Call, command: Purchase, instance_id: str) -> Outcome:
    record = app.instances.get(instance_id)
    if record is None:
        raise Unavailable("the instance of the order is missing")
    if record.undone:
        app.nonces.spend(call)
        record = _restarted(app, command, record)
    if record.state is State.PENDING:
        return _answer(app, _resumed(app, call, record))
    return Created(instance_id, current_access(app, record))


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


def _resumed(app: App, call: Call, record: InstanceRecord) -> InstanceRecord:
    try:
        return within(call.deadline, lambda: resume(app, record, call.deadline))
    except InProcess:
        return record
    except Unavailable:
        if call.version is Version.V1:
            raise
        return record


def _described_anew(app: App, command: Purchase, instance_id: str) -> Outcome:
    """After an upgrade or a renewal the order may be described by its new specification; then only the buyer must
    match.
    """
    record = app.instances.get(instance_id)
    if record and record.applied and command.content and record.customer_id == command.content.buyer.customer_id:
        return Created(instance_id, current_access(app, record))
    raise Conflict("the order was already processed with other content")


def _answer(_app: App, record: InstanceRecord) -> Created:
    return Created(record.instance_id, record.access, in_process=record.state is State.PENDING)


def rehearse(command: Purchase, app: App) -> Outcome:
    """A debug call gets a complete answer about an instance that does not exist."""
    return Created(command.business_id, access(app.settings))


INTERFACE = Interface("purchase", frozenset({"newInstance"}), purchase, rehearse)
handler = endpoint(INTERFACE)
