"""Who receives events: one URL, to which each goes as a message signed after Standard Webhooks."""

import hashlib
from collections.abc import Sequence

from shared.clock import Clock, epoch_ms, moment_of
from shared.config import Settings
from shared.errors import NotSet, Unavailable
from shared.instance.outbox import Announcement
from shared.provisioning.signed_channel import SignedChannel
from shared.provisioning.webhook_messages import message

SECONDS = 10.0
"""For one event at most."""
_TAKEN = range(200, 300)
_BUSY = 429


class NotTaken(Unavailable):
    """The receiver answered, and takes this event not or not now; others it may."""


class Receiver:
    """Takes one event after the other. Safe to share. ``secrets`` sign in place of those of the settings.

    :raises NotSet: there is none.
    :raises ConfigurationError: it cannot be sent to.
    """

    def __init__(self, settings: Settings, clock: Clock, secrets: Sequence[str] | None = None) -> None:
        if not settings.events_url:
            raise NotSet("set KOOGALLERY_EVENTS_URL")
        self._channel = SignedChannel(
            "EVENTS",
            settings.events_url,
            settings.events_secrets if secrets is None else secrets,
            allow_private=settings.webhook_allow_private,
            clock=clock,
        )
        self._clock = clock

    def tell(self, instance_id: str, event: Announcement, seconds: float = SECONDS) -> None:
        """Send an event; it was taken if nothing is raised.

        :raises ConfigurationError: the receiver does not accept the signature, or must not be called.
        :raises NotTaken: it refuses the event.
        :raises Unavailable: it does not answer in time, or cannot take events now.
        """
        self._send(message_id(instance_id, event.number), body_of(instance_id, event), min(seconds, SECONDS))

    def test(self) -> None:
        """Send a message that says nothing; raises as :meth:`tell` does."""
        now = self._clock.now()
        self._send(f"test_{epoch_ms(now)}", message("koogallery.test", now), SECONDS)

    def _send(self, name: str, body: bytes, seconds: float) -> None:
        status = self._channel.send(name, body, {}, seconds).status
        if status in _TAKEN:
            return
        refused = NotTaken if status < 500 and status != _BUSY else Unavailable  # noqa: PLR2004 - HTTP's own classes
        raise refused(f"the receiver of events answered HTTP {status}")


def message_id(instance_id: str, number: int) -> str:
    """Of an event, the same whenever it is sent again."""
    return f"evt_{hashlib.sha256(f'{instance_id}#{number}'.encode()).hexdigest()[:32]}"


def body_of(instance_id: str, event: Announcement) -> bytes:
    """The message of an event."""
    return message(
        event.kind,
        moment_of(event.at_ms),
        instance_id=instance_id,
        number=event.number,
        state=event.state.value,
        expires_at=event.expires_at,
        order_id=event.order_id or None,
    )
