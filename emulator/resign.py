"""A recorded call, signed anew: version 2 gives a signature one minute, so a file is always too old."""

from dataclasses import replace

from emulator.calls import V1Calls, V2Calls
from shared.clock import Clock
from shared.config import Settings
from shared.dialects.choose import is_order_notice
from shared.http import HttpRequest


def resigned(request: HttpRequest, settings: Settings, clock: Clock) -> HttpRequest:
    """``request`` as the marketplace, or the seller's application, would send it now, with the keys in use; all it says
    besides stays as it is.
    """
    if "authorization" in request.headers:
        token = settings.required_keys("KOOGALLERY_APP_TOKEN")[0]
        return replace(request, headers={**request.headers, "authorization": f"Bearer {token}"})
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
