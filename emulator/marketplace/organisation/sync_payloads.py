"""Payloads of the sync interfaces, in both versions (joint operation, sections 1.2 to 1.6 and 1.9)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from emulator.marketplace.delivery.messages import Purpose
from emulator.marketplace.organisation.documents import Employee, Enterprise, EnterpriseDepartment
from shared.commands import Version

ACTIVITIES: Mapping[Purpose, str] = {
    Purpose.TENANT: "tenantSync",
    Purpose.APPLICATION: "applicationSync",
    Purpose.DEPARTMENT: "singleOrgSync",
    Purpose.DEPARTMENTS: "allOrgSync",
    Purpose.USERS: "authSync",
}
GRANTED, REVOKED, DELETED = "GRANTED", "REVOKED", "DELETED"
_V1_NESTED = ("employeeType", "workPlace", "entryDate")


class Flag(IntEnum):
    """What became of something. Version 1 knows no change of a tenant or an application, and no revocation: it adds
    again, and deletes.
    """

    DELETE = 0
    ADD = 1
    MODIFY = 2
    REVOKE = 3

    def of(self, version: Version, purpose: Purpose) -> "Flag":
        """As a version says it."""
        if version is Version.V2:
            return self
        if self is Flag.MODIFY and purpose in (Purpose.TENANT, Purpose.APPLICATION):
            return Flag.ADD
        return Flag.DELETE if self is Flag.REVOKE else self


def tenant_fields(enterprise: Enterprise, order_id: str) -> dict[str, Any]:
    """tenantSync (section 1.2)."""
    return {
        "orderId": order_id,
        "tenantCode": enterprise.code,
        "name": enterprise.name,
        "domainName": enterprise.domain,
    }


def application_fields(enterprise: Enterprise, app_id: str, ciphertext: str) -> dict[str, Any]:
    """applicationSync (section 1.3)."""
    return {"appId": app_id, "clientId": enterprise.client_id, "clientSecret": ciphertext}


def department_fields(department: EnterpriseDepartment) -> dict[str, Any]:
    """singleOrgSync (section 1.5)."""
    return {"orgCode": department.code, "orgName": department.name, "parentCode": department.parent}


def departments_fields(version: Version, departments: Iterable[EnterpriseDepartment]) -> dict[str, Any]:
    """allOrgSync (section 1.6): a flat list, as text in version 1. No page limits its length."""
    if version is Version.V2:
        return {"orgInfoList": [department_fields(each) for each in departments]}
    listed = [{"orgCode": each.code, "name": each.name, "parentCode": each.parent} for each in departments]
    return {"orgInfo": json.dumps(listed, ensure_ascii=False)}


def users_fields(version: Version, app_id: str, users: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """authSync (section 1.4). ``users`` are such as :func:`user_members` makes."""
    if version is Version.V2:
        return {"appId": app_id, "userList": list(users)}
    return {"appId": app_id, "userList": json.dumps([_nested(user) for user in users], ensure_ascii=False)}


def user_members(employee: Employee, *, contacts: bool) -> dict[str, Any]:
    """A user; what there is nothing of is left out, and mobile and mail without ``contacts``."""
    members: dict[str, Any] = {
        "userName": employee.user_name,
        "name": employee.name,
        "orgCode": employee.department,
        "role": employee.role,
        "enable": str(employee.enabled).lower(),
    }
    optional = {
        "position": employee.position,
        "employeeCode": employee.employee_code,
        "employeeType": employee.employee_type,
        "mobile": employee.mobile if contacts else "",
        "email": employee.email if contacts else "",
        "workPlace": employee.work_place,
        "entryDate": employee.entry_date,
    }
    return members | {name: value for name, value in optional.items() if value}


def state_after(flag: Flag) -> str:
    """What a user is to the seller, once told."""
    return {Flag.DELETE: DELETED, Flag.REVOKE: REVOKED}.get(flag, GRANTED)


def _nested(user: Mapping[str, Any]) -> dict[str, Any]:
    """As version 1 shows it: numbers as text, and what is not of the account in ``extension``."""
    extension = {name: str(user[name]) for name in _V1_NESTED if name in user}
    plain = {name: value for name, value in user.items() if name not in _V1_NESTED}
    return {**plain, "extension": extension} if extension else plain
