"""Events as the platforms send them, made from a request; and the request's answer as their gateways would send it.

The shapes are those of the platforms' own documentation. What a gateway does to a request on the way (order, joining,
Base64) is done here too, so a test that passes has seen what the function will see.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from emulator.contexts import FunctionGraphContext, LambdaContext
from shared.http import HttpRequest, HttpResponse

Event = dict[str, Any]


class Platform(NamedTuple):
    """One way a call can come in and its answer go out."""

    name: str
    make_event: Callable[[HttpRequest], Event]
    make_context: Callable[[], LambdaContext | FunctionGraphContext]
    read_answer: Callable[[Any], HttpResponse]


def api_gateway_rest(request: HttpRequest, stage: str = "prod") -> Event:
    """API Gateway REST API: decoded parameters, maps with the last and maps with all values, no stage in the path."""
    query = _several(request.query)
    headers = {name.title(): [value] for name, value in request.headers.items()}
    body, is_base64 = _text_or_base64(request.body)
    return {
        "resource": "/{proxy+}",
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()} or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": request.path.removeprefix("/")},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": "/{proxy+}",
            "operationName": None,
            "httpMethod": request.method,
            "extendedRequestId": "XXXXXXXXXXXXXXX=",
            "requestTime": "22/Nov/2026:08:00:00 +0000",
            "path": f"/{stage}{request.path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": stage,
            "domainPrefix": "abcdef1234",
            "requestTimeEpoch": 1795334400000,
            "requestId": str(uuid4()),
            "identity": {"sourceIp": "192.0.2.10", "userAgent": "Java/1.8.0", "apiKey": None, "accountId": None},
            "domainName": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
            "apiId": "abcdef1234",
        },
        "body": body or None,
        "isBase64Encoded": is_base64,
    }


def api_gateway_http(request: HttpRequest, stage: str = "$default") -> Event:
    """API Gateway HTTP API, format 2.0: raw query, lower-case headers, cookies apart, a named stage before the path."""
    path = request.path if stage == "$default" else f"/{stage}{request.path}"
    return _format_2(request, path, stage, "abcdef1234.execute-api.eu-west-1.amazonaws.com")


def function_url(request: HttpRequest) -> Event:
    """A Lambda function URL: format 2.0 with the default stage."""
    return _format_2(request, request.path, "$default", "abcdefghijklmnop.lambda-url.eu-west-1.on.aws")


def functiongraph(request: HttpRequest) -> Event:
    """An APIG trigger of FunctionGraph: decoded parameters only, the body always in Base64."""
    return {
        "body": b64encode(request.body).decode(),
        "requestContext": {
            "apiId": "bc1dcffd-aa35-474d-897c-d53425a4c08e",
            "requestId": uuid4().hex,
            "stage": "RELEASE",
            "sourceIp": "192.0.2.10",
        },
        "queryStringParameters": {
            name: values[0] if len(values) == 1 else values for name, values in _several(request.query).items()
        },
        "httpMethod": request.method,
        "pathParameters": {"": request.path.removeprefix("/")},
        "headers": {"x-forwarded-port": "443", "x-forwarded-proto": "https", **request.headers},
        "path": request.path,
        "isBase64Encoded": True,
    }


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
    Platform("api-gateway-rest", api_gateway_rest, LambdaContext, read_format_1),
    Platform("api-gateway-http", api_gateway_http, LambdaContext, read_format_2),
    Platform("function-url", function_url, LambdaContext, read_format_2),
    Platform("functiongraph", functiongraph, FunctionGraphContext, read_functiongraph),
]


def _format_2(request: HttpRequest, path: str, stage: str, domain: str) -> Event:
    headers = {name.lower(): value for name, value in request.headers.items()}
    cookies = [part for part in headers.pop("cookie", "").split("; ") if part]
    body, is_base64 = _text_or_base64(request.body)
    event: Event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(request.query),
        "headers": {"host": domain, "x-forwarded-proto": "https", **headers},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": domain.partition(".")[0],
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "Java/1.8.0",
            },
            "requestId": str(uuid4()),
            "routeKey": "$default",
            "stage": stage,
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": 1795334400000,
        },
        "isBase64Encoded": is_base64,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in _several(request.query).items()}
    if body:
        event["body"] = body
    return event


def _several(query: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    several: dict[str, list[str]] = {}
    for name, value in query:
        several.setdefault(name, []).append(value)
    return several


def _text_or_base64(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return b64encode(body).decode(), True


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
