"""``queryInstance``: access details and usage of up to 100 instances (production interfaces, sections 2.7 and 3.2)."""

from decimal import Decimal

from shared import log
from shared.app import App
from shared.call import Call
from shared.clock import Deadline
from shared.commands import Described, InstanceInfo, Outcome, Query
from shared.errors import UnknownInstance
from shared.instance.access_details import current_access
from shared.instance.pending import resume
from shared.instance.record import InstanceRecord
from shared.pipelines.marketplace import Interface, endpoint
from shared.provisioning import Charging, State, Usage
from shared.provisioning.rehearsal import access
from shared.provisioning.usage import told
from shared.timeouts import both, each_within

__all__ = ["handler"]

SIDE_BY_SIDE = 8
METERED = (Charging.ON_DEMAND, Charging.ON_DEMAND_PACKAGE)


def query(command: Query, call: Call, app: App) -> Outcome:
    """Describe the instances that exist; a pending creation is carried on with. Unknown ids are left out.

    :raises UnknownInstance: none of them exists.
    """
    _, records = both(
        lambda: app.nonces.spend(call),
        lambda: app.instances.get_many(command.instance_ids),
        side_by_side=app.tables.remote and call.nonce is not None,
    )
    if not records:
        raise UnknownInstance("instance id does not exist")
    known = [records[instance_id] for instance_id in command.instance_ids if instance_id in records]
    asked = each_within(call.deadline, lambda record: _info(app, record, call.deadline), known, SIDE_BY_SIDE)
    # What is stored, where the provisioner did not answer in time.
    return Described(tuple(info or _stored(record) for info, record in zip(asked, known, strict=True)))


def _stored(record: InstanceRecord) -> InstanceInfo:
    return InstanceInfo(record.instance_id, record.access, pending=record.state is State.PENDING)


def _info(app: App, record: InstanceRecord, deadline: Deadline) -> InstanceInfo:
    if record.state is State.PENDING:
        record = _resumed(app, record, deadline)
        access_now = record.access
    else:
        access_now = current_access(app, record)
    return InstanceInfo(record.instance_id, access_now, _usage(app, record), record.state is State.PENDING)


def _resumed(app: App, record: InstanceRecord, deadline: Deadline) -> InstanceRecord:
    try:
        return resume(app, record, deadline)
    except Exception as error:  # noqa: BLE001 - it stays pending, and the sweep tries again
        log.failure("a pending creation failed again", error, instance_id=record.instance_id)
        return record


def _usage(app: App, record: InstanceRecord) -> tuple[Usage, ...]:
    """Mandatory for metered products, even before anything was used."""
    if record.specification.charging not in METERED:
        return ()
    return _metered(app, record) or _told_by_seller(app, record)


def _metered(app: App, record: InstanceRecord) -> tuple[Usage, ...]:
    """From the ledger that the bills come from too: the sum of all records, which may be more than one can say."""
    if record.specification.charging is Charging.ON_DEMAND_PACKAGE:
        drawn = app.ledger.used_of(record.instance_id)
        return tuple(Usage(used, until, related) for related, used, until in drawn)
    account = app.ledger.account(record.instance_id)
    return (Usage(sum(account.total.values(), Decimal(0)), account.until),) if account.until else ()


def _told_by_seller(app: App, record: InstanceRecord) -> tuple[Usage, ...]:
    """For sellers who upload usage by other means. What cannot be told is left out rather than made up, and does not
    take the answer from the other instances.
    """
    nothing = (Usage(Decimal(0), app.clock.now()),)
    if record.state in (State.PENDING, State.RELEASED):
        return nothing
    try:
        said = tuple(app.provisioner.usage(record.instance()))
    except Exception as error:  # noqa: BLE001 - whatever a provisioner raises
        log.failure("the provisioner cannot tell the usage of an instance", error, instance_id=record.instance_id)
        return ()
    usage, wrong = told(said)
    for reason in wrong:
        log.alarm("usage of an instance cannot be told", instance_id=record.instance_id, reason=reason)
    return usage if said else nothing


def rehearse(command: Query, app: App) -> Outcome:
    """A debug call gets a complete answer about every id it asks for."""
    usage = (Usage(Decimal(0), app.clock.now()),)
    return Described(tuple(InstanceInfo(each, access(app.settings), usage) for each in command.instance_ids))


INTERFACE = Interface("query", frozenset({"queryInstance"}), query, rehearse)
handler = endpoint(INTERFACE)
