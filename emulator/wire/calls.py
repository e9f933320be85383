"""Calls as the marketplace signs them: version 1 in the query, version 2 in the body."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.clock import Clock, epoch_ms
from shared.http import HttpRequest
from shared.protocol.signing import sign_body, sign_query

_SIGNATURES = ("authToken", "signature")
_SIGNATURE_HEADERS = ("authtoken", "x-sign")


def time_stamp(moment: datetime) -> str:
    """``timeStamp`` of a moment in the zone it is told in: 17 digits, to the millisecond."""
    return f"{moment:%Y%m%d%H%M%S}{epoch_ms(moment) % 1000:03d}"


def fresh_nonce() -> str:
    """A nonce nobody has, in the marketplace's form."""
    return secrets.token_hex(32).upper()


def compact(members: Mapping[str, Any], *, sort: bool = False) -> bytes:
    """JSON without white space, in UTF-8."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=sort).encode()


def in_natural_order(body: bytes) -> bytes:
    """JSON with its members sorted and no white space, which is how some read the rule of the usage push (metering and
    open APIs, section 2.2); as it is, if it is no JSON.
    """
    try:
        return compact(json.loads(body), sort=True)
    except (ValueError, RecursionError):
        return body


@dataclass(frozen=True)
class V1Calls:
    """Makes calls of version 1 (production interfaces, sections 2 and 4.1)."""

    key: str = field(repr=False)
    clock: Clock
    path: str = "/saas"

    def call(self, activity: str, **parameters: str | int | None) -> HttpRequest:
        """A signed call now; parameters that are ``None`` are not sent."""
        fields = {name: str(value) for name, value in parameters.items() if value is not None}
        fields = {"activity": activity, "timeStamp": time_stamp(self.clock.now())} | fields
        token = sign_query(self.key, fields)
        return HttpRequest("GET", self.path, (*sorted(fields.items()), ("authToken", token)))


@dataclass(frozen=True)
class V2Calls:
    """Makes calls of version 2 (sections 3 and 4.4). ``seconds``: what the timestamp counts, instead of milliseconds;
    ``lower_case``: how the signature is spelt. Both are seen.
    """

    key: str = field(repr=False)
    clock: Clock
    path: str = "/saas"
    seconds: bool = False
    lower_case: bool = False

    def call(self, activity: str, *, nonce: str | None = None, **members: Any) -> HttpRequest:
        """A signed call now; members that are ``None`` are not sent."""
        body = {"activity": activity} | {name: value for name, value in members.items() if value is not None}
        return self.send(compact(body), nonce=nonce)

    def send(self, body: bytes, *, nonce: str | None = None, timestamp: str | None = None) -> HttpRequest:
        """A signed call with exactly these bytes."""
        nonce = nonce or fresh_nonce()
        timestamp = timestamp or str(epoch_ms(self.clock.now()) // (1000 if self.seconds else 1))
        signature = sign_body(self.key, nonce, timestamp, body)
        signature = signature.lower() if self.lower_case else signature
        headers = {"accept": "application/json", "content-type": "application/json;charset=utf8"}
        query = (("signature", signature), ("timestamp", timestamp), ("nonce", nonce))
        return HttpRequest("POST", self.path, query, headers, body)


def url_of(base: str, request: HttpRequest) -> str:
    """The address to send ``request`` to on the server at ``base``."""
    return f"{base}{request.path}?{urlencode(request.query)}" if request.query else f"{base}{request.path}"


def pairs_of(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """The decoded query of a request, wherever it stands."""
    return request.query or tuple(parse_qsl(urlsplit(request.path).query, keep_blank_values=True))


def fields_of(request: HttpRequest) -> dict[str, str]:
    """The decoded query by name; of a repeated name the first counts."""
    return dict(reversed(pairs_of(request)))


def spoilt(signature: str) -> str:
    """Another signature of the same form, whatever case is ignored."""
    return ("A" if signature[:1].upper() != "A" else "B") + signature[1:]


def signed_otherwise(request: HttpRequest, change: Callable[[str], str]) -> HttpRequest:
    """``request`` with what ``change`` makes of its signature, wherever it stands."""
    query = tuple((name, change(value) if name in _SIGNATURES else value) for name, value in request.query)
    headers = {name: change(value) if name in _SIGNATURE_HEADERS else value for name, value in request.headers.items()}
    return replace(request, query=query, headers=headers)


def json_or_none(body: bytes) -> Any:
    """A body's JSON, ``None`` if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def json_object(body: bytes) -> Mapping[str, Any]:
    """A body's JSON object, empty if it is none."""
    document = json_or_none(body)
    return document if isinstance(document, dict) else {}


def members_of(body: bytes) -> Mapping[str, Any]:
    """An answer's JSON object.

    :raises ValueError: it is none.
    """
    members = json.loads(body)
    if not isinstance(members, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004 - the caller handles one kind of error
    return members
