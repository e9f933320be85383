"""Who is logged in: one item per session, and one mark per user, tenant or instance whose sessions were ended.

The browser holds a random id; the store holds its digest, so that a copy of the store lets nobody in. Tokens and names
are sealed. A session counts if it began after the marks of its user, its tenant and its instance, so ending all
sessions of a subject is one write and needs no index.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from shared.clock import Clock, epoch_ms
from shared.crypto import StorageCipher
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
    lease_until_ms: int = 0
    version: int = 0


class Sessions:
    """The table of sessions."""

    def __init__(self, table: Table, cipher: StorageCipher, clock: Clock) -> None:
        self._table, self._cipher, self._clock = table, cipher, clock

    def begin(self, session: Session) -> tuple[str, Session]:
        """Store a new session under a fresh id, whatever its ``key`` was; the id, for the browser only, and the
        session.
        """
        session_id = secrets.token_urlsafe(32)
        new = replace(session, key=key_of(session_id))
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
        marks = self._table.get_many((mark, WHOLE) for mark in _marks(session))
        return session if all(mark["at_ms"] < session.began_ms for mark in marks) else None

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

    def end_user(self, tenant_id: str, user_name: str) -> None:
        """End all sessions of a user: removed, disabled, no longer authorised. Call it after storing that."""
        self.end_users(tenant_id, [user_name])

    def end_users(self, tenant_id: str, user_names: Iterable[str]) -> None:
        """Like ``end_user``, for many users of one tenant in one go."""
        self._mark([_user_mark(tenant_id, user_name) for user_name in user_names])

    def end_tenant(self, tenant_id: str) -> None:
        """End all sessions of a tenant: it or its application was deleted. Call it after storing that."""
        self._mark([_tenant_mark(tenant_id)])

    def end_instance(self, instance_id: str) -> None:
        """End all sessions of an instance: frozen or released. Call it after storing that."""
        self._mark([_instance_mark(instance_id)])

    def spend_code(self, tenant_id: str, code: str) -> bool:
        """Use up an authorisation code or a ticket; ``False`` if it was used before."""
        try:
            self._table.create({"pk": _code_pk(tenant_id, code), "sk": WHOLE, "expires": self._seconds(_CODE_KEPT)})
        except Exists:
            return False
        return True

    def _mark(self, marks: list[str]) -> None:
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
    return _digest(session_id)


def moment_of(milliseconds: int) -> datetime:
    """The UTC moment of so many epoch milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _pk(key: str) -> str:
    return f"session#{key}"


def _marks(session: Session) -> list[str]:
    user = _user_mark(session.tenant_id, session.user_name)
    return [user, _tenant_mark(session.tenant_id), _instance_mark(session.instance_id)]


def _user_mark(tenant_id: str, user_name: str) -> str:
    # User names may be personal data, and hold any character.
    return f"ended-user#{_digest(json.dumps([tenant_id, user_name]))}"


def _tenant_mark(tenant_id: str) -> str:
    return f"ended-tenant#{tenant_id}"


def _instance_mark(instance_id: str) -> str:
    return f"ended-instance#{instance_id}"


def _code_pk(tenant_id: str, code: str) -> str:
    return f"code#{_digest(json.dumps([tenant_id, code]))}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
