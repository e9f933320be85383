"""A call signed anew: version 2 gives a signature one minute, so a recorded one is always too old."""

import re
from collections.abc import Mapping
from dataclasses import replace

from emulator.wire.calls import fresh_nonce, time_stamp
from emulator.wire.sync_calls import is_sync, stamp
from shared.clock import Clock, epoch_ms
from shared.config import Settings
from shared.http import HttpRequest
from shared.protocol.choose import is_order_notice
from shared.protocol.signing import sign_body, sign_query
from shared.protocol.sync.call import called
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties

_STAMP = re.compile(rb'("timeStamp"\s*:\s*")[^"]+(")')


def resigned(request: HttpRequest, settings: Settings, clock: Clock) -> HttpRequest:
    """``request`` as the marketplace, or the seller's application, would send it now, with the keys in use; all it says
    besides stays as it is. What cannot be signed (a sync call of version 1 without ``timeStamp``) stays as it is, too.
    """
    if "authorization" in request.headers:
        return _with_headers(request, {"authorization": f"Bearer {settings.app_tokens[0]}"})
    try:
        return signed(request, _key(request, settings), clock)
    except ValueError:
        return request


def signed(request: HttpRequest, key: str, clock: Clock, *, fresh: bool = True) -> HttpRequest:
    """``request`` signed with ``key``; the path and the method tell how.

    :param fresh: with a time stamp of now and a new nonce; otherwise with those it has.
    :raises ValueError: there is no time stamp to sign with.
    :raises InvalidParameter: the body of a sync call is no JSON object.
    """
    if is_sync(request):
        request = _restamped(request, clock) if fresh else request
        return _sync_2(request, key, _mark(clock, fresh=fresh)) if called(request)[1] else _sync_1(request, key)
    if request.method == "GET":
        return _version_1(request, key, {"timeStamp": time_stamp(clock.now())} if fresh else {})
    return _version_2(request, key, _mark(clock, fresh=fresh))


def _key(request: HttpRequest, settings: Settings) -> str:
    if is_sync(request):
        return (settings.sync_access_key if called(request)[1] else settings.key)[0]
    if request.method == "GET":
        return settings.key[0]
    return (settings.notify_access_key if is_order_notice(request) else settings.access_key)[0]


def _mark(clock: Clock, *, fresh: bool) -> dict[str, str]:
    return {"timestamp": str(epoch_ms(clock.now())), "nonce": fresh_nonce()} if fresh else {}


def _version_1(request: HttpRequest, key: str, when: Mapping[str, str]) -> HttpRequest:
    query = _changed(request.query, when, without="authToken")
    fields = dict(reversed(query))
    if "timeStamp" not in fields:
        raise ValueError("timeStamp")
    return replace(request, query=(*query, ("authToken", sign_query(key, fields))))


def _version_2(request: HttpRequest, key: str, mark: Mapping[str, str]) -> HttpRequest:
    query = _changed(request.query, mark, without="signature")
    fields = dict(reversed(query))
    signature = sign_body(key, fields.get("nonce", ""), fields.get("timestamp", ""), request.body)
    return replace(request, query=(("signature", signature), *query))


def _sync_1(request: HttpRequest, key: str) -> HttpRequest:
    members = read_members(request.body)
    if not members.get("timeStamp"):
        raise ValueError("timeStamp")
    return _with_headers(request, {"authtoken": sign_properties(key, members)})


def _sync_2(request: HttpRequest, key: str, mark: Mapping[str, str]) -> HttpRequest:
    sent = {name.lower(): value for name, value in request.headers.items()}
    when = {name: mark.get(name, sent.get(f"x-{name}", "")) for name in ("timestamp", "nonce")}
    sign = sign_payload(key, when["nonce"], when["timestamp"], canonical(read_members(request.body)))
    return _with_headers(request, {"x-sign": sign, **{f"x-{name}": value for name, value in when.items()}})


def _restamped(request: HttpRequest, clock: Clock) -> HttpRequest:
    """The body with another ``timeStamp`` and not a byte else changed."""
    fresh = stamp(clock.now()).encode()
    return replace(request, body=_STAMP.sub(lambda match: match[1] + fresh + match[2], request.body, count=1))


def _changed(
    query: tuple[tuple[str, str], ...], fields: Mapping[str, str], without: str
) -> tuple[tuple[str, str], ...]:
    kept = [(name, fields.get(name, value)) for name, value in query if name != without]
    there = {name for name, _ in kept}
    return (*kept, *((name, value) for name, value in fields.items() if name not in there))


def _with_headers(request: HttpRequest, changed: Mapping[str, str]) -> HttpRequest:
    kept = {name: value for name, value in request.headers.items() if name.lower() not in changed}
    return replace(request, headers={**kept, **changed})
