"""Signs a message anew for each attempt (production interfaces, sections 2 to 4; joint operation, sections 1 and 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from emulator.checks import Expected
from emulator.checks.reading import ACCEPTED, SUCCESS
from emulator.clock import ShiftedClock
from emulator.keys import Keys, key_name
from emulator.marketplace.delivery.call import Family
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.delivery.sender import About
from emulator.marketplace.delivery.spelling import spelt
from emulator.marketplace.faults.readings import Holds, plainly
from emulator.marketplace.ids import Ids
from emulator.marketplace.subscriptions.orders import number_of
from emulator.texts import Text
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import BEIJING, Clock
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params

PERSONAL = ("mobilePhone", "email")
"""Encrypted in version 1 (section 6.3)."""
BASE64 = (*PERSONAL, "saasExtendParams")
LINE = 76


@dataclass
class MessageSigner:
    """Makes the calls of a seller whose production address is at ``path``.

    :param signing_clock: the receiver's idea of now: version 2 accepts a minute's difference.
    :param bits: size of the AES key that phone and mail are encrypted with, as chosen when publishing.
    :param zone: of ``expireTime`` in version 1, which no page tells.
    :param holds: how what the documents leave open is read.
    :param off: how far the marketplace's clock is wrong, if it is.
    """

    keys: Keys
    signing_clock: Clock
    path: str
    ids: Ids
    bits: int = 256
    zone: timezone = BEIJING
    holds: Holds = plainly
    off: timedelta = timedelta()

    @property
    def clock(self) -> Clock:
        """The marketplace's own idea of now, which may be wrong."""
        return ShiftedClock(self.signing_clock, self.off) if self.holds("clock-off", "") else self.signing_clock

    def expiry(self, version: Version, moment: datetime) -> str:
        if version is Version.V1:
            return f"{moment.astimezone(self.zone):%Y%m%d%H%M%S}"
        seconds = f"{moment:%Y%m%d%H%M%S}"
        return f"{seconds}000" if self.holds("seventeen-digits", seconds) else seconds

    def key_name(self, message: Message) -> str:
        return key_name(message.version, message.activity, sync=message.sync)

    def about(self, message: Message, occasion: Text, fault: str = "") -> About:
        """What a call of a message is about."""
        family = Family.SYNC if message.sync else Family.PRODUCTION
        key, instance = self.key_name(message), message.instance_id
        return About(family, occasion, key, number_of(message.order_id), instance, message.id, fault)

    def expected(self, message: Message, **members: Any) -> Expected:
        """What a right answer is like."""
        slow = message.version is Version.V2 and message.purpose is Purpose.PURCHASE
        asked = (message.instance_id,) if message.purpose is Purpose.QUERY and message.instance_id else ()
        wanted: dict[str, Any] = {"codes": ACCEPTED if slow else SUCCESS, "instances": asked} | members
        return Expected(message.version, message.activity, getattr(self.keys, self.key_name(message)), **wanted)

    def make(self, message: Message, clock: Clock | None = None, keys: Keys | None = None) -> HttpRequest:
        """The call, signed now.

        :param clock, keys: others than those in force, for calls that are wrong.
        """
        clock, keys = clock or self.clock, keys or self.keys
        make: Callable[[Message, Clock, str], HttpRequest] = {
            (Version.V1, False): self._v1,
            (Version.V2, False): self._v2,
            (Version.V1, True): self._sync_v1,
            (Version.V2, True): self._sync_v2,
        }[message.version, message.sync]
        return make(message, clock, getattr(keys, self.key_name(message)))

    def _v1(self, message: Message, clock: Clock, key: str) -> HttpRequest:
        cipher = FieldCipher((self.keys.key,), self.bits)
        fields: dict[str, Any] = {
            name: cipher.encrypt(str(value), iv=self.ids.vector()) if name in PERSONAL and value else value
            for name, value in self._fresh(message).items()
        }
        if parameters := fields.pop("extendParams", None):
            fields.setdefault("saasExtendParams", encode_extend_params(parameters))
        if self.holds("wrapped-base64", message.id):
            fields |= {name: wrapped(fields[name]) for name in BASE64 if name in fields}
        return V1Calls(key, clock, self.path).call(message.activity, **fields)

    def _v2(self, message: Message, clock: Clock, key: str) -> HttpRequest:
        seconds, nonce = self.holds("seconds", ""), self.ids.nonce()
        if seconds:
            nonce = f"{nonce[:-1]}F"  # digits before ten digits would make milliseconds of them
        lower_case = self.holds("lower-case", message.id)
        calls = V2Calls(key, clock, self.path, seconds=seconds, lower_case=lower_case)
        return calls.call(message.activity, nonce=nonce, **self._fresh(message))

    def _sync_v1(self, message: Message, clock: Clock, key: str) -> HttpRequest:
        return SyncV1Calls(key, clock, self.path.rstrip("/")).call(message.activity, spelt(message, self.holds))

    def _sync_v2(self, message: Message, clock: Clock, key: str) -> HttpRequest:
        calls = SyncV2Calls(key, clock, self.path.rstrip("/"))
        return calls.call(message.activity, spelt(message, self.holds), nonce=self.ids.nonce())

    def _fresh(self, message: Message) -> dict[str, Any]:
        """The members with what differs on each request (section 2.1)."""
        fields = spelt(message, self.holds)
        again = {"businessId": self.ids.hexadecimal("business")} if message.activity == "newInstance" else {}
        return {**fields, **again}


def wrapped(text: str) -> str:
    """Base64 as some encoders write it: lines of 76 characters, each with its end."""
    return "".join(f"{text[start : start + LINE]}\r\n" for start in range(0, len(text), LINE))
