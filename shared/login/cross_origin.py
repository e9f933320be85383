"""Which pages of other origins may ask something and read the answer (CORS, as in the Fetch standard)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.http import HttpResponse
from shared.login.pages import FIXED

if TYPE_CHECKING:
    from shared.login.login_request import LoginRequest

OPTIONS = "OPTIONS"
ANYBODY = "*"
PREFLIGHT_SECONDS = 600
"""How long a browser may remember what a preflight was told."""

_NAMES = re.compile(r"[\w!#$%&'*+.^`|~, -]{1,1024}", re.ASCII)


def readable(login: "LoginRequest", response: HttpResponse, *, anybody: bool = False) -> HttpResponse:
    """Let the application's pages read the answer, and no others; ``anybody``: those of every origin."""
    return replace(response, headers={**_allowed(login, anybody=anybody), **response.headers})


def preflight(login: "LoginRequest", methods: Sequence[str], *, anybody: bool = False) -> HttpResponse:
    """The answer to the question a browser asks before it sends what a form could not send: 204, and for an origin that
    is let in also the methods, and the headers it asked for (a tracing library adds its own).
    """
    headers = {**FIXED, "Allow": ", ".join(methods), **_allowed(login, anybody=anybody)}
    if "Access-Control-Allow-Origin" in headers:
        headers["Access-Control-Allow-Methods"] = ", ".join(each for each in methods if each != OPTIONS)
        headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        asked_for = login.request.headers.get("access-control-request-headers", "")
        if _NAMES.fullmatch(asked_for):
            headers["Access-Control-Allow-Headers"] = asked_for
    return HttpResponse(HTTPStatus.NO_CONTENT.value, headers, b"")


def _allowed(login: "LoginRequest", *, anybody: bool) -> Mapping[str, str]:
    if anybody:
        return {"Access-Control-Allow-Origin": ANYBODY}
    if login.origin != login.addresses.app_origin:
        return {"Vary": "Origin"}
    allowed = {"Access-Control-Allow-Origin": login.origin, "Access-Control-Allow-Credentials": "true"}
    return {**allowed, "Vary": "Origin"}
