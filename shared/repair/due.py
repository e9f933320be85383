"""What an order has coming: its kind from the order query, what became of it from the store. Pure but for reading.

What is due is a command of the marketplace, which goes through the interface that it would have been sent to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.clock import Deadline
from shared.commands import Command, Purchase, Release, Renew, Upgrade, Version
from shared.errors import UnknownInstance
from shared.instance.claims import line_key
from shared.instance.lookup import happened, of_order
from shared.instance.order_words import order_key, returned
from shared.instance.ordered import content_from
from shared.instance.record import InstanceRecord
from shared.openapi.order import Order, OrderLine
from shared.provisioning import OrderType, RenewalScene, State
from shared.store.claim_records import record_key

if TYPE_CHECKING:
    from shared.app import App

SCENES = {OrderType.RENEW: RenewalScene.RENEWAL, OrderType.TRIAL_TO_FORMAL: RenewalScene.TRIAL_TO_FORMAL}


@dataclass(frozen=True, slots=True)
class Due:
    """``interface`` of ``functions/`` is to carry out ``command``; with neither, ``what`` says why nothing is due.

    ``harm``: something ends, or an order that was given up begins anew.
    """

    what: str
    instance_id: str = ""
    interface: str = ""
    command: Command | None = None
    version: Version = Version.V2
    sent_at: datetime | None = None
    harm: bool = False


def due(app: "App", order_id: str, named: str | None, deadline: Deadline) -> Sequence[Due]:
    """What the order has coming for each of its instances; for ``named`` if nothing here knows whose it is.

    :raises OrderNotFound: the open API knows no such order.
    :raises Unavailable: it does not answer.
    :raises UnknownInstance: there is no instance ``named``.
    """
    order = app.orders.find(order_id, None, deadline)
    if order.order_type in (OrderType.NEW, OrderType.TRIAL):
        return list(_purchases(app, order)) or [Due("untold")]
    if order.order_type is None:
        return [Due("unknown-type")]
    return [_change(app, order, record) for record in _meant(app, order_id, named)] or [Due("whose")]


def _meant(app: "App", order_id: str, named: str | None) -> Sequence[InstanceRecord]:
    if named is None:
        return of_order(app, order_id).instances
    record = app.instances.get(named)
    if record is None:
        raise UnknownInstance("instance id does not exist")
    return [record]


def _purchases(app: "App", order: Order) -> Iterator[Due]:
    """One for each claim that a call of the order has left."""
    wishes = {record_key(key): (version, part, line) for key, version, part, line in _claim_keys(order)}
    claims = app.tables.table("idempotency").get_many((key, "-") for key in wishes)
    subjects = {claim["subject"]: wishes[claim["pk"]] for claim in claims if claim["subject"]}
    records = app.instances.get_many(subjects)
    for subject, (version, part, line) in subjects.items():
        record = records.get(subject)
        if record and record.state is not State.PENDING and not record.undone:
            yield Due("nothing", subject)
            continue
        told = record.protocol if record else version
        content = content_from(order, line) if told is Version.V1 else None
        command = Purchase(order.order_id, part, subject, content)
        what = "anew" if record and record.undone else "complete" if record else "create"
        yield Due(what, subject, "purchase", command, told, order.created_at, harm=what == "anew")


def _claim_keys(order: Order) -> Iterator[tuple[str, Version, str | None, OrderLine]]:
    """Under what purchases of the order are claimed (:mod:`shared.instance.claims`), the rarest first."""
    for line in order.lines:
        if line.specification.product_id:
            yield (
                order_key(order.order_id, line.specification.product_id),
                Version.V1,
                line.specification.product_id,
                line,
            )
    for line in order.lines[:1]:
        yield order_key(order.order_id), Version.V1, None, line
    for line in order.lines:
        yield line_key(order.order_id, line.line_id), Version.V2, line.line_id, line


def _change(app: "App", order: Order, record: InstanceRecord) -> Due:
    if order.buyer.customer_id and record.customer_id not in ("", order.buyer.customer_id):
        return Due("other-customer", record.instance_id)
    key, part = order_key(order.order_id), _part(order, record)
    name = returned(key) if _is_return(order, record) else key
    if record.words_of(name, part or "") is not None and name + (part or "") not in record.tried:
        return Due("nothing", record.instance_id)
    if record.state is State.RELEASED:
        return Due("nothing" if order.order_type is OrderType.UNSUBSCRIBE else "released", record.instance_id)
    if order.order_type is OrderType.UNSUBSCRIBE and name == key:
        command = Release(record.instance_id, order.order_id, part, order.line(part).amount)
        return Due("release", record.instance_id, "release", command, record.protocol, order.created_at, harm=True)
    if record.state is State.PENDING:
        return Due("not-there-yet", record.instance_id)
    return _bought(app, order, record, part)


def _bought(app: "App", order: Order, record: InstanceRecord, part: str | None) -> Due:
    line = order.line(part)
    scene = _scene(app, order, record, line)
    told = (record.instance_id, order.order_id, part)
    if scene is None:
        return Due("upgrade", record.instance_id, "upgrade", Upgrade(*told, None), Version.V2, order.created_at)
    if line.expires_at is None and scene is not RenewalScene.TRIAL_TO_FORMAL:
        return Due("no-expiry", record.instance_id)
    renewal = Renew(*told, scene, line.expires_at)
    return Due("renew", record.instance_id, "renew", renewal, Version.V2, order.created_at)


def _scene(app: "App", order: Order, record: InstanceRecord, line: OrderLine) -> RenewalScene | None:
    """As what the order was, or would have been, told; ``None``: as an upgrade, which leaves the expiry as it is."""
    if order.order_type is OrderType.UNSUBSCRIBE:
        return RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD
    if order.order_type is not OrderType.CHANGE:
        return SCENES[order.order_type] if order.order_type else None
    told = {each.what for each in happened(app, record.instance_id) if each.order_id == order.order_id}
    longer = bool(line.expires_at and record.expires_at and line.expires_at > record.expires_at)
    return RenewalScene.RENEWAL_CHANGE if "renew" in told or (longer and "upgrade" not in told) else None


def _is_return(order: Order, record: InstanceRecord) -> bool:
    """Was the order told as a renewal that is given back? Of others the instance ends."""
    name = returned(order_key(order.order_id))
    return any(each.startswith(name) for each in (*record.tried, *record.applied))


def _part(order: Order, record: InstanceRecord) -> str | None:
    """The line that was told, else the first one; version 1 tells none."""
    name = order_key(order.order_id)
    told = [each.rpartition(name)[2] for each in (*record.tried, *record.applied) if name in each]
    if told:
        return told[-1] or None
    return order.lines[0].line_id if record.protocol is Version.V2 and order.lines else None
