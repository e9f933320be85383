"""The bundle on this machine: its app from the local settings, its routes as a server calls them."""

import json
import math
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from emulator.development import completed
from emulator.wire.server import Handle
from functions import gateway, login
from shared.app import App
from shared.clock import Clock, SystemClock
from shared.config import PUBLISHED, Settings, of
from shared.development_keys import published_names
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.login.sign_in import SignIn
from shared.outbound import Reach, is_loopback, shared_client
from shared.pipelines import application
from shared.pipelines.browser import answer as login_answer
from shared.pipelines.marketplace import SYNC_PATH, answer
from shared.secrets import resolver

REQUEST_ID = "X-Request-Id"
METHODS = ("GET", "POST")
_LONGEST_OFFSET = 100 * 366 * 86400.0


@dataclass(frozen=True)
class Local:
    """Settings on this machine, the names of those that are development defaults, and a clock shifted as they say."""

    settings: Settings
    defaulted: list[str]
    offset: float
    clock: Clock


def local_settings(environ: Mapping[str, str]) -> Local:
    """The settings in ``environ``, what is missing replaced by its development default.

    :raises ConfigurationError: the clock's offset is no number of seconds.
    """
    values, defaulted = completed(environ)
    lookup = of(values)
    settings = Settings(lookup, resolver(lookup))
    offset = clock_offset(settings.get("KOOGALLERY_CLOCK_OFFSET", "0"))
    return Local(settings, defaulted, offset, SystemClock(offset))


def local_app(local: Local) -> App:
    """The bundle with these settings, whose tenants may have the sign-in server of the emulator on this machine; the
    tables of a local DynamoDB engine are made.

    :raises ConfigurationError: a setting cannot be used.
    """
    app = App(local.settings, clock=local.clock, sign_in=SignIn(shared_client(), Reach.PRIVATE))
    _ready(app)
    return app


def routes(app: App) -> Handle:
    """The bundle's routes: the production address with what is below it for organisation sync, login, and what the
    seller's application calls, and the address of order notifications. A slash behind a path does not matter. Answers
    carry the request id under which they are logged.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        path = request.path.rstrip("/") or "/"
        if path == usage_path(app.settings):
            from functions.usage import ROUTE

            return _identified(application.answer(app, request, ROUTE), request)
        base = app.settings.base_path.rstrip("/")
        below = path[len(base) :] if path.startswith(f"{base}/") else ""
        if below.startswith("/directory/"):
            from functions.directory import ROUTE as DIRECTORY

            return _identified(application.answer(app, request, DIRECTORY), request)
        if route := login.find(below):
            return _identified(login_answer(app, request, route), request)
        if path not in (app.settings.base_path, app.settings.notify_path) and not below.startswith(SYNC_PATH):
            return _plain(404, "nothing is served at this path")
        if request.method not in METHODS:
            return _plain(405, "only GET and POST are served", {"Allow": ", ".join(METHODS)})
        return _identified(answer(app, request, gateway.find), request)

    return handle


def usage_path(settings: Settings) -> str:
    return f"{settings.base_path.rstrip('/')}/usage"


def _identified(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    return replace(response, headers={**response.headers, REQUEST_ID: request.request_id})


def clock_offset(text: str) -> float:
    """The seconds of ``KOOGALLERY_CLOCK_OFFSET``.

    :raises ConfigurationError: it is no such number.
    """
    with suppress(ValueError):
        offset = float(text)
        if math.isfinite(offset) and abs(offset) <= _LONGEST_OFFSET:
            return offset
    raise ConfigurationError("KOOGALLERY_CLOCK_OFFSET must be a number of seconds, at most a hundred years")


def _ready(app: App) -> None:
    """Read and build what every call needs, so that what cannot work is said at the start."""
    settings = app.settings
    _refuse_strangers(settings)
    _ = settings.key, settings.access_key, settings.notify_access_key, settings.v1_zone, settings.cipher_bits
    _ = settings.deadline, settings.lease, settings.give_up
    _ = settings.app_tokens, settings.shards, settings.usage_batch, app.usage_push
    _ = app.tables, app.instances, app.provisioner, app.orders
    _ = settings.sync_access_key, settings.rsa_private_key, app.directory
    _make_tables(settings)


def _refuse_strangers(settings: Settings) -> None:
    """Behind an address that others reach, keys that everybody knows let everybody in."""
    host = urlsplit(settings.get("KOOGALLERY_PUBLIC_URL")).hostname or ""
    names = published_names(settings.get)
    if names and not is_loopback(host):
        raise ConfigurationError(f"KOOGALLERY_PUBLIC_URL is not this machine: {PUBLISHED.format(', '.join(names))}")


def _make_tables(settings: Settings) -> None:
    """Tables of a local engine are made here; on a platform the deployment makes them."""
    endpoint = settings.get("KOOGALLERY_DYNAMODB_ENDPOINT")
    if settings.get("KOOGALLERY_STORE") != "dynamodb" or not endpoint:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    from shared.store.dynamodb import administration, ensure_tables

    if urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1"):
        # Every call is signed with something; an engine on this machine does not care with what.
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    try:
        ensure_tables(
            administration(endpoint, settings.dynamodb_credentials),
            settings.table_prefix,
            settings.single_table,
        )
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(f"KOOGALLERY_DYNAMODB_ENDPOINT: no tables there ({type(error).__name__})") from error


def _plain(status: int, message: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
    body = json.dumps({"message": message}).encode()
    return HttpResponse(status, {"Content-Type": "application/json", **(headers or {})}, body)
