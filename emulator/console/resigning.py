"""A call signed anew with a key of one's choice: production and sync interfaces, both versions."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace

from emulator.wire.sync_calls import stamp
from shared.clock import Clock, epoch_ms
from shared.http import HttpRequest
from shared.protocol.signing import sign_body, sign_query
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties

_STAMP = re.compile(rb'("timeStamp"\s*:\s*")[^"]*(")')


def resigned(request: HttpRequest, key: str, clock: Clock, *, fresh: bool = True) -> HttpRequest:
    """``request`` signed with ``key``; the path and the method tell how.

    :param fresh: with a time stamp of now and a new nonce; otherwise with those it has.
    :raises ValueError: what is signed is missing: the time stamp, or a body that is a JSON object.
    """
    if "/produceAPI/v2/" in request.path:
        return _sync_2(_restamped(request, clock) if fresh else request, key, clock, fresh=fresh)
    if "/produceAPI/" in request.path:
        return _sync_1(_restamped(request, clock) if fresh else request, key)
    return (_version_1 if request.method == "GET" else _version_2)(request, key, clock, fresh=fresh)


def _version_1(request: HttpRequest, key: str, clock: Clock, *, fresh: bool) -> HttpRequest:
    fields = {"timeStamp": _stamp_1(clock)} if fresh else {}
    query = _changed(request.query, fields, without=("authToken",))
    signed = dict(reversed(query))
    if "timeStamp" not in signed:
        raise ValueError("timeStamp")
    return replace(request, query=(*query, ("authToken", sign_query(key, signed))))


def _version_2(request: HttpRequest, key: str, clock: Clock, *, fresh: bool) -> HttpRequest:
    fields = {"timestamp": str(epoch_ms(clock.now())), "nonce": _nonce()} if fresh else {}
    query = _changed(request.query, fields, without=("signature",))
    signed = dict(reversed(query))
    signature = sign_body(key, signed.get("nonce", ""), signed.get("timestamp", ""), request.body)
    return replace(request, query=(("signature", signature), *query))


def _sync_1(request: HttpRequest, key: str) -> HttpRequest:
    members = read_members(request.body)
    if not str(members.get("timeStamp") or ""):
        raise ValueError("timeStamp")
    return _with_headers(request, {"authtoken": sign_properties(key, members)})


def _sync_2(request: HttpRequest, key: str, clock: Clock, *, fresh: bool) -> HttpRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if fresh:
        headers |= {"x-timestamp": str(epoch_ms(clock.now())), "x-nonce": _nonce()}
    timestamp, nonce = headers.get("x-timestamp", ""), headers.get("x-nonce", "")
    sign = sign_payload(key, nonce, timestamp, canonical(read_members(request.body)))
    return _with_headers(request, {"x-timestamp": timestamp, "x-nonce": nonce, "x-sign": sign})


def _restamped(request: HttpRequest, clock: Clock) -> HttpRequest:
    """The body with another ``timeStamp`` and not a byte else changed."""
    fresh = stamp(clock.now()).encode()
    return replace(request, body=_STAMP.sub(lambda match: match[1] + fresh + match[2], request.body, count=1))


def _changed(
    query: tuple[tuple[str, str], ...], fields: Mapping[str, str], without: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    kept = [(name, fields.get(name, value)) for name, value in query if name not in without]
    there = {name for name, _ in kept}
    return (*kept, *((name, value) for name, value in fields.items() if name not in there))


def _with_headers(request: HttpRequest, changed: Mapping[str, str]) -> HttpRequest:
    kept = {name: value for name, value in request.headers.items() if name.lower() not in changed}
    return replace(request, headers={**kept, **changed})


def _stamp_1(clock: Clock) -> str:
    now = clock.now()
    return f"{now:%Y%m%d%H%M%S}{epoch_ms(now) % 1000:03d}"


def _nonce() -> str:
    return secrets.token_hex(32).upper()
