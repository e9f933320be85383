"""Signatures between the marketplace and the seller, in pairs: one function signs, the other verifies.

What verifies returns what it authenticated, or raises; nothing answers yes or no. Several keys may be valid at once,
newest first: all are tried whatever the outcome, in constant time. A malformed signature is refused exactly as a wrong
one is. An empty key never verifies, since anybody could sign with it.
"""

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import AuthenticationError
from shared.protocol.single_reading import is_nonce, joined, moment_of, single_reading
from shared.protocol.times import in_window

V1_REPAIRED = ("mobilePhone", "email", "saasExtendParams")
"""V1 parameters that carry base64, as ``authToken`` does: a space in one of them is a ``+`` that lost its
percent-encoding on the way.
"""

BODY_SIGN = "Body-Sign"
"""The header that signs an answer, in the only spelling the marketplace takes (production interfaces, section 6.1)."""

_DOCUMENTED = frozenset(
    {
        "activity", "amount", "authToken", "bandWidth", "businessId", "chargingMode", "customerId", "customerName",
        "diskSize", "email", "expireTime", "instanceId", "instanceStatus", "mobilePhone", "orderAmount", "orderId",
        "periodNumber", "periodType", "productId", "provisionType", "saasExtendParams", "skuCode", "testFlag",
        "timeStamp", "trialFlag", "trialToFormal", "userId", "userName",
    }
)  # fmt: skip
"""Every V1 parameter (production interfaces, sections 2.1 to 2.7)."""

_BODY_SIGN = re.compile(r"sign_type=(?P<sign_type>[^,]*), signature= ?(?P<signature>.*)")


@dataclass(frozen=True, slots=True)
class VerifiedQuery:
    """A V1 call: the key that verified it, and the parameters to use (without ``authToken``, base64 repaired)."""

    key: str = field(repr=False)
    parameters: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedBody:
    """A V2 call: the key that verified its body, when it was sent (UTC), and its one-time mark."""

    key: str = field(repr=False)
    sent_at: datetime
    nonce: str


