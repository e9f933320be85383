"""The channel that carries a message to the seller and returns its answer."""

from typing import Protocol

from emulator.checks import Reading
from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.message_signing import MessageSigner
from emulator.marketplace.delivery.messages import Message
from emulator.marketplace.delivery.sender import Sender
from emulator.texts import Text


class MessageChannel(Protocol):
    """A way, with whatever goes wrong on it."""

    def carry(self, message: Message, occasion: Text) -> tuple[RecordedCall, Reading] | None:
        """The attempt; ``None``: it is put off and counts for nothing."""

    def under_way(self, message: Message) -> bool:
        """Has it been signed already, so that it arrives whatever has happened since?"""


class PlainChannel:
    def __init__(self, signer: MessageSigner, sender: Sender) -> None:
        self._signer = signer
        self._sender = sender

    def carry(self, message: Message, occasion: Text) -> tuple[RecordedCall, Reading] | None:
        signer = self._signer
        return self._sender.send(signer.make(message), signer.expected(message), signer.about(message, occasion))

    def under_way(self, message: Message) -> bool:  # noqa: ARG002 - the protocol's parameter
        """What is signed has arrived."""
        return False
