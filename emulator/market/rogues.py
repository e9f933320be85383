"""Calls that nobody but a forger would send: the seller must refuse each one, and nothing may come of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from emulator.clock import ShiftedClock
from emulator.keys import Keys
from emulator.market.messages import Message
from emulator.market.requests import Requests
from emulator.market.switches import Switch, Where
from shared.clock import Clock
from shared.commands import Version
from shared.errors import ResultCode
from shared.http import HttpRequest

REFUSED = (ResultCode.AUTHENTICATION_FAILED.value, ResultCode.INVALID_PARAMETER.value)
_SIGNATURES = ("authToken", "signature")
_SIGNATURE_HEADERS = ("authtoken", "x-sign")
OLD = timedelta(minutes=3)


Rogue = Callable[[Requests, Message, Clock], HttpRequest]


def _wrong_signature(requests: Requests, message: Message, _clock: Clock) -> HttpRequest:
    return _signed_otherwise(requests.make(message), _spoiled)


def _no_signature(requests: Requests, message: Message, _clock: Clock) -> HttpRequest:
    return _signed_otherwise(requests.make(message), lambda _signature: "")


def _other_key(requests: Requests, message: Message, _clock: Clock) -> HttpRequest:
    stranger = Keys("key-of-a-stranger", "key-of-a-stranger", "key-of-a-stranger", "key-of-a-stranger")
    return requests.make(message, keys=stranger)


def _altered(requests: Requests, message: Message, _clock: Clock) -> HttpRequest:
    """Something was added after signing."""
    request = requests.make(message)
    if request.body:
        return replace(request, body=request.body.replace(b"{", b'{"added":"1",', 1))
    return replace(request, query=(*request.query, ("added", "1")))


def _truncated(requests: Requests, message: Message, _clock: Clock) -> HttpRequest:
    """The connection gave half of it."""
    request = requests.make(message)
    if request.body:
        return replace(request, body=request.body[: len(request.body) // 2])
    signed = dict(request.query)
    kept = [pair for pair in request.query if pair[0] not in ("activity", "authToken")]
    return replace(
        request, query=(*kept[: len(kept) // 2], *((name, signed[name]) for name in ("activity", "authToken")))
    )


def _old(requests: Requests, message: Message, clock: Clock) -> HttpRequest:
    return requests.make(message, clock=ShiftedClock(clock, -OLD))


def _early(requests: Requests, message: Message, clock: Clock) -> HttpRequest:
    return requests.make(message, clock=ShiftedClock(clock, OLD))


ROGUES: Mapping[str, tuple[Switch, Rogue]] = MappingProxyType(
    {
        name: (Switch(name, Where.ROGUE, title), make)
        for name, title, make in (
            ("wrong-signature", "a signature that does not fit", _wrong_signature),
            ("no-signature", "no signature at all", _no_signature),
            ("other-key", "signed with somebody else's key", _other_key),
            ("altered", "a parameter added after signing", _altered),
            ("truncated", "only half of the call arrives", _truncated),
            ("old-signature", "a signature three minutes old (version 2)", _old),
            ("early-signature", "a signature of three minutes ahead (version 2)", _early),
        )
    }
)
TIMED = ("old-signature", "early-signature")
"""Version 1 documents no window for its time stamp (production interfaces, section 4.1)."""


def fits(name: str, message: Message) -> bool:
    """Must a seller refuse a message that is spoilt in that way?"""
    return name not in TIMED or message.version is Version.V2


def _signed_otherwise(request: HttpRequest, change: Callable[[str], str]) -> HttpRequest:
    query = tuple((name, change(value) if name in _SIGNATURES else value) for name, value in request.query)
    headers = {name: change(value) if name in _SIGNATURE_HEADERS else value for name, value in request.headers.items()}
    return replace(request, query=query, headers=headers)


def _spoiled(signature: str) -> str:
    return ("A" if signature[:1] != "A" else "B") + signature[1:]
