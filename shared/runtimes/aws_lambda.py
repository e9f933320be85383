"""AWS Lambda behind API Gateway (REST and HTTP API), behind a function URL, or invoked directly with such an event.

Two event shapes exist: format 2.0 (HTTP API, function URL) has the raw query string; format 1.0 (REST API) has decoded
parameters only. Application Load Balancer events look like format 1.0 but are not decoded, and are refused.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from shared.http import HttpRequest, HttpResponse
from shared.runtimes import wire

name = "aws-lambda"


class LambdaContext(Protocol):
    """What is used of Lambda's context object."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def read(event: Any, context: LambdaContext) -> HttpRequest:
    """The call described by an event of format 1.0 or 2.0.

    The stage that HTTP API puts before the path is taken off; REST API leaves it out itself.

    :raises shared.runtimes.wire.EventError: if the event is of another kind.
    """
    event = wire.mapping(event)
    if _is_format_2(event):
        return _read_format_2(event, request_id(context))
    if "httpMethod" in event and "elb" not in wire.mapping(event.get("requestContext")):
        return _read_format_1(event, request_id(context))
    raise wire.EventError("not an HTTP event of API Gateway or of a function URL")


def write(response: HttpResponse, event: Any) -> dict[str, Any]:
    """The answer in the format of ``event``: they differ in how cookies are carried."""
    body, is_base64 = wire.body_text(response.body)
    answer: dict[str, Any] = {
        "statusCode": response.status,
        "headers": wire.headers(response),
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if response.cookies and _is_format_1(wire.mapping(event)):
        answer["multiValueHeaders"] = {"Set-Cookie": list(response.cookies)}
    elif response.cookies:
        answer["cookies"] = list(response.cookies)
    return answer


def lookup(context: LambdaContext) -> Callable[[str], str | None]:  # noqa: ARG001 - on Lambda the environment is all
    return os.environ.get


def seconds_left(context: LambdaContext) -> float:
    """Seconds until Lambda ends this invocation."""
    return max(0.0, context.get_remaining_time_in_millis() / 1000)


def request_id(context: LambdaContext) -> str:
    """The invocation's ``AwsRequestId``."""
    return context.aws_request_id


def _is_format_2(event: Mapping[str, Any]) -> bool:
    return "http" in wire.mapping(event.get("requestContext"))


def _is_format_1(event: Mapping[str, Any]) -> bool:
    return "httpMethod" in event and not _is_format_2(event)


def _read_format_2(event: Mapping[str, Any], call: str) -> HttpRequest:
    context = event["requestContext"]
    headers = wire.header_fields(wire.mapping(event.get("headers")).items())
    if event.get("cookies"):
        headers["cookie"] = "; ".join(wire.strings(event["cookies"]))
    return HttpRequest(
        method=wire.required(wire.mapping(context["http"]), "method").upper(),
        path=_without_stage(wire.required(event, "rawPath"), context.get("stage")),
        query=wire.parse_query(str(event.get("rawQueryString") or "")),
        headers=headers,
        body=wire.body_bytes(event),
        request_id=call,
    )


def _read_format_1(event: Mapping[str, Any], call: str) -> HttpRequest:
    return HttpRequest(
        method=wire.required(event, "httpMethod").upper(),
        path=wire.required(event, "path"),
        query=wire.flatten(wire.first_map(event, "multiValueQueryStringParameters", "queryStringParameters")),
        headers=wire.header_fields(wire.first_map(event, "multiValueHeaders", "headers").items()),
        body=wire.body_bytes(event),
        request_id=call,
    )


def _without_stage(path: str, stage: object) -> str:
    if stage in (None, "$default"):
        return path
    return path.removeprefix(f"/{stage}") or "/" if f"{path}/".startswith(f"/{stage}/") else path
