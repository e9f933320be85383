"""``GET {base path}/login``: to the unified login page, or with ``?tenant=`` to the tenant's own sign-in server.

``?return_to=/path`` says where in the application the user wants to go afterwards.
"""

import secrets

from shared.http import HttpResponse
from shared.login.cookies import LoginUnderWay
from shared.login.login_request import LoginRequest
from shared.pipelines.browser import BrowserRoute, login_endpoint, redirect
from shared.pipelines.tenant_redirect import to_tenant

__all__ = ["handler"]


def start(login: LoginRequest) -> HttpResponse:
    """Remember in a cookie that this browser began a login, and send it off (joint operation, sections 4.2 and 4.6)."""
    return_to, tenant_id = (login.request.first(name) or "" for name in ("return_to", "tenant"))
    login.addresses.within_app(return_to)
    if tenant_id:
        return to_tenant(login, LoginUnderWay(secrets.token_hex(16), tenant_id, return_to))
    return redirect(login.addresses.portal(), *login.cookies.login(LoginUnderWay(return_to=return_to), login.request))


ROUTE = BrowserRoute("login", ("GET",), start)
handler = login_endpoint(ROUTE)
