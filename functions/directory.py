"""The synchronised directory, for the seller's application (joint operation, section 7).

``GET {base path}/directory/<tenantId>/departments`` is answered with ``{"departments": [{"orgCode", "orgName",
"parentCode", "stale"}], "next"?}``, ``GET {base path}/directory/<tenantId>/users`` with ``{"users": [{"userName",
"name", "orgCode", "role", "enabled", "state", ...}], "next"?}``. ``limit`` (1 to 1,000, default 100) says how many,
``next`` of an answer asks for what comes behind, ``orgCode`` asks for the users of one department.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from shared.app import App
from shared.directory import Department, User
from shared.errors import InvalidParameter
from shared.http import HttpRequest
from shared.pipelines.application import ApplicationRoute, application_endpoint

__all__ = ["handler"]

LIMIT, MOST = 100, 1000
_PATH = re.compile(r".*/directory/(?P<tenant>[^/]+)/(?P<what>departments|users)/?")
_OPTIONAL = {
    "position": "position",
    "employeeCode": "employee_code",
    "employeeType": "employee_type",
    "mobile": "mobile",
    "email": "email",
    "workPlace": "work_place",
    "entryDate": "entry_date",
    "extension": "extension",
}


def directory(app: App, request: HttpRequest) -> Mapping[str, Any]:
    """A page of departments or users. A tenant that nobody knows has none."""
    path = _PATH.fullmatch(request.path)
    if path is None:
        raise InvalidParameter("ask for /directory/<tenantId>/departments or /directory/<tenantId>/users")
    tenant, limit, after = unquote(path["tenant"]), _limit(request), request.first("next") or None
    if path["what"] == "departments":
        found = app.directory.departments(tenant, limit, after)
        return _page("departments", [_department(each) for each in found.departments], found.next)
    org_code = request.first("orgCode")
    if org_code:
        users = app.directory.members(tenant, org_code, limit, after)
    else:
        users = app.directory.users(tenant, limit, after)
    return _page("users", [_user(each) for each in users.users], users.next)


def _limit(request: HttpRequest) -> int:
    text = request.first("limit") or str(LIMIT)
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST):
        raise InvalidParameter(f"limit must be a whole number from 1 to {MOST}")
    return int(text)


def _page(name: str, members: Sequence[Mapping[str, Any]], after: str | None) -> Mapping[str, Any]:
    return {name: members} if after is None else {name: members, "next": after}


def _department(department: Department) -> Mapping[str, Any]:
    return {
        "orgCode": department.org_code,
        "orgName": department.org_name,
        "parentCode": department.parent_code,
        "stale": department.stale,
    }


def _user(user: User) -> Mapping[str, Any]:
    members = {
        "userName": user.user_name,
        "name": user.name,
        "orgCode": user.org_code,
        "role": user.role,
        "enabled": user.enabled,
        "state": user.state.value,
    }
    optional = {name: getattr(user, attribute) for name, attribute in _OPTIONAL.items()}
    return members | {name: value for name, value in optional.items() if value is not None}


ROUTE = ApplicationRoute("directory", "GET", directory)
handler = application_endpoint(ROUTE)
