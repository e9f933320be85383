"""A session is renewed in time, by one of those who need it, while the others wait.

The marketplace's access token lives two hours, its refresh token thirty days (joint operation, section 4.4)::

    login ............. due ....... ended            login + 30 days
      |-- nothing to do --|-- renew ---|-- renew, wait ------|-- log in again
                              (others go on)

The lease that keeps the others away stands in the session's own item, so that taking it is one conditional write. Who
dies with the lease delays the next by its length. If that was after the marketplace answered, and it replaces refresh
tokens, the next attempt is refused and the user logs in again.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared import log
from shared.clock import Deadline, epoch_ms
from shared.directory import NEVER
from shared.login.admission import admission, entitled
from shared.login.refusals import LoginRefused, RefusalReason
from shared.login.sign_in import ClientRefused, GrantRefused, Tokens
from shared.store.sessions import Session
from shared.store.table import Stale

if TYPE_CHECKING:
    from shared.app import App
    from shared.directory import User

AHEAD = timedelta(minutes=10)
"""How long before the access token's end it is renewed; a quarter of its life if that is shorter."""
LEASE = timedelta(seconds=15)
"""Longer than a request may take."""
POLL_SECONDS = 0.05

GONE = (
    RefusalReason.NOT_AUTHORISED,
    RefusalReason.DISABLED,
    RefusalReason.UNKNOWN_TENANT,
    RefusalReason.FROZEN,
    RefusalReason.RELEASED,
)
"""With these the session is over, even if nobody has ended it yet."""
ENDED = (RefusalReason.LOGIN_REQUIRED, *GONE)
"""With these there is no session."""


def access_times(now: datetime, seconds: int) -> tuple[int, int]:
    """``access_ends_ms`` and ``renew_ms`` of a session whose access token was given out now for so many seconds."""
    ends, ahead = now + timedelta(seconds=seconds), min(AHEAD, timedelta(seconds=seconds / 4))
    return epoch_ms(ends), epoch_ms(ends - ahead)


def current(app: "App", session: Session | None, deadline: Deadline) -> tuple[Session, "User"]:
    """The session, renewed if due, and its user as the directory has them now.

    :raises Refused: there is no session, it has just ended, or the marketplace does not answer.
    """
    if session is None:
        raise LoginRefused(RefusalReason.LOGIN_REQUIRED)
    try:
        fresh = _fresh(app, session, deadline)
        # Only now: renewing takes a while, in which somebody may be removed.
        _, user = entitled(app, session.tenant_id, session.user_name, {session.instance_id: NEVER})
    except LoginRefused as refused:
        if refused.reason in GONE:
            app.sessions.end_named(session.key)
        raise
    return fresh, user


def _fresh(app: "App", session: Session, deadline: Deadline) -> Session:
    while True:
        now = epoch_ms(app.clock.now())
        if not _due(session, now):
            return session
        if session.lease_until_ms <= now:
            try:
                held = app.sessions.replace(replace(session, lease_until_ms=epoch_ms(app.clock.now() + LEASE)))
            except Stale:
                session = _again(app, session)
                continue
            return _renewed(app, held, deadline)
        if session.access_ends_ms > now:
            return session  # someone is at it, and the token is still good
        if deadline.left() <= POLL_SECONDS:
            raise LoginRefused(RefusalReason.BUSY)
        app.clock.sleep(POLL_SECONDS)
        session = _again(app, session)


def _due(session: Session, now: int) -> bool:
    return session.refresh_token is not None and session.renew_ms <= now


def _again(app: "App", session: Session) -> Session:
    found = app.sessions.named(session.key)
    if found is None:
        raise LoginRefused(RefusalReason.LOGIN_REQUIRED)
    return found


def _renewed(app: "App", held: Session, deadline: Deadline) -> Session:
    try:
        tokens = _fetch(app, held, deadline)
    except GrantRefused:
        app.sessions.end_named(held.key)
        raise LoginRefused(RefusalReason.LOGIN_REQUIRED) from None
    except Exception as error:
        kept = _given_back(app, held)
        if (
            isinstance(error, LoginRefused)
            and error.reason is RefusalReason.MARKETPLACE_DOWN
            and _still_good(app, kept)
        ):
            return _still_open(app, kept)
        raise
    refresh_token = tokens.refresh_token or held.refresh_token
    ends, renew = access_times(app.clock.now(), tokens.seconds)
    renewed = replace(held, refresh_token=refresh_token, access_ends_ms=ends, renew_ms=renew, lease_until_ms=0)
    return _still_open(app, _stored(app, renewed))


def _still_open(app: "App", session: Session) -> Session:
    if app.sessions.has_ended(session):  # while the marketplace was asked
        app.sessions.end_named(session.key)
        raise LoginRefused(RefusalReason.LOGIN_REQUIRED)
    return session


def _fetch(app: "App", held: Session, deadline: Deadline) -> Tokens:
    admitted = admission(app, held.tenant_id)
    if all(tenant.instance_id != held.instance_id for tenant in admitted.tenants):
        raise LoginRefused(
            RefusalReason.RELEASED, held.tenant_id
        )  # others of the tenant's instances are in use, not this one
    try:
        return app.sign_in.refresh(admitted.domain, admitted.application, held.refresh_token or "", deadline)
    except ClientRefused as error:
        log.alarm(str(error))
        raise LoginRefused(RefusalReason.NOT_SET_UP) from None


def _given_back(app: "App", held: Session) -> Session:
    return _stored(app, replace(held, lease_until_ms=0))


def _stored(app: "App", session: Session) -> Session:
    try:
        return app.sessions.replace(session)
    except Stale:
        # It was ended meanwhile, and stays so.
        return _again(app, session)


def _still_good(app: "App", session: Session) -> bool:
    return session.access_ends_ms > epoch_ms(app.clock.now())
