"""Huawei Cloud FunctionGraph behind an API Gateway (APIG) trigger.

The event has decoded query parameters only, no raw query string. Of several cookies and of repeated parameters its
documentation says nothing; what is done about them stands at the place.
"""

import os
from collections.abc import Callable
from typing import Any, Protocol

from shared.config import spelt_out
from shared.http import HttpRequest, HttpResponse
from shared.runtimes import wire

name = "functiongraph"
AGENCY = {
    "SECURITY_ACCESS_KEY": "getSecurityAccessKey",
    "SECURITY_SECRET_KEY": "getSecuritySecretKey",
    "SECURITY_TOKEN": "getSecurityToken",
}


class FunctionGraphContext(Protocol):
    """What is used of FunctionGraph's context object."""

    def getRequestID(self) -> str: ...  # noqa: N802 - the platform's spelling

    def getRemainingTimeInMilliSeconds(self) -> int: ...  # noqa: N802

    def getUserData(self, key: str) -> object: ...  # noqa: N802


def read(event: Any, context: FunctionGraphContext) -> HttpRequest:
    """The call described by an APIG event. A repeated parameter is read whether it comes as a list or as one string.

    :raises shared.runtimes.wire.EventError: if the event is of another kind.
    """
    event = wire.mapping(event)
    if "httpMethod" not in event:
        raise wire.EventError("not an HTTP event of an APIG trigger")
    return HttpRequest(
        method=wire.required(event, "httpMethod").upper(),
        path=wire.required(event, "path"),
        query=wire.flatten(event.get("queryStringParameters")),
        headers=wire.header_fields(wire.mapping(event.get("headers")).items()),
        body=wire.body_bytes(event),
        request_id=request_id(context),
    )


def write(response: HttpResponse, event: Any) -> dict[str, Any]:  # noqa: ARG001 - APIG events have one shape
    """The answer as APIG wants it: an integer status, a map of strings, a string, a boolean."""
    body, is_base64 = wire.body_text(response.body)
    return {
        "statusCode": response.status,
        "headers": {**wire.headers(response), **_set_cookie(response.cookies)},
        "body": body,
        "isBase64Encoded": is_base64,
    }


def lookup(context: FunctionGraphContext) -> Callable[[str], str | None]:
    """Settings are user data, with or without encryption, whose values may be typed; the environment comes second.

    The names in ``AGENCY`` are the temporary credentials of the function's agency, valid for 24 hours.
    """

    def setting(name: str) -> str | None:
        if name in AGENCY:
            return getattr(context, AGENCY[name])() or None
        return spelt_out(name, context.getUserData(name)) or os.environ.get(name)

    return setting


def seconds_left(context: FunctionGraphContext) -> float:
    """Seconds until FunctionGraph ends this invocation."""
    return max(0.0, context.getRemainingTimeInMilliSeconds() / 1000)


def request_id(context: FunctionGraphContext) -> str:
    """The invocation's request id."""
    return context.getRequestID()


def _set_cookie(cookies: tuple[str, ...]) -> dict[str, str]:
    # A header name holds one string here, and cookies cannot be joined into one. Spelling the name differently each
    # time gives every cookie (up to ten) a field of its own and keeps the answer within its documented type.
    field = "Set-Cookie"
    spellings = [
        field,
        *(field[:at] + letter.swapcase() + field[at + 1 :] for at, letter in enumerate(field) if letter != "-"),
    ]
    return dict(zip(spellings, cookies, strict=False))
