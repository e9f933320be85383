"""Calls in JSON: a platform's event, a structured log's record of a request, a body or the parameters alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from emulator.recorder.addresses import request_to
from emulator.recorder.kinds import NotACall, kind_of, sync_name
from emulator.seller.invoke import context_for
from shared.http import HttpRequest
from shared.protocol.sync.lenient_json import compact
from shared.runtimes import detect
from shared.runtimes.wire import EventError

Scan = Callable[[str], Iterator[HttpRequest]]

_DEEPEST = 12
_METHOD = ("method", "httpMethod", "http_method", "request_method", "verb")
_TARGET = ("url", "uri", "request_uri", "requestUri", "requestUrl", "request_url", "rawPath", "path")
_QUERY = ("query", "query_string", "queryString", "rawQueryString", "args", "queryStringParameters")
_HEADERS = ("headers", "request_headers", "requestHeaders")
_BODY = ("body", "request_body", "requestBody", "data", "payload", "postData")
_OF_BODY = ("orderId", "instanceId", "businessId", "productInfo", "orderLineId")


def calls_in(value: Any, scan: Scan, depth: int = 0) -> Iterator[HttpRequest]:
    """The calls that a JSON value is or holds, however deep; ``scan`` finds those in a text."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if any(mark in value for mark in ("{", "activity=", "/produceAPI/")):
            yield from scan(value)
        return
    if isinstance(value, Mapping) and (request := _call(value)):
        yield request
        return
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from calls_in(each, scan, depth + 1)


def is_call(request: HttpRequest | None) -> bool:
    """Is it one of the marketplace's?"""
    try:
        return request is not None and bool(kind_of(request))
    except NotACall:
        return False


def _call(value: Mapping[str, Any]) -> HttpRequest | None:
    return next((request for read in (_event, _record, _alone) if is_call(request := read(value))), None)


def _event(value: Mapping[str, Any]) -> HttpRequest | None:
    context = value.get("requestContext")
    if not ("httpMethod" in value or (isinstance(context, Mapping) and "http" in context)):
        return None
    platform = context_for(value, "gateway")
    try:
        request = detect(platform).read(value, platform)
    except (EventError, TypeError, AttributeError):
        return None
    return replace(request, request_id="")


def _record(value: Mapping[str, Any]) -> HttpRequest | None:
    target = _first(value, _TARGET)
    if not isinstance(target, str):
        return None
    query = _first(value, _QUERY)
    if query and "?" not in target:
        target += "?" + (urlencode(query, doseq=True) if isinstance(query, Mapping) else str(query).lstrip("?"))
    method, body = _first(value, _METHOD), _body(_first(value, _BODY))
    headers = _headers(_first(value, _HEADERS))
    return request_to(target, method=method if isinstance(method, str) else "", headers=headers, body=body)


def _alone(value: Mapping[str, Any]) -> HttpRequest | None:
    """A body, or the parameters of version 1, without an address."""
    names = {str(name).strip(): member for name, member in value.items()}
    if name := sync_name(names):
        first = "orgInfo" in names or isinstance(names.get("userList"), str) or "authToken" in names
        return HttpRequest(
            "POST", f"/saas/produceAPI/{'' if first else 'v2/'}{name}", body=compact(dict(value)).encode()
        )
    if not isinstance(names.get("activity"), str):
        return None
    if "authToken" in names or "timeStamp" in names:
        pairs = tuple((name, member if isinstance(member, str) else compact(member)) for name, member in names.items())
        return HttpRequest("GET", "/saas", pairs)
    return HttpRequest("POST", "/saas", body=compact(dict(value)).encode()) if names.keys() & set(_OF_BODY) else None


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name)), None)


def _body(value: Any) -> bytes:
    if isinstance(value, Mapping) and isinstance(value.get("text"), str):
        value = value["text"]  # HTTP archives
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return compact(value).encode("utf-8", "replace") if isinstance(value, dict) else b""


def _headers(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        value = {each.get("name"): each.get("value") for each in value if isinstance(each, Mapping)}
    if not isinstance(value, Mapping):
        return {}
    return {str(name): str(each) for name, each in value.items() if isinstance(each, str)}
