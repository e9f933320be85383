"""A marketplace with one instance: what it orders, one after the other, and what the instance must come to."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.commands import Freeze, Renew, Unfreeze, Upgrade
from shared.provisioning import FreezeReason, RenewalScene, Specification
from tests.market import V1, V2

BEGIN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
PERIOD = timedelta(minutes=12)
"""Short, so that whatever is retried is so within the hours in which the marketplace does it."""
SECONDS = [timedelta(seconds=1), timedelta(seconds=20), PERIOD / 4, PERIOD]
GAPS = [timedelta(milliseconds=1), timedelta(milliseconds=900), *SECONDS]
BOUGHT = Specification(product_id="P0", sku_code="S0", quantity=10)
ACTS = ["renew", "renew-change", "return", "return-own", "upgrade", "violate", "expire", "unfreeze"]


@dataclass(frozen=True)
class Message:
    """One call and the moment of its first attempt by the marketplace's own clock, when its order was placed."""

    command: Renew | Upgrade | Freeze | Unfreeze
    at: datetime
    content: Specification | None = None

    @property
    def kind(self) -> str:
        """States of one kind have no id that tells them apart."""
        return f"{type(self.command).__name__}{getattr(self.command, 'order_id', getattr(self.command, 'reason', ''))}"

    @property
    def ordered(self) -> bool:
        """Is it an order?"""
        return isinstance(self.command, Renew | Upgrade)


@dataclass
class Truth:
    """The marketplace's own file."""

    version: str
    now: datetime = BEGIN
    expires_at: datetime = BEGIN + PERIOD
    reasons: set[FreezeReason] = field(default_factory=set)
    specification: Specification = BOUGHT
    renewals: list[tuple[str, datetime, bool]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def act(self, act: str, gap: timedelta) -> None:
        """Do something, if it is possible now."""
        self.now += gap
        getattr(self, "_" + act.replace("-", "_"))(f"O{len(self.messages)}")

    def _renew(self, order: str, **bought: Any) -> None:
        self.renewals.append((order, self.expires_at, bool(bought)))
        self.expires_at = max(self.now, self.expires_at) + PERIOD
        self.reasons.discard(FreezeReason.EXPIRED)
        self._refresh(
            order, RenewalScene.RENEWAL_CHANGE if bought and self.version == V2 else RenewalScene.RENEWAL, bought
        )

    def _renew_change(self, order: str) -> None:
        self._renew(order, product_id=f"P{order}", period_type=f"T{order}")

    def _return(self, order: str, *, own: bool = False) -> None:
        if not self.renewals or self.renewals[-1][1] <= self.now:
            return
        returned, _, changed = self.renewals[-1]
        if own and changed:
            return  # what a change becomes when it is returned under its own id is written nowhere
        self.expires_at = self.renewals.pop()[1]
        self._refresh(returned if own else order, RenewalScene.UNSUBSCRIBE_RENEWAL_PERIOD, {})

    def _return_own(self, order: str) -> None:
        self._return(order, own=True)

    def _refresh(self, order: str, scene: RenewalScene, bought: dict[str, Any]) -> None:
        self.specification = replace(self.specification, **bought)
        told = bought if self.version == V1 else {}
        command = Renew("i", order, None, scene, self.expires_at, **told)
        self.messages.append(Message(command, self.now, self.specification))

    def _upgrade(self, order: str) -> None:
        target = Specification(product_id=f"P{order}", sku_code=f"S{order}", quantity=11 + len(self.messages))
        self.specification = self.specification.updated(target)
        command = Upgrade("i", order, None, target if self.version == V1 else None)
        self.messages.append(Message(command, self.now, target))

    def _violate(self, _order: str) -> None:
        if self.now < self.expires_at - timedelta(minutes=5):
            self._freeze(FreezeReason.SUSPENDED, FreezeReason.SUSPENDED)

    def _expire(self, _order: str) -> None:
        if self.now >= self.expires_at:
            self._freeze(FreezeReason.EXPIRED, FreezeReason.EXPIRED if self.version == V1 else FreezeReason.SUSPENDED)

    def _freeze(self, why: FreezeReason, told: FreezeReason) -> None:
        self.reasons.add(why)
        self.messages.append(Message(Freeze("i", told), self.now))

    def _unfreeze(self, _order: str) -> None:
        self.reasons.clear()
        self.messages.append(Message(Unfreeze("i"), self.now))


@dataclass(frozen=True)
class Delivery:
    """An attempt at a message. ``fails``: at the provisioner, ``before`` or ``after`` it did what it was asked."""

    message: Message
    retry: bool = False
    fails: str = ""


@st.composite
def histories(draw: st.DrawFn, version: str, acts: list[str] = ACTS, gaps: list[timedelta] = GAPS) -> Truth:
    """Some acts of the marketplace."""
    truth = Truth(version)
    for act in draw(st.lists(st.sampled_from(acts), min_size=2, max_size=9)):
        truth.act(act, draw(st.sampled_from(gaps)))
    return truth


@st.composite
def deliveries(draw: st.DrawFn, messages: list[Message], *, lost: bool = False) -> list[Delivery]:
    """The messages in any order; some attempts fail or (``lost``) never arrive, and are repeated some time later."""
    told: list[Delivery] = []
    failures = ["", "", "before", "after"] + (["lost"] if lost else [])
    for message in draw(st.permutations(messages)):
        place = draw(st.integers(0, len(told)))
        fails = draw(st.sampled_from(failures))
        if fails == "lost":
            told.insert(place, Delivery(message, retry=True))
            continue
        told.insert(place, Delivery(message, fails=fails))
        if fails:
            told.insert(draw(st.integers(place + 1, len(told))), Delivery(message, retry=True))
    return sorted_out(told)


def sorted_out(told: list[Delivery]) -> list[Delivery]:
    """A state has no id, so what comes next of its kind counts as its repeat: that comes before others of the kind."""
    for place, delivery in enumerate(told):
        own = delivery.message
        others = [each.message for each in told[place + 1 :] if each.message.kind == own.kind and not own.ordered]
        if delivery.fails and others and others[0] is not own:
            repeat = next(each for each in told[place + 1 :] if each.message is own)
            rest = [each for each in told if each is not repeat]
            return sorted_out([*rest[: place + 1], repeat, *rest[place + 1 :]])
    return told
