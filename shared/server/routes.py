"""The routes of the bundle behind one address, as a server on a machine calls them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from shared.app import App
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse
from shared.pipelines import application, browser, marketplace
from shared.pipelines.preload import Needs

REQUEST_ID = "X-Request-Id"
METHODS = ("GET", "POST")


def routes(app: App) -> Callable[[HttpRequest], HttpResponse]:
    """The bundle's routes: the production address with what is below it for organisation sync, login, and what the
    seller's application calls, and the address of order notifications. A slash behind a path does not matter. Answers
    carry the request id under which they are logged.
    """
    find, login = _function("gateway").find, _function("login").find

    def handle(request: HttpRequest) -> HttpResponse:
        path = request.path.rstrip("/") or "/"
        if path == usage_path(app.settings):
            return _identified(application.answer(app, request, _function("usage").ROUTE), request)
        base = app.settings.base_path.rstrip("/")
        below = path[len(base) :] if path.startswith(f"{base}/") else ""
        if below.startswith("/directory/"):
            return _identified(application.answer(app, request, _function("directory").ROUTE), request)
        if route := login(below):
            return _identified(browser.answer(app, request, route), request)
        if path not in (app.settings.base_path, app.settings.notify_path) and not below.startswith(
            marketplace.SYNC_PATH
        ):
            return plain(404, "nothing is served at this path")
        if request.method not in METHODS:
            return plain(405, "only GET and POST are served", {"Allow": ", ".join(METHODS)})
        return _identified(marketplace.answer(app, request, find), request)

    return handle


def needs() -> Needs:
    """What all routes need before the first call."""
    gateway = _function("gateway")
    names = {*gateway.MODULES.values(), *gateway.SYNC_MODULES.values(), "login", "usage", "directory"}
    modules = (*marketplace.MODULES, *(f"functions.{name}" for name in sorted(names)))
    return Needs(modules, marketplace.SIGNING, marketplace.PARTS)


def usage_path(settings: Settings) -> str:
    """Path at which the seller's application posts usage."""
    return f"{settings.base_path.rstrip('/')}/usage"


def plain(status: int, message: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer to nobody in particular."""
    body = json.dumps({"message": message}).encode()
    return HttpResponse(status, {"Content-Type": "application/json", **(headers or {})}, body)


def _function(name: str) -> Any:
    return import_module(f"functions.{name}")


def _identified(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    return replace(response, headers={**response.headers, REQUEST_ID: request.request_id})
