"""What happened to an instance, by time, from both sides: each call below its message, and below each call what the
seller's side logged and changed under its request id.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from emulator.console.times import to_millisecond
from emulator.marketplace.delivery.mails import Mail
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.storage.call_lines import TimelineLine
from emulator.marketplace.subscriptions.orders import PlacedOrder
from emulator.seller.log_lines import LogLine
from shared.instance.history import Happening

Logged = Callable[[str], Sequence[LogLine]]
"""The log lines of a request."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A call, with what the seller's side logged and what it changed."""

    call: TimelineLine
    logged: Sequence[LogLine] = ()
    changed: Sequence[Happening] = ()

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.call.at)


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One of ``order``, ``message``, ``mail`` and ``change``; or a call that no message made, in ``attempts``."""

    at: datetime
    order: PlacedOrder | None = None
    message: Message | None = None
    mail: Mail | None = None
    change: Happening | None = None
    attempts: Sequence[LoggedCall] = ()

    @property
    def kind(self) -> str:
        """Its member's name, or ``call``."""
        return next((name for name in ("order", "message", "mail", "change") if getattr(self, name)), "call")

    @property
    def times(self) -> Iterator[datetime]:
        """At each of these something happened."""
        if self.kind != "message":
            yield self.at
        yield from (each.at for each in self.attempts)

    def until(self, moment: datetime) -> "StoryEvent | None":
        """As much of it as had happened by then; ``None`` if nothing had."""
        if self.at > moment:
            return None
        return replace(self, attempts=[each for each in self.attempts if each.at <= moment])


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What there is to tell, each in the order of time."""

    orders: Sequence[PlacedOrder]
    messages: Sequence[Message]
    mails: Sequence[Mail]
    calls: Sequence[TimelineLine]
    history: Sequence[Happening]


def events(known: KnownFacts, logged: Logged) -> Sequence[StoryEvent]:
    """All of it, oldest first."""
    attempts = [_attempt(call, known.history, logged) for call in known.calls]
    by_number = {each.call.number: each for each in attempts}
    told = {number for message in known.messages for number in message.calls}
    joined = {id(change) for each in attempts for change in each.changed}
    found = [
        *(StoryEvent(to_millisecond(order.placed_at), order=order) for order in known.orders),
        *(_told(message, by_number) for message in known.messages),
        *(StoryEvent(mail.at, mail=mail) for mail in known.mails),
        *(StoryEvent(each.at, change=each) for each in known.history if id(each) not in joined),
        *(StoryEvent(each.at, attempts=[each]) for each in attempts if each.call.number not in told),
    ]
    return sorted(found, key=lambda event: event.at)


def _attempt(call: TimelineLine, history: Sequence[Happening], logged: Logged) -> LoggedCall:
    if not call.request_id:
        return LoggedCall(call)
    return LoggedCall(call, logged(call.request_id), [each for each in history if each.by == call.request_id])


def _told(message: Message, attempts: Mapping[int, LoggedCall]) -> StoryEvent:
    made = [attempts[number] for number in message.calls if number in attempts]
    return StoryEvent(to_millisecond(message.created_at), message=message, attempts=made)
