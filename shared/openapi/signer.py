"""Signing calls of the marketplace's open APIs with AK/SK: SDK-HMAC-SHA256 (metering and open APIs, section 6.3)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
"""``X-Sdk-Date``, UTC. The gateway refuses a call more than 15 minutes off (section 6.6)."""

_REPLACED = {"authorization", "host", "x-sdk-date"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


def sign(
    *, ak: str, sk: str, method: str, url: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> dict[str, str]:
    """The headers to send: those given, with ``X-Sdk-Date``, ``Host`` and ``Authorization`` put in or replaced.

    All are signed (``X-Security-Token`` of temporary credentials too), except those with ``_`` in their names, which
    gateways drop on the way.

    :param url: absolute. Write a space in its query as ``%20``, which is how it is signed.
    :param body: the bytes sent.
    :param at: aware; the moment of this attempt.
    """
    kept = {name: value for name, value in headers.items() if name.lower() not in _REPLACED}
    dated = {**kept, "Host": _host(url), "X-Sdk-Date": at.astimezone(UTC).strftime(DATE_FORMAT)}
    signed = _signed_headers(dated)
    request = canonical_request(method, url, signed, body)
    text = "\n".join((ALGORITHM, dated["X-Sdk-Date"], hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.digest(sk.encode(), text.encode(), "sha256").hex()
    authorization = f"{ALGORITHM} Access={ak}, SignedHeaders={';'.join(signed)}, Signature={signature}"
    return {**dated, "Authorization": authorization}


def canonical_request(method: str, url: str, signed: Mapping[str, str], body: bytes) -> str:
    """What is hashed and signed.

    :param signed: the headers to sign: names in lower case and in order, values without white space around them.
    """
    parts = urlsplit(url)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    payload = hashlib.sha256(body).hexdigest()
    return "\n".join((method.upper(), _path(parts.path), _query(parts.query), lines, ";".join(signed), payload))


def _signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted((name.lower(), value.strip()) for name, value in headers.items() if "_" not in name))


def _host(url: str) -> str:
    """Host of ``url`` as HTTP clients write it: the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    default = f":{_DEFAULT_PORTS.get(parts.scheme)}"
    return host.removesuffix(default)


def _path(path: str) -> str:
    """The path with every segment encoded anew; it ends with ``/`` here even where the one sent does not."""
    encoded = quote(unquote(path))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _query(query: str) -> str:
    """Pairs in order of name, then value, always with ``=``."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
