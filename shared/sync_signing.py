"""Signatures of the sync interfaces, in pairs as in :mod:`shared.signing` (joint operation, section 2)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.dialects.lenient_json import Number, compact
from shared.errors import AuthenticationError, InvalidParameter
from shared.signing import ascii_bytes, mac, matching, token_of

_DOCUMENTED = (
    "appId|authToken|clientId|clientSecret|currentSyncTime|domainName|flag|instanceId|name|orderId|orgCode|orgInfo"
    "|orgInfoList|orgName|parentCode|tenantCode|tenantId|testFlag|timeStamp|userList"
)
_SWALLOWED = re.compile(f"&({_DOCUMENTED})=")
_NONCE = re.compile(r"[ -~]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{10}(?:[0-9]{3})?")
_QUOTES = " \"'“”"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def canonical(members: Mapping[str, Any]) -> bytes:
    """What V2 signs of a body: top-level names in the order of Java's ``String``, those with ``null`` left out, the
    rest as received, without spaces (section 2.2).

    :param members: as :func:`shared.dialects.lenient_json.read_members` returns them.
    """
    kept = {name: members[name] for name in _in_order(members) if members[name] is not None}
    return compact(kept).encode()


def sign_payload(key: str, nonce: str, timestamp: str, payload: bytes) -> str:
    """The ``x-sign`` of a V2 call, 64 upper-case hex digits (section 2.2).

    :param timestamp: exactly as it stands in the header: UNIX time in milliseconds.
    """
    return mac(key, f"{key}{nonce}{timestamp}".encode() + payload).hex().upper()


def check_moment(timestamp: str, nonce: str, now: datetime, window: float = 60) -> datetime:
    """When a V2 call was sent, aware UTC. Answered apart from the signature, and before it (section 2.2).

    :param timestamp: header ``x-timestamp``: UNIX time, 13 digits of milliseconds (10 of seconds on older pages).
    :param nonce: header ``x-nonce``: 1 to 128 printable ASCII characters.
    :param window: seconds a call may be old, or ahead of time; that age itself is accepted.
    :raises InvalidParameter: one of them is missing or malformed, or the time is too far from ``now``.
    """
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidParameter("x-timestamp is missing or malformed")
    unit = timedelta(milliseconds=1) if len(timestamp) == 13 else timedelta(seconds=1)  # noqa: PLR2004 - digits
    sent_at = _EPOCH + int(timestamp) * unit
    if abs(now - sent_at) > timedelta(seconds=window):
        raise InvalidParameter(f"x-timestamp is more than {window:g} seconds off")
    if not _NONCE.fullmatch(nonce):
        raise InvalidParameter("x-nonce is missing or malformed")
    return sent_at


def verify_payload(
    keys: Sequence[str], *, signature: str, timestamp: str, nonce: str, payloads: Iterable[bytes]
) -> str:
    """The key that signed one of ``payloads``: the canonical body, or the bytes received, as nobody says which.

    :param signature: hex, either case, with or without quotation marks.
    :raises AuthenticationError: ``missing`` or ``signature``.
    """
    received = ascii_bytes(signature.strip(_QUOTES)).upper()
    if not received:
        raise AuthenticationError("missing")
    forms = list(payloads)
    return matching(keys, received, lambda key: [sign_payload(key, nonce, timestamp, form) for form in forms])


def sign_properties(key: str, members: Mapping[str, Any]) -> str:
    """The ``authToken`` of a V1 call, base64 (section 2.3): over the properties of the body but blank ones.

    :raises KeyError: there is no ``timeStamp``, which is part of the key.
    """
    return token_of(key + members["timeStamp"], _joined(members))


def verify_properties(keys: Sequence[str], token: str, members: Mapping[str, Any]) -> str:
    """The key that signed a V1 body (section 2.3). V1 knows no nonce and no time window.

    What is signed joins names and values unescaped, so that a property could be moved into the value of one that sorts
    before it and the token would still fit: a value that swallowed a documented property is refused.

    :param token: header ``authToken``, with or without quotation marks; a space is a ``+`` that was decoded once too
        often.
    :raises AuthenticationError: ``missing`` without token or ``timeStamp``, else ``signature``.
    """
    token = token.strip(_QUOTES).replace(" ", "+")
    stamp = next((value for name, value in members.items() if name.strip() == "timeStamp"), None)
    if not (token and isinstance(stamp, str) and stamp):
        raise AuthenticationError("missing")
    if any(_is_ambiguous(name, value) for name, value in members.items()):
        raise AuthenticationError
    text = _joined(members)
    return matching(keys, ascii_bytes(token), lambda key: [token_of(key + stamp, text)])


def _in_order(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def _joined(members: Mapping[str, Any]) -> bytes:
    texts = {name: _text(value) for name, value in members.items() if value is not None and name != "authToken"}
    return "&".join(f"{name}={texts[name]}" for name in _in_order(texts) if texts[name].strip()).encode()


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | Number) else compact(value)


def _is_ambiguous(name: str, value: Any) -> bool:
    """Could the value hold a property that sorts behind it? One that sorts before it would not have stood there."""
    if "=" in name or "&" in name:
        return True
    return value is not None and any(_in_order((name, found))[0] == name for found in _SWALLOWED.findall(_text(value)))
