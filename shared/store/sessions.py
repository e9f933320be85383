"""Who is logged in: one item per session, and one mark per user, application, tenant or instance whose sessions were
ended.

The browser holds a random id; the store holds its digest, so that a copy of the store lets nobody in. Tokens and names
are sealed. A session counts if it began after the marks of its user, its application, its tenant and its instance, so
ending all sessions of a subject is one write and needs no index. Subjects are what calls of organisation sync are about
(joint operation, section 1.1): a tenant of an instance, an application of that, a user of that.

The first release knew one application only. Its sessions have none and count as this one's, and with them count its
marks, which name neither instance nor application. Both are gone 31 days after it.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

from shared.clock import Clock, epoch_ms
from shared.store.cipher import StorageCipher
from shared.store.paging import whole
from shared.store.session_marks import digest, first_marks, instance_mark, mark_of
from shared.store.table import WHOLE, Exists, Item, Stale, Table

LONGEST = timedelta(days=30)
"""No session lasts longer: the life of the marketplace's refresh token (joint operation, section 4.4)."""

_MARK_KEPT = LONGEST + timedelta(days=1)
_CODE_KEPT = timedelta(days=1)
_OPEN = ("began_ms", "lease_until_ms", "version")  # members of the item that are not sealed


@dataclass(frozen=True, slots=True)
class Session:
    """A user of a tenant, logged in. Moments are UTC epoch milliseconds.

    ``key`` names the session, but does not open it. ``access_ends_ms``: when the marketplace's access token ends, and
    with it the session where there is no refresh token; the token itself is needed no more after the login, and not
    kept. ``renew_ms``: from when on it is to be renewed. ``lease_until_ms`` > now: someone is at it. ``version`` is the
    item's.
    """

    key: str
    tenant_id: str
    tenant_name: str = field(repr=False)
    user_name: str = field(repr=False)
    instance_id: str
    domain: str
    began_ms: int
    ends_ms: int
    access_ends_ms: int
    renew_ms: int
    refresh_token: str | None = field(default=None, repr=False)
    app_id: str = ""
    lease_until_ms: int = 0
    version: int = 0


