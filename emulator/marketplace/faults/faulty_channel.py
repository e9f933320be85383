"""The channel to the seller with injected faults: lost, delayed, repeated and forged calls."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emulator.checks import Expected, Reading
from emulator.checks.reading import ACCEPTED
from emulator.clock import ShiftedClock
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import DELIVER, RENEWING, STATES, Message, Purpose
from emulator.marketplace.delivery.sender import About, Sender, Transport
from emulator.marketplace.faults.fault_list import (
    ANSWER_LOST,
    DUPLICATE,
    LATE,
    LOST,
    OVERTAKEN,
    REPEATED_LATER,
    REPLAYED,
    SKEWED,
    SLOW_BODY,
    SLOW_READING,
)
from emulator.marketplace.faults.forged_calls import FORGED_CALLS, REFUSED, SPENDING, Occasion, fits
from emulator.marketplace.faults.switches import Switches, Where
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.timeline import Timeline
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import Text
from emulator.wire.client import TIMEOUT, Reply
from emulator.wire.faulty_transports import SlowTransport, answer_lost, lost
from shared.clock import Clock
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REPEAT = "repeat"
"""Task: a message that was delivered comes again."""
MOST_SKEWED = 50.0
"""Seconds; the seller must accept 60."""
SLOW = 3.0
LONGEST_WAY = 25.0
"""Seconds; a clock may be wrong by another 30, and the seller must accept 60."""
LATEST = timedelta(hours=3)
REMEMBERED = timedelta(minutes=2)
"""How long a nonce that was accepted can be replayed in a forged call; sellers may forget it some minutes later."""


@dataclass
class FaultyChannel:
    """Carries each message once, plainly unless a switch says otherwise. Forged calls and second copies stand in the
    timeline and count as no attempt.

    ``signing_clock``: the seller's idea of now. ``slow``: seconds that a slow call takes longer.
    """

    database: Database
    agenda: MarketAgenda
    clock: Clock
    signing_clock: Clock
    signer: MessageSigner
    sender: Sender
    switches: Switches
    timeline: Timeline
    slow: float = SLOW

    def __post_init__(self) -> None:
        self.agenda.handle(REPEAT, self._repeat)
        self._spent: dict[str, tuple[str, datetime]] = {}
        self._late: set[str] = set()
        self._on_the_way: dict[str, HttpRequest] = {}

    def carry(self, message: Message, occasion: Text) -> tuple[RecordedCall, Reading] | None:
        """The attempt, after a forged call if one is drawn; ``None``: the attempt comes later."""
        if message.id in self._on_the_way:
            return self._carried(message, occasion, OVERTAKEN)
        key = f"{message.id} {len(message.calls)} {message.restarts}"
        self._send_forged(message, key)
        fault = self.switches.drawn(Where.DELIVERY, lambda name: self._possible(name, message), key) or ""
        if fault == LATE:
            self._put_off(message, self.switches.number(300, LATEST.total_seconds()))
            return None
        if fault == OVERTAKEN:
            self._on_the_way[message.id] = self._signed(message)
            self._put_off(message, self.switches.number(2, LONGEST_WAY))
            return None
        self._late.discard(message.id)
        call, reading = self._carried(message, occasion, fault)
        if fault == REPEATED_LATER and not call.first_failure:
            self.agenda.put(REPEAT, message.id, self._in(self.switches.number(60, 1800)))
        return call, reading

    def under_way(self, message: Message) -> bool:
        """Is it signed already? What comes again as it was signed first is told even if it is not so any more: its time
        stamp shows that it is older.
        """
        return message.id in self._on_the_way or (bool(message.calls) and self._as_signed_first(message))

    def _as_signed_first(self, message: Message) -> bool:
        can = message.version is Version.V1 and not message.sync and message.activity != "newInstance"
        return can and self.signer.holds("as-signed-first", message.id)

    def _signed(self, message: Message, clock: Clock | None = None) -> HttpRequest:
        if coming := self._on_the_way.pop(message.id, None):
            return coming
        if message.calls and self._as_signed_first(message) and (first := self.timeline.get(message.calls[0])):
            return first.sent.request()
        return self.signer.make(message, clock=clock)

    def _carried(self, message: Message, occasion: Text, fault: str) -> tuple[RecordedCall, Reading]:
        signer = self.signer
        about = signer.about(message, occasion, fault)
        if fault == DUPLICATE:
            return self._twice(message, about)
        clock = ShiftedClock(self.signing_clock, self._skew()) if fault == SKEWED else None
        request = self._signed(message, clock)
        call, reading = self.sender.send(request, signer.expected(message), about, self._transport(fault))
        if fault == REPLAYED:
            again = _also(about, "the-same-bytes")
            self.sender.send(request, self._repeated(message, reading), again)
        self._remember(message, request, call)
        return call, reading

    def _transport(self, fault: str) -> Transport:
        slow = SlowTransport(self.slow)
        transports: dict[str, Transport] = {
            LOST: lost,
            ANSWER_LOST: answer_lost,
            SLOW_BODY: slow.request,
            SLOW_READING: slow.answer,
        }
        return transports.get(fault, self.sender.transport)

    def _skew(self) -> timedelta:
        return timedelta(seconds=self.switches.number(-MOST_SKEWED, MOST_SKEWED))

    def _twice(self, message: Message, about: About) -> tuple[RecordedCall, Reading]:
        """Both at the same moment; the other copy must be answered with the same instance, or as being at work."""
        signer, at = self.signer, self.clock.now()
        twin = signer.make(message)
        with ThreadPoolExecutor(1, thread_name_prefix="twin") as other:
            coming = other.submit(self.sender.transport, self.sender.target.base, twin, TIMEOUT)
            call, reading = self.sender.send(signer.make(message), signer.expected(message), about)
        reply: Reply = coming.result()
        judged = Reading(reply, self._repeated(message, reading))
        self.sender.keep(twin, judged, _also(about, "its-copy"), at)
        return call, reading

    def _repeated(self, message: Message, first: Reading) -> Expected:
        """What a second copy must be answered: the instance that the first one was given."""
        instances = tuple(first.named) if message.purpose is Purpose.PURCHASE and first.succeeded else ()
        return self.signer.expected(message, codes=ACCEPTED, instances=instances)

    def _repeat(self, message_id: str) -> None:
        """What was delivered comes again, signed anew."""
        message = self.database.the(Message, message_id)
        subscription = self.database.get(Subscription, message.about)
        gone = subscription is not None and subscription.status is SubscriptionStatus.RELEASED
        codes = (*ACCEPTED, ResultCode.UNKNOWN_INSTANCE.value) if gone else ACCEPTED
        instances = (subscription.instance_id,) if subscription and message.purpose is Purpose.PURCHASE else ()
        expected = self.signer.expected(message, codes=codes, instances=instances)
        about = self.signer.about(message, Text("occasions.again-later"), REPEATED_LATER)
        self.sender.send(self.signer.make(message), expected, about)

    def _in(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def _put_off(self, message: Message, seconds: float) -> None:
        later = self._in(seconds)
        self._late.add(message.id)
        self.database.put(message.model_copy(update={"next_at": later}))
        self.agenda.put(DELIVER, message.id, later)

    def _send_forged(self, message: Message, key: str) -> None:
        nonce, at = self._spent.get(self.signer.key_name(message), ("", None))
        fresh = at is not None and self.clock.now() - at < REMEMBERED
        occasion = Occasion(self.signer, message, self.signing_clock, nonce if fresh else "")
        name = self.switches.drawn(Where.FORGED, lambda each: fits(each, occasion), key)
        if name is None:
            return
        about = self.signer.about(message, Text("occasions.forged"), name)
        self.sender.send(FORGED_CALLS[name](occasion), self.signer.expected(message, codes=REFUSED), about)

    def _remember(self, message: Message, request: HttpRequest, call: RecordedCall) -> None:
        """A nonce that the seller must have used up."""
        if message.version is Version.V2 and message.purpose in SPENDING and not call.first_failure:
            nonce = request.first("nonce") or request.headers.get("x-nonce", "")
            self._spent[self.signer.key_name(message)] = (nonce, self.clock.now())

    def _possible(self, name: str, message: Message) -> bool:
        """A change of state that is told late, or again later, would rightly be done then. Nothing is late twice, and
        the clock does not jump between what has an order.
        """
        state = message.purpose in STATES
        impossible = {
            LATE: state or message.id in self._late,
            REPEATED_LATER: state,
            OVERTAKEN: not state,
            SKEWED: state or message.purpose in (*RENEWING, Purpose.UPGRADE),
        }
        return not impossible.get(name, False)


def _also(about: About, name: str) -> About:
    more = Text(f"occasions.{name}")
    return replace(about, occasion=Text("occasions.more", what=about.occasion, more=more))
