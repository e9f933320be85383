"""The story of one instance, as it stood at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from emulator.console.instances.events import KnownFacts, StoryEvent, events
from emulator.console.instances.stages import Stage, stages, told_stages
from emulator.console.times import to_millisecond
from emulator.marketplace.catalogue.products import ListedProduct
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.market import Market
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.marketplace.subscriptions.orders import OrderState, PlacedOrder, number_of
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.seller import Seller

MOST = 200
"""Calls, messages and mails of a story, from the newest on."""


@dataclass(frozen=True, slots=True)
class InstanceStory:
    """``stages`` and ``times`` are of the whole life; ``events`` and ``orders`` end at ``times[step]``, and
    ``stage`` is how the instance stood then. ``cut``: there is more than is shown. What is ``None`` is not known to the
    marketplace.
    """

    instance_id: str
    subscription: Subscription | None
    product: ListedProduct | None
    customer: Customer | None
    stages: Sequence[Stage]
    events: Sequence[StoryEvent]
    orders: Sequence[PlacedOrder]
    times: Sequence[datetime]
    step: int
    cut: bool

    @property
    def now(self) -> datetime:
        """The moment that is shown."""
        return self.times[self.step]

    @property
    def ended(self) -> bool:
        """Is the latest moment shown?"""
        return self.step == len(self.times) - 1

    @property
    def stage(self) -> Stage | None:
        return next((each for each in reversed(self.stages) if each.at <= self.now), None)

    @property
    def paid(self) -> Decimal:
        """What the orders come to, without those that were given back because nobody did them."""
        return sum((each.amount for each in self.orders if each.state is not OrderState.REFUNDED), Decimal(0))

    def step_of(self, moment: datetime) -> int:
        """The first step that is not before a moment."""
        return next((number for number, at in enumerate(self.times) if at >= moment), len(self.times) - 1)

    def at(self, step: int) -> "InstanceStory":
        """The same at another step; a number that is none is the nearest."""
        there = replace(self, step=min(max(step, 0), len(self.times) - 1))
        shown = [cut for each in self.events if (cut := each.until(there.now))]
        return replace(
            there, events=shown, orders=[each for each in self.orders if to_millisecond(each.placed_at) <= there.now]
        )


def story(market: Market, seller: Seller | None, name: str) -> InstanceStory | None:
    """All that is known of an instance by the end; ``None`` if nothing is.

    :param name: the instance's id, or that of a subscription the seller has given no instance yet.
    """
    database = market.database
    mine = market.instances.named(name)
    instance_id = mine.instance_id if mine else name
    known = _known(market, seller, mine, instance_id)
    if not (mine or known.calls or known.history):
        return None
    happened = events(known, seller.logged if seller else lambda _request_id: ())
    times = sorted({at for each in happened for at in each.times}) or [market.clock.now()]
    return InstanceStory(
        instance_id,
        mine,
        database.get(ListedProduct, mine.product) if mine else None,
        database.get(Customer, mine.customer_id) if mine else None,
        _stages(known),
        happened,
        known.orders,
        times,
        len(times) - 1,
        max(map(len, (known.calls, known.messages, known.mails))) >= MOST,
    )


def _known(market: Market, seller: Seller | None, mine: Subscription | None, instance_id: str) -> KnownFacts:
    database = market.database
    history = seller.happened(instance_id) if seller and instance_id else []
    if mine is None:
        return KnownFacts((), (), (), _calls(market, instance_id, (), ()), history)
    orders = database.all(PlacedOrder, mine.id)
    messages = database.all(Message, mine.id, newest=MOST)[::-1]
    mails = database.all(Mail, mine.id, newest=MOST)[::-1]
    return KnownFacts(orders, messages, mails, _calls(market, instance_id, orders, messages), history)


def _calls(
    market: Market, instance_id: str, orders: Sequence[PlacedOrder], messages: Sequence[Message]
) -> Sequence[TimelineLine]:
    """The newest calls that name the instance or one of its orders, or that a message made."""
    told = [number for message in messages for number in message.calls][-MOST:]
    names = dict.fromkeys(filter(None, (instance_id, *(number_of(order.id) for order in orders))))
    named = [line for name in names for line in market.timeline.lines(Filter(about=name), limit=MOST)]
    found = {line.number: line for line in (*named, *market.timeline.numbered(told))}
    return sorted(found.values(), key=lambda line: line.number)[-MOST:]


def _stages(known: KnownFacts) -> Sequence[Stage]:
    if not known.orders:
        return told_stages(known.history)
    made = {line.number: datetime.fromisoformat(line.at).astimezone(UTC) for line in known.calls}
    ended = {each.id: made[each.calls[-1]] for each in known.messages if each.calls and each.calls[-1] in made}
    return stages(known.orders, known.messages, ended)
