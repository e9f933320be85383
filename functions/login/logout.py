"""``GET`` and ``POST {base path}/logout``: ends the session here and with the marketplace (joint operation, section
4.7).

Harmless to repeat, and needs neither parameters nor a session. ``?redirect_url=`` says where to go afterwards. A
program that asks for JSON, and the seller's application with its token (and ``{"token"}`` of its user in the body), get
204 instead.
"""

from http import HTTPStatus

from shared.http import HttpResponse
from shared.login.admission import bound
from shared.login.login_request import Visit
from shared.login.pages import FIXED, page
from shared.login.refusals import LoginRefused
from shared.login.sign_in import logout_url
from shared.login.texts import SIGNED_OUT, SIGNED_OUT_TEXT, WAYS, Way
from shared.pipelines.browser import BrowserRoute, login_endpoint, redirect
from shared.pipelines.session_caller import is_application, key_asked_for


def logout(visit: Visit) -> HttpResponse:
    """End the session, then let the marketplace end its own."""
    if is_application(visit):
        visit.app.sessions.end_named(key_asked_for(visit))
        return _done()
    if visit.request.method == "POST":
        visit.only_ours()
    domain = _ended(visit)
    if visit.request.method == "POST" and "application/json" in visit.request.headers.get("accept", ""):
        return _done(visit.cookies.no_session(), visit.cookies.no_login())
    back = visit.request.first("redirect_url") or ""
    target = visit.addresses.after_logout(back)
    return _away(visit, domain, target if back else "")


def _ended(visit: Visit) -> str:
    """End the browser's session; the domain of the tenant that it, or ``?tenant=``, belongs to."""
    session_id = visit.cookies.session_in(visit.request)
    session = visit.app.sessions.find(session_id) if session_id else None
    if session_id:
        visit.app.sessions.end(session_id)
    if session:
        return session.domain
    tenant_id = visit.request.first("tenant")
    try:
        return bound(visit.app, tenant_id).domain if tenant_id else ""
    except LoginRefused:
        return ""


def _away(visit: Visit, domain: str, target: str) -> HttpResponse:
    cookies = (visit.cookies.no_session(), visit.cookies.no_login())
    if domain:
        return redirect(logout_url(domain, target or visit.addresses.logout), *cookies)
    if target:
        return redirect(target, *cookies)
    language = visit.language
    way = (visit.addresses.login, WAYS[Way.LOGIN][language])
    shown = page(HTTPStatus.OK, language, SIGNED_OUT[language], SIGNED_OUT_TEXT[language], way=way, frames=visit.frames)
    return HttpResponse(shown.status, shown.headers, shown.body, cookies)


def _done(*cookies: str) -> HttpResponse:
    return HttpResponse(HTTPStatus.NO_CONTENT.value, FIXED, b"", cookies)


ROUTE = BrowserRoute("logout", ("GET", "POST", "OPTIONS"), logout)
handler = login_endpoint(ROUTE)
