"""A form counts once: what is sent a second time, by a double click or a page loaded anew, gets the first one's answer.

Each form has a token of its own in the field ``once``; :func:`field` puts it there.
"""

import secrets
from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import TypeAlias, cast

from flask import Flask, Response, flash, g, request, session
from markupsafe import Markup

KEPT = 1000
"""Tokens remembered."""
PATIENCE = 60.0
"""Seconds that a second click waits for the first one's answer."""
FIELD = "once"
SENT = "koogallery.sent-forms"
"""Where those of a console stand in the environment of a request."""
Sent: TypeAlias = tuple[Response | None, list[tuple[str, str]]]
"""The redirection that a form was answered with, and what the next page says above its content."""


def field() -> Markup:
    """The hidden field of a form that must count once."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, secrets.token_urlsafe(9))


class SentForms:
    """Those sent to a console, by their tokens."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Future[Sent]] = OrderedDict()
        self._lock = Lock()

    def first(self, token: str, mine: Future[Sent]) -> Future[Sent]:
        """The answer to the first form with this token: ``mine``, if this is it."""
        with self._lock:
            found = self._answers.setdefault(token, mine)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return found


def watch(app: Flask) -> None:
    """Let each form that is sent to an application count once."""
    app.before_request(_seen)
    app.after_request(_answered)
    app.teardown_request(_ended)


def _seen() -> Response | None:
    """The answer to the first one, if this is the second."""
    token = request.form.get(FIELD, "") if request.method == "POST" else ""
    if not token:
        return None
    sent, mine = cast("SentForms", request.environ[SENT]), Future[Sent]()
    first = sent.first(token, mine)
    if first is mine:
        g.once = mine
        return None
    answer, said = first.result(PATIENCE)
    for category, message in said:
        flash(message, category)
    return answer


def _answered(response: Response) -> Response:
    """Only redirections are kept: what was answered otherwise changed nothing."""
    if "once" in g and not g.once.done():
        redirected = 300 <= response.status_code < 400
        g.once.set_result((_copy(response) if redirected else None, list(session.get("_flashes", ()))))
    return response


def _ended(_error: BaseException | None) -> None:
    """Whoever waits goes on, whatever happened."""
    if "once" in g and not g.once.done():
        g.once.set_result((None, []))


def _copy(response: Response) -> Response:
    return Response(response.get_data(), response.status_code, list(response.headers))
