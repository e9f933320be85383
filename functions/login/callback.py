"""``GET {base path}/login/callback``: the marketplace sends the browser back with a code, or with a CAS ticket.

What protects against a login somebody else began (login CSRF): a code counts only with the ``state`` of a login that
this browser began here, which its signed cookie tells. A callback without, as the portal and the workbench make it, is
not believed: its code stays unused, nothing is written and nobody is asked. The browser is sent to the tenant's sign-in
server once more, now with ``state``; who is signed in there comes back at once.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from shared.clock import epoch_ms
from shared.directory import Tenant, User
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.instance.first_entry import note_entry
from shared.login.admission import Admission, admission, entitled
from shared.login.cookies import LoginUnderWay
from shared.login.login_request import LoginRequest
from shared.login.refusals import LoginRefused, RefusalReason
from shared.login.renewal import access_times
from shared.login.sign_in import TOKEN_SECONDS, ClientRefused, GrantRefused, Person, Tokens
from shared.pipelines.browser import BrowserRoute, login_endpoint, redirect
from shared.pipelines.tenant_redirect import to_tenant
from shared.store.sessions import LONGEST, Session

__all__ = ["handler"]

TENANT = ("tenant", "tenant_id", "tenantId")
"""Spellings of the tenant's parameter (section 4.2)."""
SECOND = "again"
"""How the ``state`` of a second attempt begins; there is no third."""


@dataclass(frozen=True, slots=True)
class Arrival:
    code: str = field(repr=False)
    ticket: str = field(repr=False)
    state: str = field(repr=False)
    tenant_id: str

    @property
    def once(self) -> str:
        return self.code or self.ticket


def callback(login: LoginRequest) -> HttpResponse:
    """Let somebody in, or say why not."""
    arrival = _arrival(login.request)
    under_way = login.cookies.login_in(login.request, arrival.state) or LoginUnderWay()
    if not arrival.once:
        raise LoginRefused(RefusalReason.REFUSED if login.request.first("error") else RefusalReason.MALFORMED)
    if arrival.ticket and not login.app.settings.cas:
        raise LoginRefused(RefusalReason.MALFORMED)
    if arrival.ticket:
        return _let_in(login, arrival, LoginUnderWay(return_to=under_way.return_to))
    if _belongs(arrival, under_way):
        return _let_in(login, arrival, under_way)
    return _once_more(login, arrival, under_way)


def _arrival(request: HttpRequest) -> Arrival:
    code, ticket, state = (request.first(name) or "" for name in ("code", "ticket", "state"))
    tenant_id = next((value for name in TENANT if (value := request.first(name))), "")
    return Arrival(code, "" if code else ticket, state, tenant_id)


def _belongs(arrival: Arrival, under_way: LoginUnderWay) -> bool:
    same = hmac.compare_digest(arrival.state.encode(), under_way.state.encode())
    return same and bool(under_way.state) and arrival.tenant_id in ("", under_way.tenant_id)


def _once_more(login: LoginRequest, arrival: Arrival, under_way: LoginUnderWay) -> HttpResponse:
    if not arrival.tenant_id or arrival.state.startswith(SECOND):
        raise LoginRefused(RefusalReason.LOST)
    return to_tenant(login, LoginUnderWay(SECOND + secrets.token_hex(16), arrival.tenant_id, under_way.return_to))


def _let_in(login: LoginRequest, arrival: Arrival, under_way: LoginUnderWay) -> HttpResponse:
    app, tenant_id = login.app, arrival.tenant_id or under_way.tenant_id
    began = app.clock.now()  # before anything is looked up: what ends in between ends this session too
    target = login.addresses.within_app(under_way.return_to)
    admitted = admission(app, tenant_id)
    if not app.sessions.spend_code(tenant_id, arrival.once):
        raise LoginRefused(RefusalReason.CODE_USED)
    person, tokens = _identified(login, admitted, arrival)
    if person.tenant_id != tenant_id:
        raise LoginRefused(RefusalReason.REFUSED, tenant_id)
    unbound = {each.instance_id: each.unbound_ms for each in admitted.tenants}
    instance_id, user = entitled(app, tenant_id, person.user_name, unbound)
    if instance_id in admitted.never_entered:
        note_entry(app, instance_id, login.deadline)
    if before := login.cookies.session_in(login.request):
        app.sessions.end(before)
    session_id, _ = app.sessions.begin(_session(admitted.at(instance_id), user, tokens, began))
    over = dict.fromkeys(map(login.cookies.no_login, ("", under_way.state)))
    return redirect(target, login.cookies.session(session_id), *over)


def _identified(login: LoginRequest, admitted: Admission, arrival: Arrival) -> tuple[Person, Tokens | None]:
    sign_in, domain, deadline = login.app.sign_in, admitted.domain, login.deadline
    try:
        if arrival.ticket:
            return sign_in.validate(domain, _service(login), arrival.ticket, deadline), None
        tokens = sign_in.exchange(domain, admitted.application, arrival.code, deadline, login.addresses.callback)
        return sign_in.who(domain, tokens.access_token, deadline), tokens
    except GrantRefused:
        raise LoginRefused(RefusalReason.CODE_USED) from None
    except ClientRefused as error:
        # Section 4.8: what was synchronised is not what the sign-in server has. Binding again sends it anew.
        raise ConfigurationError(f"{error}: have the buyer bind the application again") from None


def _service(login: LoginRequest) -> str:
    """The callback as the ticket was made for it: everything but the ticket."""
    rest = [(name, value) for name, value in login.request.query if name != "ticket"]
    return f"{login.addresses.callback}{'?' if rest else ''}{urlencode(rest)}"


def _session(tenant: Tenant, user: User, tokens: Tokens | None, began: datetime) -> Session:
    """Without a refresh token it ends when the access token does."""
    access_ends, renew = access_times(began, tokens.seconds if tokens else TOKEN_SECONDS)
    refresh_token = tokens.refresh_token if tokens else None
    return Session(
        key="",
        tenant_id=tenant.tenant_id,
        tenant_name=tenant.name,
        user_name=user.user_name,
        instance_id=tenant.instance_id,
        domain=tenant.domain,
        began_ms=epoch_ms(began),
        ends_ms=epoch_ms(began + LONGEST) if refresh_token else access_ends,
        access_ends_ms=access_ends,
        renew_ms=renew,
        refresh_token=refresh_token,
    )


ROUTE = BrowserRoute("login_callback", ("GET",), callback)
handler = login_endpoint(ROUTE)
