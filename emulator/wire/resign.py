"""A recorded call, signed anew: version 2 gives a signature one minute, so a file is always too old."""

from dataclasses import replace

from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import Clock
from shared.config import Settings
from shared.http import HttpRequest
from shared.pipelines.marketplace import SYNC_PATH
from shared.protocol.choose import is_order_notice
from shared.protocol.sync.call import called
from shared.protocol.sync.lenient_json import read_members

_SYNC_SIGNATURES = ("authtoken", "x-sign", "x-timestamp", "x-nonce")


def resigned(request: HttpRequest, settings: Settings, clock: Clock) -> HttpRequest:
    """``request`` as the marketplace, or the seller's application, would send it now, with the keys in use; all it says
    besides stays as it is.
    """
    if "authorization" in request.headers:
        token = settings.app_tokens[0]
        return replace(request, headers={**request.headers, "authorization": f"Bearer {token}"})
    if SYNC_PATH in request.path:
        return _sync(request, settings, clock)
    if request.method == "GET":
        return _version_1(request, V1Calls(settings.key[0], clock, request.path))
    keys = settings.notify_access_key if is_order_notice(request) else settings.access_key
    return _version_2(request, V2Calls(keys[0], clock, request.path))


def _version_1(request: HttpRequest, calls: V1Calls) -> HttpRequest:
    fields = {name: value for name, value in request.query if name not in ("authToken", "timeStamp", "activity")}
    fresh = calls.call(request.first("activity") or "", **fields)
    return HttpRequest("GET", request.path, fresh.query, request.headers)


def _version_2(request: HttpRequest, calls: V2Calls) -> HttpRequest:
    fresh = calls.send(request.body)
    others = tuple(pair for pair in request.query if pair[0] not in ("signature", "timestamp", "nonce"))
    return HttpRequest("POST", request.path, (*others, *fresh.query), request.headers, request.body)


def _sync(request: HttpRequest, settings: Settings, clock: Clock) -> HttpRequest:
    """A body of version 1 without ``timeStamp`` cannot be signed and stays unsigned."""
    (name, is_v2), base = called(request), request.path.partition(SYNC_PATH)[0]
    if is_v2:
        fresh = SyncV2Calls(settings.sync_access_key[0], clock, base).send(name, request.body)
    elif read_members(request.body).get("timeStamp"):
        fresh = SyncV1Calls(settings.key[0], clock, base).send(name, request.body)
    else:
        return request
    others = {each: value for each, value in request.headers.items() if each not in _SYNC_SIGNATURES}
    return HttpRequest("POST", request.path, request.query, {**others, **fresh.headers}, request.body)