class Sessions:
    """The table of sessions. Those of another application than ``app_id`` are none here."""

    def __init__(self, table: Table, cipher: StorageCipher, clock: Clock, app_id: str) -> None:
        self._table, self._cipher, self._clock, self._app_id = table, cipher, clock, app_id

    def begin(self, session: Session) -> tuple[str, Session]:
        """Store a new session under a fresh id, whatever its ``key`` and ``app_id`` were; the id, for the browser only,
        and the session.
        """
        session_id = secrets.token_urlsafe(32)
        new = replace(session, key=key_of(session_id), app_id=self._app_id)
        return session_id, replace(new, version=self._table.create(self._item(new))["version"])

    def find(self, session_id: str) -> Session | None:
        """The session that this id opens, if it has not ended."""
        return self.named(key_of(session_id))

    def named(self, key: str) -> Session | None:
        """The session called ``key``, if it has not ended. For those who may see any session."""
        item = self._table.get(_pk(key))
        if item is None:
            return None
        session = self._session(item)
        ours = session.app_id in ("", self._app_id)
        return session if ours and not self.has_ended(session) else None

    def stored(self) -> Iterator[Session]:
        """Every session that is stored, whatever it is worth. For commands of an operator alone."""
        yield from (self._session(item) for item in whole(self._table) if item["pk"].startswith(_pk("")))

    def has_ended(self, session: Session) -> bool:
        """Were all sessions of its user, its application, its tenant or its instance ended since it began?"""
        marks = self._table.get_many((mark, WHOLE) for mark in self._marks(session))
        return any(mark["at_ms"] >= session.began_ms for mark in marks)

    def replace(self, session: Session) -> Session:
        """Store a changed session.

        :raises shared.store.table.Stale: it was changed or ended since it was read.
        """
        return replace(session, version=self._table.replace(self._item(session))["version"])

    def end(self, session_id: str) -> None:
        """End the session that this id opens, if there is one."""
        self.end_named(key_of(session_id))

    def end_named(self, key: str) -> None:
        """End the session called ``key``, whatever somebody else is doing to it."""
        while (item := self._table.get(_pk(key))) is not None:
            try:
                self._table.delete(item)
            except Stale:
                continue

    def end_users(
        self, instance_id: str, tenant_id: str, app_id: str, user_names: Iterable[str], since_ms: int | None = None
    ) -> None:
        """End all sessions of users of an application: removed, disabled, no longer authorised. Call it after storing
        that.

        :param since_ms: unless that was done since then (UTC epoch milliseconds); so in the other methods.
        """
        self._mark([mark_of("user", instance_id, tenant_id, app_id, name) for name in user_names], since_ms)

    def end_application(self, instance_id: str, tenant_id: str, app_id: str, since_ms: int | None = None) -> None:
        """End all sessions of an application that was deleted. Call it after storing that."""
        self._mark([mark_of("application", instance_id, tenant_id, app_id)], since_ms)

    def end_tenant(self, instance_id: str, tenant_id: str, since_ms: int | None = None) -> None:
        """End all sessions of a tenant that was unbound from an instance. Call it after storing that."""
        self._mark([mark_of("tenant", instance_id, tenant_id)], since_ms)

    def end_instance(self, instance_id: str) -> None:
        """End all sessions of an instance: frozen or released. Call it after storing that."""
        self._mark([instance_mark(instance_id)])

    def spend_code(self, tenant_id: str, code: str) -> bool:
        """Use up an authorisation code or a ticket; ``False`` if it was used before."""
        try:
            self._table.create({"pk": _code_pk(tenant_id, code), "sk": WHOLE, "expires": self._seconds(_CODE_KEPT)})
        except Exists:
            return False
        return True

    def _marks(self, session: Session) -> list[str]:
        tenant = (session.instance_id, session.tenant_id)
        application = (*tenant, session.app_id or self._app_id)
        marks = [
            mark_of("user", *application, session.user_name),
            mark_of("application", *application),
            mark_of("tenant", *tenant),
            instance_mark(session.instance_id),
        ]
        return marks if session.app_id else [*marks, *first_marks(session.tenant_id, session.user_name)]

    def _mark(self, marks: list[str], since_ms: int | None = None) -> None:
        if since_ms is not None and marks:
            made = self._table.get_many((mark, WHOLE) for mark in marks)
            done = {mark["pk"] for mark in made if mark["at_ms"] >= since_ms}
            marks = [mark for mark in marks if mark not in done]
        if marks:
            moment = {"at_ms": epoch_ms(self._clock.now()), "expires": self._seconds(_MARK_KEPT)}
            self._table.put_many({"pk": mark, "sk": WHOLE, **moment} for mark in dict.fromkeys(marks))

    def _seconds(self, later: timedelta) -> int:
        return int((self._clock.now() + later).timestamp())

    def _item(self, session: Session) -> Item:
        members = {each.name: getattr(session, each.name) for each in fields(session)}
        item: dict[str, Any] = {name: members.pop(name) for name in _OPEN}
        item |= {"pk": _pk(members.pop("key")), "sk": WHOLE, "expires": -(-session.ends_ms // 1000)}
        return item | {"sealed": self._cipher.seal(json.dumps(members))}

    def _session(self, item: Item) -> Session:
        members = json.loads(self._cipher.open(item["sealed"]))
        return Session(key=item["pk"].partition("#")[2], **members, **{name: item[name] for name in _OPEN})


def key_of(session_id: str) -> str:
    """What the session with this id is called."""
    return digest(session_id)


def _pk(key: str) -> str:
    return f"session#{key}"


def _code_pk(tenant_id: str, code: str) -> str:
    return f"code#{digest(json.dumps([tenant_id, code]))}"
