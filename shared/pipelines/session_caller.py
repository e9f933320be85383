"""Which session the seller's application asks about: it holds the application token, and something of the user's."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from shared import log
from shared.errors import AuthenticationError, InvalidParameter
from shared.http import HttpRequest
from shared.json_object import read_object
from shared.pipelines.application import authenticate
from shared.store.sessions import Session, key_of

if TYPE_CHECKING:
    from shared.login.login_request import LoginRequest

MAX_BODY = 16 * 1024
"""Bytes; a token has about 600."""
FORM = "application/x-www-form-urlencoded"


def is_application(login: "LoginRequest") -> bool:
    """Does the seller's application ask, rather than a browser?

    :raises AuthenticationError: there is an ``Authorization`` header with another token.
    """
    if "authorization" not in login.request.headers:
        return False
    authenticate(login.app.settings.app_tokens, login.request)
    return True


def session_asked_for(login: "LoginRequest") -> Session | None:
    """The session of the user's token, or of the browser's ``Cookie`` header, handed on."""
    key = key_asked_for(login)
    return login.app.sessions.named(key) if key else None


def key_asked_for(login: "LoginRequest") -> str:
    """What that session is called; empty if the token is not valid, or there is neither.

    :raises InvalidParameter: there is a body, and no token in it.
    """
    token = _token(login.request)
    if token is None:
        session_id = login.cookies.session_in(login.request)
        return key_of(session_id) if session_id else ""
    try:
        return str(login.app.session_tokens.verify(token, login.app.clock.now())["sid"])
    except AuthenticationError:
        return ""


def _token(request: HttpRequest) -> str | None:
    """``token`` of the body, JSON or a form. In the query, where it used to be, it ends up in access logs."""
    if request.body:
        return _token_in(request)
    token = request.first("token")
    if token is not None:
        log.event("a session's token came in the query: send it in the body", request_id=request.request_id)
    return token


def _token_in(request: HttpRequest) -> str:
    if len(request.body) > MAX_BODY:
        raise InvalidParameter("the body is too large")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        token = parse_qs(request.body.decode("utf-8", "replace")).get("token", [None])[0]
    else:
        token = read_object(request.body).get("token")
    if not isinstance(token, str):
        raise InvalidParameter("token is missing or malformed")
    return token
