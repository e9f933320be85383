"""One change of one instance: what is wanted, and whether anything is left to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from shared import log
from shared.errors import Conflict
from shared.instance.order_words import contradict, order_key, released
from shared.instance.precedence import STOPPING
from shared.instance.record import InstanceRecord
from shared.instance.transitions import RULES, Event, Rule
from shared.instance.unfinished import Aspect
from shared.orders.told import ToldOrder
from shared.provisioning import State

TOLD: dict[Event, frozenset[Aspect]] = {
    Event.RENEW: frozenset({Aspect.PERIOD, Aspect.SPECIFICATION}),
    Event.UPGRADE: frozenset({Aspect.SPECIFICATION}),
    Event.FREEZE: frozenset({Aspect.SERVICE}),
    Event.UNFREEZE: frozenset({Aspect.SERVICE}),
    Event.RELEASE: frozenset(),
    Event.RESYNC: frozenset(Aspect),
}
"""What the seller's product may or may not have heard of if a change was left unfinished."""


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """The order behind a change: applied once, and only with ``words`` that do not contradict it.

    ``name`` ends in ``/`` and has the ``line`` behind it. ``returned_as``: the order has no effect once one of this
    name, its return, was applied; ``returns`` is the other way round.
    """

    name: str
    line: str
    words: str
    returned_as: str = ""
    returns: str = ""

    @property
    def key(self) -> str:
        """What the order is remembered under."""
        return self.name + self.line


def released_by(told: ToldOrder) -> str:
    """What the order of an unsubscription is remembered under."""
    return released(order_key(told.order_id, told.line_id))


class Unnoticed(Protocol):
    """The record after a change that the provisioner need not hear of, an equal one if nothing changes; else
    ``None``.
    """

    def __call__(self, record: InstanceRecord, sent_ms: int) -> InstanceRecord | None: ...


def _always_told(record: InstanceRecord, sent_ms: int) -> InstanceRecord | None:  # noqa: ARG001
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one instance.

    ``name`` is what its wish is remembered under while it is unfinished. ``carry_out`` asks the provisioner and returns
    the record afterwards; it is given the record, when the wish was first sent (UTC epoch milliseconds) and an
    idempotency key. ``told`` is what the call tells of its order.
    """

    event: Event
    name: str
    carry_out: Callable[[InstanceRecord, int, str], InstanceRecord]
    order: ChangeOrder | None = None
    unnoticed: Unnoticed = _always_told
    told: ToldOrder | None = None


def told_by(record: InstanceRecord, change: Change) -> frozenset[Aspect]:
    """What the provisioner may hear of when ``change`` is made of ``record``.

    A renewal ends a freeze, and one that overtakes or is overtaken may turn what looked like the end of the period into
    a freeze of another reason.
    """
    stopped = record.state is State.FROZEN or any(wish.kind in STOPPING for wish in record.wishes)
    return TOLD[change.event] | (TOLD[Event.FREEZE] if stopped and change.event is Event.RENEW else frozenset())


def settled(record: InstanceRecord, change: Change) -> bool:
    """Is there nothing left to do? Pure; raises what the call must be refused with."""
    order = change.order
    if order is not None and (words := record.words_of(order.name, order.line)) is not None:
        if contradict(words, order.words):
            raise Conflict("the order was already processed with other content")
        return True
    if order is not None and order.returned_as and record.words_of(order.returned_as, order.line) is not None:
        log.event("no effect: the order was returned", instance_id=record.instance_id)
        return True
    return RULES[record.state][change.event] is Rule.NOTHING and record.state is State.RELEASED


def overdue(record: InstanceRecord, change: Change) -> bool:
    """Did the order behind a change that is settled never come to its turn: was it returned before, or the instance
    released for another reason?
    """
    if change.told is None:
        return False
    if change.order is None:
        return released_by(change.told) not in record.applied
    return record.words_of(change.order.name, change.order.line) is None
