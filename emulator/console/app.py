"""The pages of a console, by Flask."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Blueprint, Flask, g, render_template, request
from werkzeug.exceptions import HTTPException

from emulator.console import forms, once, times
from emulator.console.api.index import api
from emulator.console.check.index import RUNS
from emulator.console.check.run import CheckRuns
from emulator.console.choices import Choice
from emulator.console.console_context import SHOWN, ConsoleContext, context
from emulator.console.guard import guard, harden
from emulator.console.highlight import highlighted
from emulator.console.language import LANGUAGE, language, maybe, say, text
from emulator.console.once import SENT, SentForms
from emulator.console.pages import PAGES
from emulator.texts import LANGUAGES, named

THEME = Choice("theme", "console-theme", ("light", "dark", "auto"))
"""``auto``: what the reader's system says."""
_STATIC = Path(__file__).with_name("static")

base = Blueprint("base", __name__)


class ConsoleApplication:
    """The pages of a console, a WSGI application. ``own``: what its requests bring along, as the application that
    answers them is every console's.
    """

    def __init__(self, shown: ConsoleContext) -> None:
        self.own: dict[str, Any] = {SHOWN: shown, RUNS: CheckRuns(shown.market), SENT: SentForms()}
        self._answers = application()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answers(environ | self.own, start_response)


@cache
def application() -> Flask:
    """What answers, made once: rules and templates take longer to compile than any page to show."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes()
    app.config |= {
        "SESSION_COOKIE_NAME": "console",
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
    }
    app.jinja_options = app.jinja_options | {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(guard)
    once.watch(app)
    forms.watch(app)
    app.register_blueprint(base)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    app.register_blueprint(api)
    app.after_request(LANGUAGE.keep)
    app.after_request(THEME.keep)
    app.after_request(harden)
    app.register_error_handler(HTTPException, _problem)
    app.context_processor(_surroundings)
    app.jinja_env.globals.update(
        t=text, maybe=maybe, say=say, named=named, language=language, asset=_asset, once=once.field
    )
    app.jinja_env.filters.update(
        utc=times.utc,
        beijing=times.beijing,
        iso=times.iso,
        compact=times.compact,
        groupby_kept=_grouped,
        highlighted=highlighted,
    )
    return app


@base.get("/time")
def clock() -> str:
    """The simulated clock, as the header shows it."""
    return render_template("clock.html")


def _surroundings() -> dict[str, Any]:
    """What ``base.html`` needs on every page."""
    return {
        "pages": PAGES,
        "languages": LANGUAGES,
        "theme": THEME.made or "auto",
        "themes": THEME.values,
        "now": context().market.clock.now(),
        "here": _here,
    }


def _here(**changes: object) -> str:
    """This page's address with parameters changed; ``None`` takes one away."""
    kept = {name: value for name, value in request.args.items() if name not in ("lang", "theme")}
    changed = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    return f"{request.path}?{urlencode(changed)}" if changed else request.path


def _problem(error: HTTPException) -> tuple[str, int]:
    status = HTTPStatus(error.code or 500)
    g.setdefault("language", "en" if status is HTTPStatus.BAD_REQUEST else language())
    known = {400: "bad", 403: "site", 404: "missing"}.get(status.value, "other")
    return render_template("problem.html", status=status.value, known=known), status.value


def _grouped(items: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Items by the attribute ``name``, in the order in which they come."""
    return [(value, list(group)) for value, group in groupby(items, attrgetter(name))]


def _asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    digest = sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
