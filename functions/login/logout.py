"""``GET`` and ``POST {base path}/logout``: ends the session here and with the marketplace (joint operation, section
4.7).

Harmless to repeat, and needs neither parameters nor a session. ``?redirect_url=`` says where to go afterwards. A
program that asks for JSON, and the seller's application with its token (and ``{"token"}`` of its user in the body), get
204 instead.
"""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.admission import bound
from shared.login.login_request import LoginRequest
from shared.login.pages import FIXED, page
from shared.login.refusals import LoginRefused
from shared.login.sign_in import logout_url
from shared.login.texts import PAGE_ACTIONS, SIGNED_OUT, SIGNED_OUT_TEXT, PageAction
from shared.pipelines.browser import BrowserRoute, login_endpoint, redirect
from shared.pipelines.session_caller import is_application, key_asked_for

__all__ = ["handler"]


def logout(login: LoginRequest) -> HttpResponse:
    """End the session, then let the marketplace end its own."""
    if is_application(login):
        login.app.sessions.end_named(key_asked_for(login))
        return _done()
    if login.request.method == "POST":
        login.only_ours()
    domain = _ended(login)
    if login.request.method == "POST" and "application/json" in login.request.headers.get("accept", ""):
        return _done(login.cookies.no_session(), login.cookies.no_login())
    back = login.request.first("redirect_url") or ""
    target = login.addresses.after_logout(back)
    return _away(login, domain, target if back else "")


def _ended(login: LoginRequest) -> str:
    """End the browser's session; the domain of the tenant that it, or ``?tenant=``, belongs to."""
    session_id = login.cookies.session_in(login.request)
    session = login.app.sessions.find(session_id) if session_id else None
    if session_id:
        login.app.sessions.end(session_id)
    if session:
        return session.domain
    tenant_id = login.request.first("tenant")
    try:
        return bound(login.app, tenant_id).domain if tenant_id else ""
    except LoginRefused:
        return ""


def _away(login: LoginRequest, domain: str, target: str) -> HttpResponse:
    cookies = (login.cookies.no_session(), login.cookies.no_login())
    if domain:
        return redirect(logout_url(domain, target or login.addresses.logout), *cookies)
    if target:
        return redirect(target, *cookies)
    language = login.language
    action = (login.addresses.login, PAGE_ACTIONS[PageAction.LOGIN][language])
    shown = page(
        HTTPStatus.OK, language, SIGNED_OUT[language], SIGNED_OUT_TEXT[language], action=action, frames=login.frames
    )
    return HttpResponse(shown.status, shown.headers, shown.body, cookies)


def _done(*cookies: str) -> HttpResponse:
    return HttpResponse(HTTPStatus.NO_CONTENT.value, FIXED, b"", cookies)


ROUTE = BrowserRoute("logout", ("GET", "POST", "OPTIONS"), logout)
handler = login_endpoint(ROUTE)
