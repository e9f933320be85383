"""The way of a message to the seller, with what the switches do to it and what they send besides."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from emulator.checks import Expected, Reading
from emulator.client import Reply, send
from emulator.clock import ShiftedClock
from emulator.market.agenda import Agenda
from emulator.market.book import Book
from emulator.market.call import Call
from emulator.market.delivery import DELIVER
from emulator.market.fault_list import (
    ANSWER_LOST,
    DUPLICATE,
    LATE,
    LOST,
    REPEATED_LATER,
    REPLAYED,
    SKEWED,
    SLOW_BODY,
    SLOW_READING,
)
from emulator.market.messages import Message, Purpose
from emulator.market.repeats import Repeats
from emulator.market.requests import ACCEPTED, Requests
from emulator.market.rogues import REFUSED, ROGUES, SPENDING, Occasion, fits
from emulator.market.sender import About, Sender, Way
from emulator.market.switches import Switches, Where
from emulator.market.ways import Slowly, answer_lost, lost
from shared.clock import Clock
from shared.commands import Version
from shared.http import HttpRequest

MOST_SKEWED = 50.0
"""Seconds; the seller must accept 60."""
SLOW = 3.0
LATEST = timedelta(hours=3)
_STATES = (Purpose.FREEZE, Purpose.UNFREEZE, Purpose.EXPIRY)
REMEMBERED = timedelta(minutes=2)
"""How long a nonce that was accepted is good for a rogue; sellers may forget it some minutes later."""


class FaultyChannel:
    """Carries each message once, plainly unless a switch says otherwise. Rogues and second copies stand in the timeline
    and count as no attempt.

    :param signing_clock: the seller's idea of now.

    ``slow``: seconds that a slow call takes longer.
    """

    def __init__(
        self,
        book: Book,
        agenda: Agenda,
        clock: Clock,
        *,
        signing_clock: Clock,
        requests: Requests,
        sender: Sender,
        switches: Switches,
    ) -> None:
        self._book, self._agenda, self._clock, self._signing_clock = book, agenda, clock, signing_clock
        self._requests, self._sender, self._switches = requests, sender, switches
        self.slow = SLOW
        self._repeats = Repeats(book, agenda, clock, requests=requests, sender=sender)
        self._spent: dict[str, tuple[str, datetime]] = {}
        self._late: set[str] = set()

    def carry(self, message: Message, occasion: str) -> tuple[Call, Reading] | None:
        """The attempt, after a rogue if there is to be one; ``None``: it comes later."""
        key = f"{message.id} {len(message.calls)} {message.restarts}"
        self._send_rogue(message, key)
        fault = self._switches.drawn(Where.DELIVERY, lambda name: self._possible(name, message), key) or ""
        if fault == LATE:
            self._put_off(message)
            return None
        self._late.discard(message.id)
        call, reading = self._carried(message, occasion, fault)
        if fault == REPEATED_LATER and not call.first_failure:
            self._repeats.plan(message, self._switches.number(60, 1800))
        return call, reading

    def _carried(self, message: Message, occasion: str, fault: str) -> tuple[Call, Reading]:
        requests = self._requests
        about = requests.about(message, occasion, fault)
        if fault == DUPLICATE:
            return self._twice(message, about)
        clock = ShiftedClock(self._signing_clock, self._skew()) if fault == SKEWED else None
        request = requests.make(message, clock=clock)
        call, reading = self._sender.send(request, requests.expected(message), about, self._way(fault))
        if fault == REPLAYED:
            again = replace(about, occasion=f"{occasion}: the same bytes")
            self._sender.send(request, self._repeated(message, reading), again)
        self._remember(message, request, call)
        return call, reading

    def _way(self, fault: str) -> Way:
        slowly = Slowly(self.slow)
        ways: dict[str, Way] = {
            LOST: lost,
            ANSWER_LOST: answer_lost,
            SLOW_BODY: slowly.sent,
            SLOW_READING: slowly.read,
        }
        return ways.get(fault, send)

    def _skew(self) -> timedelta:
        return timedelta(seconds=self._switches.number(-MOST_SKEWED, MOST_SKEWED))

    def _twice(self, message: Message, about: About) -> tuple[Call, Reading]:
        """Both at the same moment; the other copy must be answered with the same instance, or as being at work."""
        requests, at = self._requests, self._clock.now()
        twin = requests.make(message)
        with ThreadPoolExecutor(1, thread_name_prefix="twin") as other:
            coming = other.submit(send, self._sender.target.base, twin)
            call, reading = self._sender.send(requests.make(message), requests.expected(message), about)
        reply: Reply = coming.result()
        judged = Reading(reply, self._repeated(message, reading))
        self._sender.keep(twin, judged, replace(about, occasion=f"{about.occasion}: its copy"), at)
        return call, reading

    def _repeated(self, message: Message, first: Reading) -> Expected:
        """What a second copy must be answered: the instance that the first one was given."""
        instances = tuple(first.named) if message.purpose is Purpose.PURCHASE and first.succeeded else ()
        return self._requests.expected(message, codes=ACCEPTED, instances=instances)

    def _put_off(self, message: Message) -> None:
        seconds = self._switches.number(300, LATEST.total_seconds())
        later = self._clock.now() + timedelta(seconds=seconds)
        self._late.add(message.id)
        self._book.put(message.model_copy(update={"next_at": later}))
        self._agenda.put(DELIVER, message.id, later)

    def _send_rogue(self, message: Message, key: str) -> None:
        nonce, at = self._spent.get(self._requests.key_name(message), ("", None))
        fresh = at is not None and self._clock.now() - at < REMEMBERED
        occasion = Occasion(self._requests, message, self._signing_clock, nonce if fresh else "")
        name = self._switches.drawn(Where.ROGUE, lambda each: fits(each, occasion), key)
        if name is None:
            return
        _, make = ROGUES[name]
        about = self._requests.about(message, "rogue", name)
        self._sender.send(make(occasion), self._requests.expected(message, codes=REFUSED), about)

    def _remember(self, message: Message, request: HttpRequest, call: Call) -> None:
        """A nonce that the seller must have used up."""
        if message.version is Version.V2 and message.purpose in SPENDING and not call.first_failure:
            nonce = request.first("nonce") or request.headers.get("x-nonce", "")
            self._spent[self._requests.key_name(message)] = (nonce, self._clock.now())

    def _possible(self, name: str, message: Message) -> bool:
        """A change of state that is told late, or again later, would rightly be done then. Nothing is late twice."""
        if name == LATE and message.id in self._late:
            return False
        return name not in (LATE, REPEATED_LATER) or message.purpose not in _STATES
