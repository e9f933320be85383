"""``GET /health``: can this process answer calls? It says what is wrong, and shows no value."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TypeAlias

from shared.app import App
from shared.clock import Deadline, epoch_ms
from shared.config.server import problems
from shared.errors import ConfigurationError, KooGalleryError, NotSet, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.server.schedule import TIMERS, Turns
from shared.timeouts import within

PATH = "/health"
SECONDS = 2.0
"""How long all checks may take together."""
KEPT = 1.0
"""Seconds for which a finding is answered again: anybody may ask, as often as they like."""
BEHIND = 60_000
"""Milliseconds by which this clock may be behind what another machine wrote into the store."""
EARLIEST = 1_750_000_000_000
"""A clock before this (June 2025) was never set."""

Check: TypeAlias = Callable[[App], None]


def with_health(app: App, handle: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """``handle``, and the answer about this process outside the base path."""
    health = Health(app)

    def front(request: HttpRequest) -> HttpResponse:
        if request.path != PATH or request.method not in ("GET", "HEAD"):
            return handle(request)
        answer = health.answer()
        return answer if request.method == "GET" else replace(answer, body=b"")

    return front


class Health:
    """Finds out, at most once a second, within two seconds."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._turn = Lock()
        self._found: tuple[float, dict[str, str]] = (-KEPT, {})

    def answer(self) -> HttpResponse:
        """200 and ``{"status":"ok",…}``, or 503 with what is wrong."""
        wrong = self.wrong()
        body = {"status": "unavailable" if wrong else "ok", "checks": {name: wrong.get(name, "ok") for name in CHECKS}}
        headers = {"Content-Type": "application/json"}
        return HttpResponse(503 if wrong else 200, headers, json.dumps(body, separators=(",", ":")).encode())

    def wrong(self) -> Mapping[str, str]:
        """What is wrong, by check; empty if all is well."""
        with self._turn:
            at, found = self._found
            if time.monotonic() - at >= KEPT:
                found = self._look()
                self._found = time.monotonic(), found
            return found

    def _look(self) -> dict[str, str]:
        deadline = Deadline(self._app.clock, SECONDS)
        found = {}
        for name, check in CHECKS.items():
            try:
                within(deadline, partial(check, self._app), Unavailable("no answer in time"))
            except KooGalleryError as error:
                found[name] = str(error)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - its text may quote data
                found[name] = type(error).__name__
        return found


def _settings(app: App) -> None:
    if found := problems(app.settings):
        raise ConfigurationError("; ".join(found))


def _keys(app: App) -> None:
    """Those that are more than text can be loaded, where they are set."""
    from shared.protocol.client_secret import check_private_keys
    from shared.store.cipher import StorageCipher

    StorageCipher(app.settings.storage_key)
    with suppress(NotSet):
        check_private_keys(app.settings.rsa_private_key)
    with suppress(NotSet):
        _ = app.session_tokens.key_set()


def _store(app: App) -> None:
    Turns(app.tables.table("agenda"), app.clock).read(TIMERS[0])


def _provisioner(app: App) -> None:
    _ = app.provisioner


def _clock(app: App) -> None:
    now = epoch_ms(app.clock.now())
    with suppress(Unavailable):
        seen = [Turns(app.tables.table("agenda"), app.clock).read(timer) for timer in TIMERS]
        if now < max([EARLIEST, *(item["done_ms"] - BEHIND for item in seen if item)]):
            raise ConfigurationError("the clock of this machine is behind")


CHECKS: Mapping[str, Check] = {
    "settings": _settings,
    "keys": _keys,
    "store": _store,
    "provisioner": _provisioner,
    "clock": _clock,
}