class BodySignError(ValueError):
    """A ``Body-Sign`` value breaks a rule. ``rule`` is ``missing``, ``sign_type``, ``quotes`` or ``signature``."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"{BODY_SIGN}: {rule}")
        self.rule = rule


def sign_query(key: str, parameters: Mapping[str, str]) -> str:
    """The ``authToken`` of a V1 call, base64 (production interfaces, section 4.1).

    :param parameters: all parameters, decoded; ``authToken`` itself is left out of what is signed.
    :raises KeyError: there is no ``timeStamp``, which is part of the key.
    :raises ValueError: a lone surrogate, which has no UTF-8 form.
    """
    signed = {name: value for name, value in parameters.items() if name != "authToken"}
    return token_of(key + parameters["timeStamp"], joined(signed))


def verify_query(keys: Sequence[str], pairs: Iterable[tuple[str, str]]) -> VerifiedQuery:
    """Verify the query of a V1 call (production interfaces, section 4.1). V1 knows no time window.

    A ``+`` of a base64 value may have become a space before the marketplace signed it or after; both forms are tried.
    What is signed joins names and values unescaped; of the ways to take it apart one counts
    (:func:`shared.protocol.single_reading.single_reading`).

    :param pairs: decoded names and values in the order received; of a repeated name the first counts.
    :raises AuthenticationError: ``missing`` without ``authToken`` or ``timeStamp``, else ``signature``.
    """
    received = dict(reversed(tuple(pairs)))  # so that the first of several values stays
    token = received.pop("authToken", "").replace(" ", "+")
    stamp = received.get("timeStamp")
    if not (token and stamp):
        raise AuthenticationError("missing")
    parameters = {name: value.replace(" ", "+") if name in V1_REPAIRED else value for name, value in received.items()}
    try:
        texts = {joined(received), joined(parameters)}
    except UnicodeEncodeError:
        raise AuthenticationError from None
    key = matching(keys, ascii_bytes(token), lambda key: [token_of(key + stamp, text) for text in texts])
    return VerifiedQuery(key, single_reading(parameters, _DOCUMENTED))


def sign_body(key: str, nonce: str, timestamp: str, body: bytes) -> str:
    """The ``signature`` of a V2 call, 64 upper-case hex digits (production interfaces, section 4.4).

    :param timestamp: exactly as it stands in the URL: UNIX time in milliseconds or seconds.
    :param body: the bytes sent.
    """
    digest = mac(key, body).hex()
    return mac(key, f"{key}{nonce}{timestamp}{digest}".encode()).hex().upper()


def verify_body(
    keys: Sequence[str],
    *,
    signature: str | None,
    timestamp: str | None,
    nonce: str | None,
    body: bytes,
    now: datetime,
    window: float = 60,
) -> VerifiedBody:
    """Verify a V2 call (production interfaces, section 4.4). Whether the nonce is new is for the caller to remember.

    The signature comes before the window, so ``window`` is a reason that only a genuine call can have: one that is old,
    or a clock that is wrong. The form of nonce and time stamp comes first; the caller wrote it and learns nothing.

    :param signature: hex, either case.
    :param timestamp: UNIX time, 13 digits of milliseconds or 10 of seconds, if that is its only reading
        (:func:`shared.protocol.single_reading.moment_of`).
    :param nonce: 1 to 128 printable ASCII characters.
    :param body: the bytes received.
    :param now: aware.
    :param window: seconds a call may be old, or ahead of time; that age itself is accepted.
    :raises AuthenticationError: ``missing``, ``signature`` or ``window``.
    """
    if not (signature and timestamp and nonce):
        raise AuthenticationError("missing")
    try:
        sent_at = moment_of(timestamp, nonce, now)
    except ValueError:
        raise AuthenticationError from None
    if not is_nonce(nonce):
        raise AuthenticationError
    key = matching(keys, ascii_bytes(signature).upper(), lambda key: [sign_body(key, nonce, timestamp, body)])
    if not in_window(sent_at, now, window):
        raise AuthenticationError("window")
    return VerifiedBody(key, sent_at, nonce)


def body_sign(key: str, body: bytes) -> str:
    """The value of ``Body-Sign`` for an answer whose bytes are ``body`` (production interfaces, section 6.1)."""
    return f'sign_type="HMAC-SHA256", signature= "{token_of(key, body)}"'


def verify_body_sign(key: str, value: str | None, body: bytes) -> None:
    """Check a ``Body-Sign`` value as the marketplace does, with or without the space after ``signature=``.

    :raises BodySignError: with the first rule that is broken.
    """
    if not value:
        raise BodySignError("missing")
    match = _BODY_SIGN.fullmatch(value)
    if match is None:
        raise BodySignError("signature" if value.startswith("sign_type=") else "sign_type")
    sign_type, signature = match["sign_type"], match["signature"]
    if not all(len(text) > 1 and text[0] == text[-1] == '"' for text in (sign_type, signature)):
        raise BodySignError("quotes")
    if sign_type != '"HMAC-SHA256"':
        raise BodySignError("sign_type")
    try:
        matching([key], ascii_bytes(signature[1:-1]), lambda key: [token_of(key, body)])
    except AuthenticationError:
        raise BodySignError("signature") from None


def mac(key: str, data: bytes) -> bytes:
    """HMAC-SHA256 with the key's UTF-8 bytes."""
    return hmac.digest(key.encode(), data, "sha256")


def token_of(key: str, data: bytes) -> str:
    """HMAC-SHA256 in base64."""
    return base64.b64encode(mac(key, data)).decode()


def ascii_bytes(text: str) -> bytes:
    """Text of a signature as bytes. What is not ASCII becomes ``?``, which stands in no signature."""
    return text.encode("ascii", "replace")


def matching(keys: Iterable[str], received: bytes, expected: Callable[[str], Iterable[str]]) -> str:
    """The first key one of whose expected signatures is the one received. All are compared, whatever the outcome."""
    found = [key for key in keys for text in expected(key) if hmac.compare_digest(text.encode(), received) and key]
    if not found:
        raise AuthenticationError
    return found[0]
