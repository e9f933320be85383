"""Which session the seller's application asks about: it holds the application token, and something of the user's."""

from typing import TYPE_CHECKING

from shared.application import authenticate
from shared.errors import AuthenticationError
from shared.store.sessions import Session, key_of

if TYPE_CHECKING:
    from shared.login.visit import Visit


def is_application(visit: "Visit") -> bool:
    """Does the seller's application ask, rather than a browser?

    :raises AuthenticationError: there is an ``Authorization`` header with another token.
    """
    if "authorization" not in visit.request.headers:
        return False
    authenticate(visit.app.settings.required_keys("KOOGALLERY_APP_TOKEN"), visit.request)
    return True


def session_asked_for(visit: "Visit") -> Session | None:
    """The session of the token in ``?token=``, or of the browser's ``Cookie`` header, handed on."""
    key = key_asked_for(visit)
    return visit.app.sessions.named(key) if key else None


def key_asked_for(visit: "Visit") -> str:
    """What that session is called; empty if the token is not valid, or there is neither."""
    token = visit.request.first("token")
    if token is None:
        session_id = visit.cookies.session_in(visit.request)
        return key_of(session_id) if session_id else ""
    try:
        return str(visit.app.session_tokens.verify(token, visit.app.clock.now())["sid"])
    except AuthenticationError:
        return ""
