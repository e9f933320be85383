"""The stored record of an instance."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.clock import epoch_ms
from shared.commands import OrderContent, Version
from shared.instance.order_words import order_key, released, returned
from shared.instance.outbox import Announcement
from shared.instance.precedence import Stamp, Wishes
from shared.instance.unfinished import Aspect, Attempt, remembered
from shared.orders.told import ToldOrder
from shared.provisioning import Access, Instance, OrderSummary, OrderType, ReleaseReason, Specification, State

APPLIED_KEPT = 200
"""How many orders an instance remembers to have applied; a marketplace retry comes within hours, not 200 orders
later.
"""


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """An instance with what the bundle must know to change it safely.

    ``version`` is the item's (0: not stored yet). ``wishes`` are what :mod:`shared.instance.precedence` decides by,
    ``chosen`` says which order last chose a part of the specification, ``tried`` what is unfinished. ``applied`` maps
    each order that changed the instance to what it asked. ``changed_ms`` grows with each change, and when attempts at
    several alternate. ``unsure`` is where the seller's product may differ from the record, since a change was left
    unfinished. ``frozen_at`` is when it was frozen by our clock, ``frozen_times`` from and until when it was before, as
    far as usage may still be told. ``lease_until_ms`` > now: someone is at work on it. ``attempt`` counts creations: an
    undone instance may be created again. ``never_entered``: nobody has ever logged in to it; false where that is not
    known, as with those that earlier releases created. ``user_digest`` stands for the IAM user who
    bought, if that was told. ``outbox`` is what is still to be told of it, ``announced`` how much ever was put there.
    ``others`` is what a newer release has stored besides; it stays.
    """

    instance_id: str
    order_id: str
    order_part: str | None
    protocol: Version
    state: State
    created_at: datetime
    customer_id: str = ""
    specification: Specification = field(default_factory=Specification)
    trial: bool = False
    expires_at: datetime | None = None
    started_at: datetime | None = None
    closed_at: datetime | None = None
    frozen_at: datetime | None = None
    frozen_times: tuple[tuple[datetime, datetime], ...] = ()
    changed_ms: int = 0
    unsure: frozenset[Aspect] = frozenset()
    wishes: Wishes = ()
    chosen: Mapping[str, Stamp] = field(default_factory=dict)
    tried: Mapping[str, Attempt] = field(default_factory=dict)
    applied: Mapping[str, str] = field(default_factory=dict)
    lease_until_ms: int = 0
    attempt: int = 1
    undone: bool = False
    never_entered: bool = False
    user_digest: str = ""
    outbox: tuple[Announcement, ...] = ()
    announced: int = 0
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)
    access: Access | None = field(default=None, repr=False)
    content: OrderContent | None = field(default=None, repr=False)
    version: int = 0

    def leased(self, now: datetime) -> bool:
        """Is someone at work on the instance?"""
        return self.lease_until_ms > epoch_ms(now)

    def held(self, until: datetime) -> "InstanceRecord":
        """With a lease until ``until``."""
        return replace(self, lease_until_ms=epoch_ms(until))

    def free(self) -> "InstanceRecord":
        """Without a lease."""
        return replace(self, lease_until_ms=0)

    def released(self, now: datetime) -> "InstanceRecord":
        """Without credentials and the buyer's data; the address stays for late queries."""
        access = Access(self.access.front_end_url) if self.access else None
        return replace(self, state=State.RELEASED, closed_at=now, access=access, content=None, user_digest="")

    def trying(self, name: str, sent_ms: int) -> "InstanceRecord":
        """With the wish ``name``, first sent at ``sent_ms``, remembered as unfinished."""
        first = self.tried.get(name, Attempt(sent_ms, self.changed_ms))
        between = name in self.tried and list(self.tried)[-1] != name
        tried = remembered(self.tried, name, replace(first, sent_ms=sent_ms))
        return replace(self, tried=tried, changed_ms=self.changed_ms + between)

    def tried_out(self, name: str) -> "InstanceRecord":
        """Without the unfinished wish ``name``."""
        return replace(self, tried={each: sent for each, sent in self.tried.items() if each != name})

    def with_applied(self, order: str, digest: str) -> "InstanceRecord":
        """With ``order`` remembered as applied."""
        kept = dict(list(self.applied.items())[1 - APPLIED_KEPT :])
        return replace(self, applied=kept | {order: digest})

    def words_of(self, order: str, line: str) -> str | None:
        """What the applied order ``order`` asked for; with or without its line it is the same one."""
        for each, words in self.applied.items():
            if each in (order + line, order) or (not line and each.startswith(order)):
                return words
        return None

    @property
    def key(self) -> str:
        """The provisioner's idempotency key for creating this instance."""
        return self.instance_id if self.attempt == 1 else f"{self.instance_id}-{self.attempt}"

    @property
    def line_id(self) -> str | None:
        """The order line of the purchase, which only version 2 has."""
        return self.order_part if self.protocol is Version.V2 else None

    def told_order(self) -> ToldOrder:
        """The order of the purchase, as far as ``content`` is there to tell it."""
        content = self.content
        if content is None:
            return ToldOrder(self.order_id, self.line_id)
        kind = content.type or (OrderType.TRIAL if content.trial else OrderType.NEW)
        amounts = (content.amount, content.list_amount)
        return ToldOrder(self.order_id, self.line_id, kind, *amounts, content.created_at, content.unread_amount)

    def has_taken(self, order: ToldOrder) -> bool:
        """Did what the order asked for come to be?"""
        key, kind = order_key(order.order_id), order.type
        if kind is OrderType.UNSUBSCRIBE:
            key = released(key)
        elif kind is OrderType.UNSUBSCRIBE_RENEWAL_PERIOD:
            key = returned(key)
        elif self.order_id == order.order_id and self.started_at and not self.undone:
            return True
        return any(each.startswith(key) for each in self.applied)

    def settled(self) -> "InstanceRecord":
        """Without what only a pending creation needs: the buyer's own data."""
        return self if self.state is State.PENDING else replace(self, content=None)

    def instance(self, order: OrderSummary | None = None, reason: ReleaseReason | None = None) -> Instance:
        """As the provisioner sees it, who is asked for ``order``, or to release it for ``reason``."""
        return Instance(
            instance_id=self.instance_id,
            order_id=self.order_id,
            order_line_id=self.line_id,
            customer_id=self.customer_id,
            specification=self.specification,
            trial=self.trial,
            state=self.state,
            expires_at=self.expires_at,
            order=order,
            release_reason=reason,
        )
