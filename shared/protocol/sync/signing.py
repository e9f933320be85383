"""Signatures of the sync interfaces, in pairs as in :mod:`shared.protocol.signing` (joint operation, section 2).

What is signed leaves members out. Those count for nothing: fields are made of what :func:`payload_members` and
:func:`property_members` return, and of nothing else.
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.errors import AuthenticationError, InvalidParameter
from shared.protocol.signing import ascii_bytes, matching, token_of
from shared.protocol.single_reading import in_order, is_nonce, joined, moment_of, single_reading
from shared.protocol.sync.lenient_json import compact
from shared.protocol.times import in_window

_LISTS = frozenset({"userList", "orgInfo", "orgInfoList"})
_DOCUMENTED = _LISTS | {
    "appId", "authToken", "clientId", "clientSecret", "currentSyncTime", "domainName", "flag", "instanceId", "name",
    "orderId", "orgCode", "orgName", "parentCode", "tenantCode", "tenantId", "testFlag", "timeStamp",
}  # fmt: skip
_HEX, _BASE64 = re.compile("[0-9A-F]{64}"), re.compile("[0-9A-Za-z+/]{43}=")
_QUOTES = " \"'“”"


def payload_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body that V2 signs: those that are not ``null`` (section 2.2)."""
    return {name: value for name, value in members.items() if value is not None}


def property_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a body that V1 signs: all but ``authToken`` and blank ones (section 2.3)."""
    return {name: value for name, value in members.items() if name != "authToken" and not _is_blank(value)}


def canonical(members: Mapping[str, Any]) -> bytes:
    """What V2 signs of a body: top-level names in the order of Java's ``String``, those with ``null`` left out, the
    rest as received, without spaces (section 2.2).

    :param members: as :func:`shared.protocol.sync.lenient_json.read_members` returns them.
    """
    kept = payload_members(members)
    return compact({name: kept[name] for name in in_order(kept)}).encode()


def sign_payload(key: str, nonce: str, timestamp: str, payload: bytes) -> str:
    """The ``x-sign`` of a V2 call, 64 upper-case hex digits (section 2.2).

    :param timestamp: exactly as it stands in the header: UNIX time in milliseconds.
    """
    digest = hmac.new(key.encode(), f"{key}{nonce}{timestamp}".encode(), "sha256")
    digest.update(payload)
    return digest.hexdigest().upper()


def check_moment(timestamp: str, nonce: str, now: datetime, window: float = 60) -> datetime:
    """When a V2 call was sent, aware UTC. Answered apart from the signature, and before it (section 2.2).

    :param timestamp: header ``x-timestamp``: UNIX time, 13 digits of milliseconds, or 10 of seconds if that is the only
        reading (:func:`shared.protocol.single_reading.moment_of`).
    :param nonce: header ``x-nonce``, behind which the body is signed (:func:`shared.protocol.single_reading.is_nonce`).
    :param window: seconds a call may be old, or ahead of time; that age itself is accepted.
    :raises InvalidParameter: one of them is missing or malformed, or the time is too far from ``now``.
    """
    try:
        sent_at = moment_of(timestamp, nonce, now)
    except ValueError:
        raise InvalidParameter("x-timestamp is missing or malformed") from None
    if not in_window(sent_at, now, window):
        raise InvalidParameter(f"x-timestamp is more than {window:g} seconds off")
    if not is_nonce(nonce, before_body=True):
        raise InvalidParameter("x-nonce is missing or malformed")
    return sent_at


def read_sign(header: str) -> bytes:
    """The signature in header ``x-sign``: hex, either case, with or without quotation marks.

    :raises AuthenticationError: ``missing``, or ``signature`` for what cannot be one.
    """
    return _read(header.strip(_QUOTES).upper(), _HEX)


def read_token(header: str) -> bytes:
    """The signature in header ``authToken``: base64, with or without quotation marks; a space is a ``+`` that was
    decoded once too often.

    :raises AuthenticationError: ``missing``, or ``signature`` for what cannot be one.
    """
    return _read(header.strip(_QUOTES).replace(" ", "+"), _BASE64)


def verify_payload(
    keys: Sequence[str], *, signature: str, timestamp: str, nonce: str, payloads: Iterable[bytes]
) -> str:
    """The key that signed one of ``payloads``: the canonical body, or the bytes received, as nobody says which.

    :param signature: as :func:`read_sign` takes it.
    :raises AuthenticationError: ``missing`` or ``signature``.
    """
    received, forms = read_sign(signature), list(payloads)
    return matching(keys, received, lambda key: [sign_payload(key, nonce, timestamp, form) for form in forms])


def sign_properties(key: str, members: Mapping[str, Any]) -> str:
    """The ``authToken`` of a V1 call, base64 (section 2.3): over the properties of the body but blank ones.

    :raises KeyError: there is no ``timeStamp``, which is part of the key.
    """
    return token_of(key + members["timeStamp"], joined(signed_texts(members)))


def verify_properties(keys: Sequence[str], token: str, members: Mapping[str, Any]) -> str:
    """The key that signed a V1 body (section 2.3). V1 knows no nonce and no time window.

    What is signed joins names and values unescaped. A value that could end before another property is refused, but for
    a list: nothing is one that is cut off.

    :param token: as :func:`read_token` takes it.
    :raises AuthenticationError: ``missing`` without token or ``timeStamp``, else ``signature``.
    """
    received, texts = read_token(token), signed_texts(members)
    stamp = next((text for name, text in texts.items() if name.strip() == "timeStamp"), None)
    if stamp is None:
        raise AuthenticationError("missing")
    try:
        text = joined(texts)
    except UnicodeEncodeError:
        raise AuthenticationError from None
    key = matching(keys, received, lambda key: [token_of(key + stamp, text)])
    read = single_reading(texts, _DOCUMENTED)
    if any(read[name] != texts[name] for name in texts if name.strip() not in _LISTS):
        raise AuthenticationError
    return key


def _read(text: str, form: re.Pattern[str]) -> bytes:
    if not text:
        raise AuthenticationError("missing")
    if not form.fullmatch(text):
        raise AuthenticationError
    return ascii_bytes(text)


def signed_texts(members: Mapping[str, Any]) -> dict[str, str]:
    """The members of a body that V1 signs, as they stand in what is signed (section 2.3)."""
    found = property_members(members)
    return {name: str(value) if isinstance(value, str) else compact(value) for name, value in found.items()}


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
