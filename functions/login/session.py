"""``GET`` and ``POST {base path}/session``: who is logged in.

A browser sends its cookie. The seller's application sends its own bearer token and, of its user, the token it was given
(``{"token"}`` in the body of a ``POST``) or the browser's ``Cookie`` header; it is told ``{"active": false}`` where a
browser gets 401.
"""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.login_request import LoginRequest
from shared.login.refusals import LoginRefused
from shared.login.renewal import ENDED
from shared.login.view import view
from shared.pipelines.browser import BrowserRoute, json_answer, login_endpoint
from shared.pipelines.session_caller import is_application, session_asked_for

__all__ = ["handler"]


def session(login: LoginRequest) -> HttpResponse:
    """The user, the tenant, the instance and a fresh token."""
    if is_application(login):
        return json_answer(HTTPStatus.OK, _inspected(login))
    if login.request.method == "POST":
        login.only_ours()
    session_id = login.cookies.session_in(login.request)
    return json_answer(HTTPStatus.OK, view(login, login.app.sessions.find(session_id) if session_id else None))


def _inspected(login: LoginRequest) -> dict[str, object]:
    try:
        return {"active": True, **view(login, session_asked_for(login))}
    except LoginRefused as refused:
        if refused.reason in ENDED:
            return {"active": False}
        raise


ROUTE = BrowserRoute("session", ("GET", "POST", "OPTIONS"), session, page=False)
handler = login_endpoint(ROUTE)
