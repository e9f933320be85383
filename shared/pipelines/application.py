"""The pipeline for what the seller's own application calls: a bearer token, JSON in and out, HTTP status codes.

Unlike the marketplace, the application is told by the status what went wrong, and nothing is signed.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

from shared import log
from shared.app import App
from shared.errors import AuthenticationError, ConfigurationError, InvalidParameter, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.pipelines.marketplace import MAX_BODY
from shared.pipelines.platform_handler import PlatformHandler
from shared.pipelines.preload import Needs

Operation: TypeAlias = Callable[[App, HttpRequest], Mapping[str, Any]]


NEEDS = Needs(settings=("app_tokens",), parts=("tables", "instances"))


@dataclass(frozen=True)
class ApplicationRoute:
    """One thing the application may ask for; ``operate`` returns the members of the answer."""

    name: str
    method: str
    operate: Operation


def application_endpoint(route: ApplicationRoute) -> PlatformHandler:
    """The handler function of one route, for any platform."""
    return PlatformHandler(lambda app, request, _seconds: answer(app, request, route), _broken, NEEDS)


def answer(app: App, request: HttpRequest, route: ApplicationRoute) -> HttpResponse:
    """Answer one request, whatever happens: 200, or an error with ``{"error": what to do}``."""
    started = app.clock.monotonic()
    with log.about(interface=route.name, request_id=request.request_id):
        response = _answer(app, request, route)
        milliseconds = round((app.clock.monotonic() - started) * 1000)
        log.event("answered", result=str(response.status), milliseconds=milliseconds)
    return response


def authenticate(tokens: Sequence[str], request: HttpRequest) -> None:
    """Is there an ``Authorization: Bearer`` header with one of ``tokens``?

    :raises AuthenticationError: there is not.
    """
    if not bears(request.headers.get("authorization", ""), tokens):
        raise AuthenticationError("token")


def bears(authorization: str, tokens: Sequence[str]) -> bool:
    """Is this ``Bearer`` and one of ``tokens``?"""
    scheme, _, given = authorization.partition(" ")
    # All are compared, so that the time taken does not tell which one came close.
    matches = [hmac.compare_digest(token.encode(), given.strip().encode("utf-8", "surrogatepass")) for token in tokens]
    return scheme.lower() == "bearer" and any(matches)


def _answer(app: App, request: HttpRequest, route: ApplicationRoute) -> HttpResponse:
    try:
        authenticate(app.settings.app_tokens, request)
        return _served(app, request, route)
    except AuthenticationError as error:
        log.event("refused", reason=error.reason)
        app.failures.refused(error.reason)
        text = "send Authorization: Bearer and the token set as KOOGALLERY_APP_TOKEN"
        return _error(HTTPStatus.UNAUTHORIZED, text, {"WWW-Authenticate": 'Bearer realm="koogallery"'})
    except InvalidParameter as error:
        log.event("failed", error=type(error).__name__, reason=str(error))
        return _error(HTTPStatus.BAD_REQUEST, str(error))
    except Unavailable as error:
        log.event("failed", error=type(error).__name__, reason=str(error))
        return _error(HTTPStatus.SERVICE_UNAVAILABLE, "try again: the same call does no harm", {"Retry-After": "1"})
    except ConfigurationError as error:
        log.alarm(str(error))
    except Exception as error:  # noqa: BLE001 - the application gets an answer, the log what happened
        log.failure("unforeseen error", error)
    return _broken()


def _broken() -> HttpResponse:
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error: see the log")


def _served(app: App, request: HttpRequest, route: ApplicationRoute) -> HttpResponse:
    if request.method != route.method:
        return _error(HTTPStatus.METHOD_NOT_ALLOWED, f"use {route.method}", {"Allow": route.method})
    if len(request.body) > MAX_BODY:
        return _error(HTTPStatus.BAD_REQUEST, f"the body is too large: send at most {MAX_BODY} bytes")
    return _json(HTTPStatus.OK, route.operate(app, request))


def _error(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return _json(status, {"error": text}, headers)


def _json(status: HTTPStatus, members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> HttpResponse:
    body = json.dumps(members, separators=(",", ":")).encode()
    return HttpResponse(status.value, {"Content-Type": "application/json", **(headers or {})}, body)
