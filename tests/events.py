"""The platforms a handler runs on: how a call comes in, and its answer as their gateways would send it.

The shapes are those of the platforms' own documentation. What a gateway does to a request on the way (order, joining,
Base64) is done here too, so a test that passes has seen what the function will see.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from emulator.platforms.event_shapes import Event, api_gateway_http, api_gateway_rest, function_url, functiongraph
from shared.http import HttpRequest, HttpResponse


class Platform(NamedTuple):
    """One way a call can come in and its answer go out."""

    name: str
    make_event: Callable[[HttpRequest], Event]
    make_context: Callable[[], LocalLambdaContext | LocalFunctionGraphContext]
    read_answer: Callable[[Any], HttpResponse]


def read_format_1(raw: Any) -> HttpResponse:
    """What a REST API sends for a function's answer; any member it does not know makes it answer 502."""
    _check(raw, optional={"multiValueHeaders"})
    several = raw.get("multiValueHeaders", {})
    assert set(several) <= {"Set-Cookie"}
    return _response(raw, several.get("Set-Cookie", []))


def read_format_2(raw: Any) -> HttpResponse:
    """What an HTTP API or a function URL sends for a function's answer."""
    _check(raw, optional={"cookies"})
    return _response(raw, raw.get("cookies", []))


def read_functiongraph(raw: Any) -> HttpResponse:
    """What APIG sends for a function's answer: names that differ in case are fields of their own."""
    _check(raw, optional=set())
    cookies = [value for name, value in raw["headers"].items() if name.lower() == "set-cookie"]
    plain = {name: value for name, value in raw["headers"].items() if name.lower() != "set-cookie"}
    return _response({**raw, "headers": plain}, cookies)


RUNTIMES = [
    Platform("api-gateway-rest", api_gateway_rest, LocalLambdaContext, read_format_1),
    Platform("api-gateway-http", api_gateway_http, LocalLambdaContext, read_format_2),
    Platform("function-url", function_url, LocalLambdaContext, read_format_2),
    Platform("functiongraph", functiongraph, LocalFunctionGraphContext, read_functiongraph),
]


def _check(raw: Any, optional: set[str]) -> None:
    needed = {"statusCode", "headers", "body", "isBase64Encoded"}
    assert needed <= set(raw) <= needed | optional
    assert json.loads(json.dumps(raw)) == raw
    assert type(raw["statusCode"]) is int
    assert type(raw["isBase64Encoded"]) is bool
    assert all(type(value) is str for value in raw["headers"].values())


def _response(raw: Mapping[str, Any], cookies: list[str]) -> HttpResponse:
    body = b64decode(raw["body"], validate=True) if raw["isBase64Encoded"] else raw["body"].encode()
    return HttpResponse(raw["statusCode"], raw["headers"], body, tuple(cookies))
