"""``POST {base path}/session/refresh``: keeps the session alive; called by the pages of the seller's application."""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.login_request import LoginRequest
from shared.login.view import view
from shared.pipelines.browser import BrowserRoute, json_answer, login_endpoint

__all__ = ["handler"]


def refresh(login: LoginRequest) -> HttpResponse:
    """Like ``GET session``: the marketplace is asked when its access token is about to end, however often this is
    called.
    """
    login.only_ours()
    session_id = login.cookies.session_in(login.request)
    return json_answer(HTTPStatus.OK, view(login, login.app.sessions.find(session_id) if session_id else None))


ROUTE = BrowserRoute("session_refresh", ("POST", "OPTIONS"), refresh, page=False)
handler = login_endpoint(ROUTE)
