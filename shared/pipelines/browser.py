"""The pipeline of login: a request of a browser or of the seller's application, and an answer whatever happens."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeAlias

from shared import log
from shared.app import App
from shared.clock import Deadline
from shared.errors import AuthenticationError, ConfigurationError, InvalidParameter, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.login.addresses import with_query
from shared.login.cross_origin import OPTIONS, preflight, readable
from shared.login.login_request import LoginRequest
from shared.login.pages import FIXED, NO_FRAMES, page
from shared.login.refusals import LoginRefused, RefusalReason
from shared.login.texts import PAGE_ACTIONS, PAGE_TEXTS, REFERENCE, Language, PageAction
from shared.pipelines.marketplace import MARGIN
from shared.pipelines.platform_handler import PlatformHandler
from shared.pipelines.preload import Needs

SECONDS = 8.0
"""How long a request may take: two calls to the marketplace. People wait that long once a day."""

REASON_OF: Mapping[type[Exception], RefusalReason] = {
    Unavailable: RefusalReason.BUSY,
    InvalidParameter: RefusalReason.MALFORMED,
    AuthenticationError: RefusalReason.LOGIN_REQUIRED,
}


NEEDS = Needs(parts=("tables", "sessions", "cookie_signer", "sign_in"))

Operation: TypeAlias = Callable[[LoginRequest], HttpResponse]


@dataclass(frozen=True)
class BrowserRoute:
    """One thing that can be asked for. What pages fetch has ``OPTIONS`` among its methods.

    ``page``: failures are shown to a person, otherwise told in JSON. ``anybody``: pages of every origin may read the
    answer.
    """

    name: str
    methods: tuple[str, ...]
    operate: Operation
    page: bool = True
    anybody: bool = False


def login_endpoint(route: BrowserRoute) -> PlatformHandler:
    """The handler function of one route, for any platform."""
    return handler_for(lambda _: route)


def handler_for(find: Callable[[str], BrowserRoute | None]) -> PlatformHandler:
    """A handler function that finds the route by the request's path."""

    def respond(app: App, request: HttpRequest, seconds: float) -> HttpResponse:
        route = find(request.path)
        return answer(app, request, route, seconds) if route else not_found()

    return PlatformHandler(respond, _not_set_up, NEEDS)


def answer(app: App, request: HttpRequest, route: BrowserRoute, seconds: float = float("inf")) -> HttpResponse:
    """Answer one request within ``seconds``, whatever happens."""
    started = app.clock.monotonic()
    login = LoginRequest(app, request, Deadline(app.clock, min(SECONDS, max(seconds - MARGIN, 0.0))))
    with log.about(interface=route.name, request_id=request.request_id):
        response = _answer(login, route)
        milliseconds = round((app.clock.monotonic() - started) * 1000)
        log.event("answered", result=str(response.status), milliseconds=milliseconds)
    return response


def redirect(url: str, *cookies: str) -> HttpResponse:
    """Send the browser to ``url``."""
    return HttpResponse(HTTPStatus.FOUND.value, {**FIXED, "Location": url}, b"", cookies)


def json_answer(status: HTTPStatus, members: Mapping[str, Any], *cookies: str) -> HttpResponse:
    """``members`` as JSON."""
    body = json.dumps(members, separators=(",", ":")).encode()
    return HttpResponse(status.value, {**FIXED, "Content-Type": "application/json"}, body, cookies)


def not_found() -> HttpResponse:
    """Nothing is served at that path."""
    return json_answer(HTTPStatus.NOT_FOUND, {"error": "nothing is served at this path"})


def _answer(login: LoginRequest, route: BrowserRoute) -> HttpResponse:
    try:
        login.check()
    except ConfigurationError as error:
        log.alarm(str(error))
        return _bare(login, route)
    if login.request.method not in route.methods:
        allowed = ", ".join(route.methods)
        refusal = json_answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": f"use {allowed}"})
        refusal = replace(refusal, headers={**refusal.headers, "Allow": allowed})
        return readable(login, refusal, anybody=route.anybody)
    if login.request.method == OPTIONS:
        return preflight(login, route.methods, anybody=route.anybody)
    try:
        return readable(login, route.operate(login), anybody=route.anybody)
    except Exception as error:  # noqa: BLE001 - the visitor gets an answer, the log what happened
        refused = _understood(error)
    return _page(login, refused) if route.page else readable(login, _told(login, refused), anybody=route.anybody)


def _understood(error: Exception) -> LoginRefused:
    """``error`` as something to show, and a log line for it."""
    if isinstance(error, LoginRefused):
        log.event("refused", reason=error.reason.value)
        return error
    if isinstance(error, ConfigurationError):
        log.alarm(str(error))
        return LoginRefused(RefusalReason.NOT_SET_UP)
    for kind, reason in REASON_OF.items():
        if isinstance(error, kind):
            log.event("failed", error=type(error).__name__, reason=str(error))
            return LoginRefused(reason)
    log.failure("unforeseen error", error)
    return LoginRefused(RefusalReason.INTERNAL)


def _not_set_up() -> HttpResponse:
    words = PAGE_TEXTS[RefusalReason.NOT_SET_UP]
    return json_answer(
        words.status, {"error": RefusalReason.NOT_SET_UP.value, "message": words.title[Language.ENGLISH]}
    )


def _page(login: LoginRequest, refused: LoginRefused) -> HttpResponse:
    words = PAGE_TEXTS[refused.reason]
    if words.action is PageAction.OTHER_ACCOUNT:
        target = with_query(login.addresses.logout, tenant=refused.tenant_id)
    else:
        target = login.addresses.login
    action = (target, PAGE_ACTIONS[words.action][login.language]) if words.action in PAGE_ACTIONS else None
    response = _shown(login, refused.reason, action, login.frames)
    return replace(response, cookies=(login.cookies.no_login(login.request.first("state") or ""),))


def _told(login: LoginRequest, refused: LoginRefused) -> HttpResponse:
    status = PAGE_TEXTS[refused.reason].status
    begin = {"login": login.addresses.login} if status is HTTPStatus.UNAUTHORIZED else {}
    return json_answer(status, _members(login, refused.reason) | begin)


def _bare(login: LoginRequest, route: BrowserRoute) -> HttpResponse:
    """What can be said without any setting."""
    if route.page:
        return _shown(login, RefusalReason.NOT_SET_UP, None, NO_FRAMES)
    return json_answer(PAGE_TEXTS[RefusalReason.NOT_SET_UP].status, _members(login, RefusalReason.NOT_SET_UP))


def _shown(login: LoginRequest, reason: RefusalReason, action: tuple[str, str] | None, frames: str) -> HttpResponse:
    words, language = PAGE_TEXTS[reason], login.language
    reference = (REFERENCE[language], login.request.request_id)
    title, text = words.title[language], words.text[language]
    return page(words.status, language, title, text, action=action, reference=reference, frames=frames)


def _members(login: LoginRequest, reason: RefusalReason) -> dict[str, str]:
    message = PAGE_TEXTS[reason].title[Language.ENGLISH]
    return {"error": reason.value, "message": message, "reference": login.request.request_id}
