"""The members that describe a session: to the browser it belongs to, and to the seller's application."""

from typing import TYPE_CHECKING, Any

from shared.clock import moment_of
from shared.login.renewal import current
from shared.login.token import LIFE
from shared.store.sessions import Session

if TYPE_CHECKING:
    from shared.login.login_request import LoginRequest


def view(login: "LoginRequest", session: Session | None) -> dict[str, Any]:
    """Who is logged in, with a fresh token; the session is renewed if due.

    :raises Refused: nobody is, or no longer.
    """
    app = login.app
    session, user = current(app, session, login.deadline)
    return {
        "user": {"userName": user.user_name, "name": user.name, "role": user.role, "orgCode": user.org_code},
        "tenant": {"tenantId": session.tenant_id, "name": session.tenant_name},
        "instanceId": session.instance_id,
        "ends": moment_of(session.ends_ms).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "token": app.session_tokens.issue(session, user, app.clock.now()),
        "tokenSeconds": int(LIFE.total_seconds()),
    }
