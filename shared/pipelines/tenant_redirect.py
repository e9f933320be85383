"""Sending the browser off to the tenant's own sign-in server, with ``state`` (joint operation, section 4.6)."""

from shared.http import HttpResponse
from shared.login.admission import bound
from shared.login.cookies import LoginUnderWay
from shared.login.login_request import LoginRequest
from shared.login.sign_in import authorize_url
from shared.pipelines.browser import redirect


def to_tenant(login: LoginRequest, under_way: LoginUnderWay) -> HttpResponse:
    """Begin the login that ``under_way`` tells of; its cookie lets only this browser end it.

    :raises Refused: the tenant or its application is unknown or deleted.
    """
    admitted = bound(login.app, under_way.tenant_id)
    client_id, callback = admitted.application.client_id, login.addresses.callback
    url = authorize_url(admitted.domain, client_id, callback, under_way.state)
    return redirect(url, *login.cookies.login(under_way, login.request))
