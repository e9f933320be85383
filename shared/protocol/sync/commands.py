"""Bodies of the sync interfaces to commands (joint operation, sections 1.2 to 1.6); alike in both versions.

Each version is let send what the other documents. What a deletion does not need may be missing from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pydantic.alias_generators import to_camel

from shared import log
from shared.call import Call
from shared.clock import Clock, epoch_ms
from shared.commands import Command
from shared.config import Settings
from shared.directory import Application, AuthorisationStatus, Tenant
from shared.directory.commands import SyncApplication, SyncDepartment, SyncDepartments, SyncTenant, SyncTime, SyncUsers
from shared.errors import InvalidParameter
from shared.protocol.fields import Fields, read
from shared.protocol.sync.bodies import (
    ApplicationBody,
    DepartmentBody,
    DepartmentsBody,
    TenantBody,
    UsersBody,
)
from shared.protocol.sync.call import ZONE
from shared.protocol.sync.domain import https_address
from shared.protocol.sync.interfaces import refuse_others
from shared.protocol.times import moment

F = TypeVar("F", bound=Fields)

_AHEAD = timedelta(days=1)
_DELETE, _ADD, _REVOKE = 0, 1, 3
_GONE = {_DELETE: AuthorisationStatus.DELETED, _REVOKE: AuthorisationStatus.REVOKED}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A call, with what reading it takes."""

    call: Call
    settings: Settings
    clock: Clock

    def at(self, synced: str | None = None) -> SyncTime:
        """When it was sent, and when what it says was so: ``synced``, or then."""
        sent_ms = self._milliseconds(str(self.call.fields.get("timeStamp") or ""), "timeStamp")
        return SyncTime(self._milliseconds(synced, "currentSyncTime") if synced else sent_ms, sent_ms)

    def _milliseconds(self, text: str, name: str) -> int:
        try:
            time = moment(text).replace(tzinfo=ZONE)
        except ValueError:
            raise InvalidParameter(f"{name} is missing or malformed") from None
        if time - self.clock.now() > _AHEAD and not self.call.test:
            # Nothing sent until then would count.
            raise InvalidParameter(f"{name} lies in the future")
        return max(epoch_ms(time), 0)

    def decrypted(self, ciphertext: str) -> str:
        """``clientSecret``."""
        from shared.protocol.client_secret import decrypt_secret

        return decrypt_secret(self.settings.rsa_private_key, ciphertext)


def decode(call: Call, settings: Settings, clock: Clock) -> Command:
    """The command of an authenticated call.

    :raises InvalidParameter: no such interface, a member is missing or malformed or belongs to another interface, or
        the client secret cannot be decrypted.
    """
    refuse_others(call)
    return _DECODERS[call.activity](_Sent(call, settings, clock))


def _tenant(sent: _Sent) -> SyncTenant:
    body = read(TenantBody, sent.call.fields)
    deleted = _deleted(body.flag)
    if not deleted:
        _needed(tenantCode=body.tenant_code, name=body.name, domainName=body.domain_name)
    tenant = Tenant(
        instance_id=body.instance_id or "",
        tenant_id=body.tenant_id,
        tenant_code=body.tenant_code or "",
        name="" if deleted else body.name or "",
        domain=_domain(body.domain_name or "", sent.call, deleted=deleted),
        order_id=body.order_id or "",
        deleted=deleted,
    )
    return SyncTenant(tenant, sent.at())


def _application(sent: _Sent) -> SyncApplication:
    body = read(ApplicationBody, sent.call.fields)
    deleted = _deleted(body.flag)
    secret = ""
    if not deleted:
        _needed(clientId=body.client_id, clientSecret=body.client_secret)
        secret = sent.decrypted(body.client_secret or "")
    application = Application(
        instance_id=body.instance_id or "",
        tenant_id=body.tenant_id,
        app_id=body.app_id,
        client_id=body.client_id or "",
        client_secret=secret,
        deleted=deleted,
    )
    return SyncApplication(application, sent.at())


def _users(sent: _Sent) -> SyncUsers:
    body = read(UsersBody, sent.call.fields)
    state = _GONE.get(body.flag, AuthorisationStatus.GRANTED)
    needed = ("name", "org_code", "role", "enable") if state is AuthorisationStatus.GRANTED else ()
    users = {each.user_name: each.user(state) for each in _readable(body.user_list, "userList", needed)}
    at = sent.at(body.current_sync_time)
    added = body.flag == _ADD
    return SyncUsers(body.instance_id or "", body.tenant_id, body.app_id, list(users.values()), at, added)


def _one_department(sent: _Sent) -> SyncDepartment:
    body = read(DepartmentBody, sent.call.fields)
    deleted = _deleted(body.flag)
    if not deleted:
        _needed(orgName=body.org_name)
    department = body.department(deleted=deleted)
    return SyncDepartment(body.instance_id or "", body.tenant_id, department, sent.at())


def _all_departments(sent: _Sent) -> SyncDepartments:
    body = read(DepartmentsBody, sent.call.fields)
    listed = _readable(body.org_info_list, "orgInfoList", ("org_name",))
    found = {each.org_code: each.department() for each in listed}
    return SyncDepartments(body.instance_id or "", body.tenant_id, list(found.values()), sent.at())


def _readable(parts: Sequence[F | None], name: str, needed: Sequence[str]) -> list[F]:
    """Those of a list that could be read: one odd part does not sink the others. What is ``needed`` and missing from
    some is left empty, and logged.

    :raises InvalidParameter: none could be read.
    """
    found = [each for each in parts if each is not None]
    if parts and not found:
        raise InvalidParameter(f"{name} is missing or malformed")
    odd = [each for each in found if any(getattr(each, member) is None for member in needed)]
    if odd:
        missing = [to_camel(member) for member in needed if any(getattr(each, member) is None for each in odd)]
        log.event("what is missing is left empty", count=len(odd), parameters=", ".join(missing))
    return found


def _domain(text: str, call: Call, *, deleted: bool) -> str:
    if call.test or (deleted and not text):
        return text  # the seller may type anything into a debug call (section 1.1)
    try:
        return https_address(text)
    except ValueError:
        raise InvalidParameter("domainName is missing or malformed") from None


def _deleted(flag: int) -> bool:
    if flag == _REVOKE:
        raise InvalidParameter("flag is missing or malformed")
    return flag == _DELETE


def _needed(**members: object) -> None:
    for name, value in members.items():
        if value is None:
            raise InvalidParameter(f"{name} is missing or malformed")


_DECODERS: dict[str, Callable[[_Sent], Command]] = {
    "tenantSync": _tenant,
    "applicationSync": _application,
    "authSync": _users,
    "singleOrgSync": _one_department,
    "allOrgSync": _all_departments,
}
