"""Bodies of the sync interfaces to commands (joint operation, sections 1.2 to 1.6); alike in both versions.

Each version is let send what the other documents. What a deletion does not need may be missing from it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from pydantic.alias_generators import to_camel

from shared import log
from shared.call import Call
from shared.clock import Clock, epoch_ms
from shared.commands import Command
from shared.config import Settings
from shared.directory import Application, AuthorisationStatus, Department, Tenant, User
from shared.directory.commands import SyncApplication, SyncDepartment, SyncDepartments, SyncTenant, SyncTime, SyncUsers
from shared.errors import InvalidParameter
from shared.protocol.fields import Fields, moment, read
from shared.protocol.sync.bodies import (
    ApplicationBody,
    DepartmentBody,
    DepartmentFields,
    DepartmentsBody,
    TenantBody,
    UserFields,
    UsersBody,
    https_address,
)
from shared.protocol.sync.call import ZONE

F = TypeVar("F", bound=Fields)

_AHEAD = timedelta(days=1)
_DELETE, _ADD, _REVOKE = 0, 1, 3
_GONE = {_DELETE: AuthorisationStatus.DELETED, _REVOKE: AuthorisationStatus.REVOKED}


class SyncDecoder:
    """Decodes the body of one authenticated call."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def decode(self, call: Call) -> Command:
        """The command of a call of one of the five.

        :raises InvalidParameter: a member is missing or malformed, or the client secret cannot be decrypted.
        """
        decoders: dict[str, Callable[[Call], Command]] = {
            "tenantSync": self._tenant,
            "applicationSync": self._application,
            "authSync": self._users,
            "singleOrgSync": self._department,
            "allOrgSync": self._departments,
        }
        return decoders[call.activity](call)

    def _tenant(self, call: Call) -> SyncTenant:
        body = read(TenantBody, call.fields)
        deleted = _deleted(body.flag)
        if not deleted:
            _needed(tenantCode=body.tenant_code, name=body.name, domainName=body.domain_name)
        tenant = Tenant(
            instance_id=body.instance_id or "",
            tenant_id=body.tenant_id,
            tenant_code=body.tenant_code or "",
            name="" if deleted else body.name or "",
            domain=_domain(body.domain_name or "", call, deleted=deleted),
            order_id=body.order_id or "",
            deleted=deleted,
        )
        return SyncTenant(tenant, self._at(call))

    def _application(self, call: Call) -> SyncApplication:
        body = read(ApplicationBody, call.fields)
        deleted = _deleted(body.flag)
        secret = ""
        if not deleted:
            _needed(clientId=body.client_id, clientSecret=body.client_secret)
            from shared.protocol.client_secret import decrypt_secret

            secret = decrypt_secret(self._settings.rsa_private_key, body.client_secret or "")
        application = Application(
            instance_id=body.instance_id or "",
            tenant_id=body.tenant_id,
            app_id=body.app_id,
            client_id=body.client_id or "",
            client_secret=secret,
            deleted=deleted,
        )
        return SyncApplication(application, self._at(call))

    def _users(self, call: Call) -> SyncUsers:
        body = read(UsersBody, call.fields)
        state = _GONE.get(body.flag, AuthorisationStatus.GRANTED)
        needed = ("name", "org_code", "role", "enable") if state is AuthorisationStatus.GRANTED else ()
        users = {each.user_name: _user(each, state) for each in _readable(body.user_list, "userList", needed)}
        at = self._at(call, body.current_sync_time)
        added = body.flag == _ADD
        return SyncUsers(body.instance_id or "", body.tenant_id, body.app_id, list(users.values()), at, added)

    def _department(self, call: Call) -> SyncDepartment:
        body = read(DepartmentBody, call.fields)
        deleted = _deleted(body.flag)
        if not deleted:
            _needed(orgName=body.org_name)
        department = _department(body, deleted=deleted)
        return SyncDepartment(body.instance_id or "", body.tenant_id, department, self._at(call))

    def _departments(self, call: Call) -> SyncDepartments:
        body = read(DepartmentsBody, call.fields)
        listed = _readable(body.org_info_list, "orgInfoList", ("org_name",))
        found = {each.org_code: _department(each) for each in listed}
        return SyncDepartments(body.instance_id or "", body.tenant_id, list(found.values()), self._at(call))

    def _at(self, call: Call, synced: str | None = None) -> SyncTime:
        sent = str(call.fields.get("timeStamp") or "")
        sent_ms = self._milliseconds(sent, "timeStamp", call)
        return SyncTime(self._milliseconds(synced, "currentSyncTime", call) if synced else sent_ms, sent_ms)

    def _milliseconds(self, text: str, name: str, call: Call) -> int:
        try:
            time = moment(text).replace(tzinfo=ZONE)
        except ValueError:
            raise InvalidParameter(f"{name} is missing or malformed") from None
        if time - self._clock.now() > _AHEAD and not call.test:
            # Nothing sent until then would count.
            raise InvalidParameter(f"{name} lies in the future")
        return max(epoch_ms(time), 0)


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


def _user(fields: UserFields, state: AuthorisationStatus) -> User:
    if state is AuthorisationStatus.DELETED:
        # Whoever has left the enterprise leaves no personal data here.
        return User(fields.user_name, "", fields.org_code or "", fields.role or "user", enabled=False, state=state)
    return User(
        user_name=fields.user_name,
        name=fields.name or "",
        org_code=fields.org_code or "",
        role=fields.role or "user",
        enabled=fields.enable is not False,
        state=state,
        position=fields.position,
        employee_code=fields.employee_code,
        employee_type=fields.employee_type,
        mobile=fields.mobile,
        email=fields.email,
        work_place=fields.work_place,
        entry_date=fields.entry_date,
        extension=fields.extension,
    )


def _department(fields: DepartmentFields, *, deleted: bool = False) -> Department:
    return Department(fields.org_code, fields.org_name or "", fields.parent_code or "", deleted=deleted)


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
