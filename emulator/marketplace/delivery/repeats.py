"""Messages that are sent again minutes after they were delivered."""

from dataclasses import dataclass
from datetime import timedelta

from emulator.marketplace.delivery.message_signing import ACCEPTED, MessageSigner
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.delivery.sender import Sender
from emulator.marketplace.faults.fault_list import REPEATED_LATER
from emulator.marketplace.storage.agenda import MarketAgenda
from emulator.marketplace.storage.database import Database
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import Text
from shared.clock import Clock
from shared.errors import ResultCode

REPEAT = "repeat"
"""Task: a message comes again."""


@dataclass
class Repeats:
    """Sends messages once more, signed anew."""

    database: Database
    agenda: MarketAgenda
    clock: Clock
    signer: MessageSigner
    sender: Sender

    def __post_init__(self) -> None:
        self.agenda.handle(REPEAT, self._again)

    def plan(self, message: Message, seconds: float) -> None:
        """Let it come again so much later."""
        self.agenda.put(REPEAT, message.id, self.clock.now() + timedelta(seconds=seconds))

    def _again(self, message_id: str) -> None:
        message = self.database.the(Message, message_id)
        subscription = self.database.get(Subscription, message.about)
        gone = subscription is not None and subscription.status is SubscriptionStatus.RELEASED
        codes = (*ACCEPTED, ResultCode.UNKNOWN_INSTANCE.value) if gone else ACCEPTED
        purchase = subscription is not None and message.purpose is Purpose.PURCHASE
        instances = (subscription.instance_id,) if subscription and purchase else ()
        expected = self.signer.expected(message, codes=codes, instances=instances)
        about = self.signer.about(message, Text("occasions.again-later"), REPEATED_LATER)
        self.sender.send(self.signer.make(message), expected, about)
