"""A form counts once: what is sent a second time, by a double click or a page loaded anew, gets the first one's answer.

Each form has a token of its own in the field ``once``; :func:`field` puts it there.
"""

import secrets
from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import TypeAlias

from flask import Flask, Response, flash, g, request, session
from markupsafe import Markup

KEPT = 1000
"""Tokens remembered."""
PATIENCE = 60.0
"""Seconds that a second click waits for the first one's answer."""
FIELD = "once"
Sent: TypeAlias = tuple[Response | None, list[tuple[str, str]]]
"""The redirection that a form was answered with, and what the next page says above its content."""


def field() -> Markup:
    """The hidden field of a form that must count once."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, secrets.token_urlsafe(9))


class SentForms:
    """Those sent to an application. Only redirections are kept: what was answered otherwise changed nothing."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Future[Sent]] = OrderedDict()
        self._lock = Lock()

    def watch(self, app: Flask) -> None:
        app.before_request(self._seen)
        app.after_request(self._answered)
        app.teardown_request(self._ended)

    def _seen(self) -> Response | None:
        """The answer to the first one, if this is the second."""
        token = request.form.get(FIELD, "") if request.method == "POST" else ""
        if not token:
            return None
        with self._lock:
            first = self._answers.get(token)
            if first is None:
                g.once = self._answers[token] = Future()
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
                return None
        answer, said = first.result(PATIENCE)
        for category, message in said:
            flash(message, category)
        return answer

    def _answered(self, response: Response) -> Response:
        if "once" in g and not g.once.done():
            redirected = 300 <= response.status_code < 400
            g.once.set_result((_copy(response) if redirected else None, list(session.get("_flashes", ()))))
        return response

    def _ended(self, _error: BaseException | None) -> None:
        """Whoever waits goes on, whatever happened."""
        if "once" in g and not g.once.done():
            g.once.set_result((None, []))


def _copy(response: Response) -> Response:
    return Response(response.get_data(), response.status_code, list(response.headers))
