"""What the seller's answer tells about an instance: access details and usage (production interfaces, sections 2.1,
2.6 and 3.2).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from emulator.marketplace.delivery.call import RecordedCall
from emulator.marketplace.delivery.messages import Message, Purpose
from emulator.marketplace.market import Market
from emulator.wire.calls import json_object
from shared.commands import Version
from shared.errors import InvalidParameter
from shared.protocol.field_cipher import FieldCipher

ENCRYPTED = ("userName", "password")
_BITS = {"1": 256, "2": 128}
LOOKED_AT = 40
"""Messages looked through for the latest answer."""


class ShownUsage(NamedTuple):
    """One figure of ``usageInfo``."""

    value: str
    at: str
    related: str


class ShownAccess(NamedTuple):
    """The access details as the answer to ``call`` tells them. ``unreadable``: names of what could not be decrypted."""

    call: RecordedCall
    members: Mapping[str, str]
    usage: Sequence[ShownUsage]
    unreadable: Sequence[str] = ()


def access(market: Market, subscription_id: str) -> ShownAccess | None:
    """The latest answer that tells the access details; ``None`` before the first."""
    messages = market.database.all(Message, subscription_id)[-LOOKED_AT:]
    telling = [each for each in messages if each.purpose in (Purpose.QUERY, Purpose.PURCHASE)]
    for message in reversed(telling):
        for number in reversed(message.calls):
            call = market.timeline.get(number)
            if call and (found := _read(call, market.keys.key)):
                return found
    return None


def _read(call: RecordedCall, key: str) -> ShownAccess | None:
    document = json_object(call.received.body)
    told = next(_told(document), None)
    if told is None:
        return None
    info, usage = told
    members = {name: str(value) for name, value in info.items() if value not in (None, "")}
    if call.version != Version.V1:
        return ShownAccess(call, members, usage)
    bits = _BITS.get(str(document.get("encryptType") or "1"), 256)
    readable, unreadable = _decrypted(members, key, bits)
    return ShownAccess(call, readable, usage, unreadable)


def _told(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Sequence[ShownUsage]]]:
    """``appInfo`` and ``usageInfo`` of the answer to a purchase or to a query for one instance."""
    infos = document.get("info")
    for info in (document, *(infos if isinstance(infos, list) else ())):
        if isinstance(info, dict) and isinstance(info.get("appInfo"), dict):
            yield info["appInfo"], _usage(info.get("usageInfo"))


def _usage(figures: Any) -> Sequence[ShownUsage]:
    listed = figures if isinstance(figures, list) else []
    names = ("usageValue", "statisticalTime", "relatedInstanceId")
    return [ShownUsage(*(str(each.get(name) or "") for name in names)) for each in listed if isinstance(each, dict)]


def _decrypted(members: Mapping[str, str], key: str, bits: int) -> tuple[Mapping[str, str], Sequence[str]]:
    if not key:
        return members, [name for name in ENCRYPTED if name in members]
    cipher, readable, unreadable = FieldCipher((key,), bits), dict(members), list[str]()
    for name in ENCRYPTED:
        try:
            if name in members:
                readable[name] = cipher.decrypt(members[name], field=name) or ""
        except InvalidParameter:
            unreadable.append(name)
    return readable, unreadable
