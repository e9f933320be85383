"""Sends one call to the seller, checks the answer as the seller console does, and records both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emulator.checks import CHECKS, Expected, Reading, examine
from emulator.keys import key_name
from emulator.marketplace.delivery.call import Direction, Family, Judged, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.storage.timeline import Timeline
from emulator.texts import Text
from emulator.wire.calls import fields_of
from emulator.wire.client import TIMEOUT, Reply, send
from emulator.wire.sync_calls import is_sync, members_or_none
from shared.clock import Clock
from shared.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Target:
    """The seller's server: ``base`` is ``http://host:port`` or ``https://host``, ``path`` the production address."""

    base: str
    path: str = "/saas"

    @property
    def url(self) -> str:
        return f"{self.base}{self.path}"


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about, for the timeline. ``key_name``: member of :class:`emulator.keys.Keys` that signed it."""

    family: Family
    occasion: Text
    key_name: str
    order_id: str = ""
    instance_id: str = ""
    message_id: str = ""
    fault: str = ""

    @classmethod
    def played(cls, request: HttpRequest, expected: Expected, occasion: Text) -> "About":
        """Of a call that another part of the emulator made."""
        sync = is_sync(request)
        members = members_or_none(request.body) or {}
        sent = fields_of(request) | {name: value for name, value in members.items() if isinstance(value, str)}
        return cls(
            Family.SYNC if sync else Family.PRODUCTION,
            occasion,
            key_name(expected.version, expected.activity, sync=sync),
            sent.get("orderId", ""),
            sent.get("instanceId", ""),
        )


Transport = Callable[[str, HttpRequest, float], Reply]
"""How a request travels: base address, request, seconds to wait."""


class Sender:
    """Calls ``target`` by ``transport``, which both may be exchanged."""

    def __init__(self, target: Target, timeline: Timeline, clock: Clock) -> None:
        self.target = target
        self.transport: Transport = send
        self._timeline = timeline
        self._clock = clock

    def send(
        self, request: HttpRequest, expected: Expected, about: About, transport: Transport | None = None
    ) -> tuple[RecordedCall, Reading]:
        """Send ``request``, if need be by another transport; the call as it stands in the timeline, and the answer to
        read.
        """
        at = self._clock.now()
        reading = Reading((transport or self.transport)(self.target.base, request, TIMEOUT), expected)
        return self.keep(request, reading, about, at), reading

    def keep(self, request: HttpRequest, reading: Reading, about: About, at: datetime) -> RecordedCall:
        """Write a call down that was made at ``at``, judged."""
        expected = reading.expected
        findings = examine(reading.reply, expected, CHECKS)
        call = RecordedCall(
            at=at,
            direction=Direction.OUT,
            family=about.family,
            activity=expected.activity,
            version=expected.version,
            order_id=about.order_id,
            instance_id=about.instance_id or next(iter(reading.named), ""),
            message_id=about.message_id,
            occasion=about.occasion,
            fault=about.fault,
            key_name=about.key_name,
            expected=expected.codes,
            sent=SentRequest.of(request),
            received=ReceivedAnswer.of(reading.reply),
            code=reading.code,
            findings=tuple(Judged.of(finding) for finding in findings),
        )
        return self._timeline.add(call)
