"""Delivers messages: retries each one until the seller answers success or the schedule ends."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from emulator.checks import Reading
from emulator.checks.reading import ACCEPTED, at
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import ASK, DELIVER, Delivery, Message, Purpose, schedule
from emulator.marketplace.delivery.sender import Sender
from emulator.marketplace.faults.faulty_channel import FaultyChannel
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import Text
from shared.clock import Clock
from shared.errors import ResultCode

PATIENCE, PAUSE = timedelta(hours=3), timedelta(minutes=5)
"""For how long, and how often, the marketplace asks after it."""

TRUE_WHILE = {
    Purpose.EXPIRY: SubscriptionStatus.FROZEN,
    Purpose.FREEZE: SubscriptionStatus.FROZEN,
    Purpose.UNFREEZE: SubscriptionStatus.ACTIVE,
}
"""What a subscription is as long as such a message is true: a freeze that arrived after the renewal would be wrong."""
OVERTAKEN = Text("reasons.overtaken")


class Outcomes(Protocol):
    """What follows from a message. Each method is called inside one transaction."""

    def opening(self, message: Message, reading: Reading) -> None:
        """The seller accepted a purchase and opens the instance in the background."""

    def delivered(self, message: Message, reading: Reading) -> None:
        """The seller did it."""

    def refused(self, message: Message) -> None:
        """An attempt failed; there will be others if ``next_at`` says so."""

    def given_up(self, message: Message) -> None:
        """There will be no other."""


@dataclass
class Deliveries:
    """The messages in ``database``."""

    database: Database
    agenda: MarketAgenda
    clock: Clock
    signer: MessageSigner
    sender: Sender
    channel: FaultyChannel
    outcomes: Outcomes

    def __post_init__(self) -> None:
        self.agenda.handle(DELIVER, self._attempt)
        self.agenda.handle(ASK, self._ask)

    def post(self, message: Message) -> Message:
        """Let a message be delivered from now on."""
        waiting = message.model_copy(update={"next_at": self.clock.now()})
        with self.database.changing():
            self.database.put(waiting)
            self.agenda.put(DELIVER, waiting.id, self.clock.now())
        return waiting

    def restart(self, message_id: str) -> Message:
        """Begin again with a message that was given up, as the seller's button does.

        :raises KeyError: there is none.
        :raises ValueError: it was delivered or is on its way, its order was refunded, or it is not true any more.
        """
        with self.database.changing():
            message = self.database.the(Message, message_id)
            if message.state is not Delivery.GIVEN_UP or schedule(message.purpose).refunds or self._overtaken(message):
                raise ValueError("only a message that was given up, and whose order was not refunded, can be restarted")
            again = {"state": Delivery.WAITING, "attempts": 0, "first_at": None, "restarts": message.restarts + 1}
            return self.post(message.model_copy(update=again))

    def hurry(self, message_id: str) -> None:
        """Try a waiting message now instead of at its next time, which a restart does to one that is still tried; or
        ask now whether what is being opened is there.

        :raises KeyError: there is none.
        """
        task = {Delivery.WAITING: DELIVER, Delivery.OPENING: ASK}.get(self.database.the(Message, message_id).state)
        if task:
            self.agenda.put(task, message_id, self.clock.now())

    def again(self, message_id: str) -> None:
        """Try a message now, whether it waits or was given up: :meth:`hurry` or :meth:`restart`.

        :raises KeyError: there is none.
        :raises ValueError: it was given up and cannot be restarted.
        """
        given_up = self.database.the(Message, message_id).state is Delivery.GIVEN_UP
        (self.restart if given_up else self.hurry)(message_id)

    def _attempt(self, message_id: str) -> None:
        message = self.database.the(Message, message_id)
        if message.state is not Delivery.WAITING:
            return
        if self._overtaken(message):
            self.database.put(_over(message, OVERTAKEN))
            return
        carried = self.channel.carry(message, Text("occasions.attempt", n=message.attempts + 1))
        if carried is not None:
            self._tried(message, *carried)

    def _tried(self, message: Message, call: RecordedCall, reading: Reading) -> None:
        now = self.clock.now()
        tried = message.model_copy(
            update={
                "attempts": message.attempts + 1,
                "first_at": message.first_at or call.at.replace(microsecond=0),
                "code": call.code,
                "problem": call.problem,
                "calls": (*message.calls, call.number),
                "next_at": None,
            }
        )
        with self.database.changing():
            if call.first_failure:
                self._failed(tried)
            elif call.code == ResultCode.IN_PROCESS:
                self.database.put(tried.model_copy(update={"state": Delivery.OPENING}))
                self.agenda.put(ASK, tried.id, now + PAUSE)
                self.outcomes.opening(tried, reading)
            else:
                self._settled(tried, reading)

    def _settled(self, message: Message, reading: Reading) -> None:
        delivered = message.model_copy(update={"state": Delivery.DELIVERED})
        self.database.put(delivered)
        self.outcomes.delivered(delivered, reading)

    def _failed(self, message: Message) -> None:
        now = self.clock.now()
        following = schedule(message.purpose).next_after(now, message.first_at or now)
        if following is None:
            self._give_up(message)
            return
        waiting = message.model_copy(update={"next_at": following})
        self.database.put(waiting)
        self.agenda.put(DELIVER, message.id, following)
        self.outcomes.refused(waiting)

    def _give_up(self, message: Message) -> None:
        given_up = _over(message, message.problem)
        self.database.put(given_up)
        self.outcomes.refused(given_up)
        self.outcomes.given_up(given_up)

    def _overtaken(self, message: Message) -> bool:
        wanted = TRUE_WHILE.get(message.purpose)
        if self.channel.under_way(message):
            return False
        return wanted is not None and self.database.the(Subscription, message.about).status is not wanted

    def _ask(self, message_id: str) -> None:
        """Is the instance there by now (section 3.2)?"""
        message = self.database.the(Message, message_id)
        if message.state is not Delivery.OPENING:
            return
        instance_id = self.database.the(Subscription, message.about).instance_id
        question = message.model_copy(
            update={
                "purpose": Purpose.QUERY,
                "activity": "queryInstance",
                "fields": {"instanceId": instance_id},
                "instance_id": instance_id,
            }
        )
        expected = self.signer.expected(question, codes=ACCEPTED)
        about = self.signer.about(question, Text("occasions.is-it-open"))
        call, reading = self.sender.send(self.signer.make(question), expected, about)
        asked = message.model_copy(update={"calls": (*message.calls, call.number)})
        with self.database.changing():
            if _open(reading) and not call.first_failure:
                self._settled(asked, reading)
            elif self.clock.now() >= (message.first_at or message.created_at) + PATIENCE:
                self._give_up(_over(asked, Text("reasons.never-there")))
            else:
                self.database.put(asked)
                self.agenda.put(ASK, message_id, self.clock.now() + PAUSE)


def _over(message: Message, problem: Text | None) -> Message:
    return message.model_copy(update={"state": Delivery.GIVEN_UP, "next_at": None, "problem": problem})


def _open(reading: Reading) -> bool:
    """Does the answer of a query tell the access details?"""
    urls = [value for _, value in at(reading.members, "info[].appInfo.frontEndUrl")]
    return reading.code == ResultCode.SUCCESS and bool(urls) and None not in urls
