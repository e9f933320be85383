"""Members that are encrypted between marketplace and seller, opened with the marketplace's key."""

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.checks.reading import leaves
from emulator.keys import Keys
from emulator.marketplace.delivery.call import RecordedCall
from emulator.wire.calls import json_or_none
from shared.commands import Version
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher

_SENT = ("mobilePhone", "email")
_ANSWERED = ("userName", "password")


@dataclass(frozen=True, slots=True)
class Opened:
    """A member: ``text`` is ``None`` where no key opens it."""

    name: str
    sent: bool
    text: str | None


def opened(call: RecordedCall, keys: Keys) -> list[Opened]:
    """The encrypted members of request and answer; version 1 alone has any (production interfaces, section 6.3)."""
    if call.version != Version.V1 or not keys.key:
        return []
    cipher = FieldCipher((keys.key,))
    sent = [(name, True, value) for name, value in call.sent.query if name in _SENT and value]
    return [Opened(name, ours, _text(cipher, value)) for name, ours, value in (*sent, *_answered(call))]


def _answered(call: RecordedCall) -> Iterator[tuple[str, bool, str]]:
    for path, value in leaves(json_or_none(call.received.body)):
        if path.rpartition(".")[2] in _ANSWERED and isinstance(value, str) and value:
            yield path, False, value


def _text(cipher: FieldCipher, value: str) -> str | None:
    try:
        return cipher.decrypt(value, field="")
    except InvalidParameter:
        return None
