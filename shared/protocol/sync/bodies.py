"""The bodies of the sync interfaces, as pydantic sees them: the documented members, every spelling in which they are
shown, and what they become (joint operation, sections 1.2 to 1.6).
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, StringConstraints, model_validator

from shared.directory import AuthorisationStatus, Department, User
from shared.protocol.fields import Detail, Fields, Id, Permission
from shared.protocol.sync.lenient_json import compact, parse

USERS_AT_MOST = 500
DEPARTMENTS_AT_MOST = 20_000
_SWITCHES = {"true": True, "1": True, "false": False, "0": False}


def _embedded(value: Any) -> Any:
    """Lists and objects may come as text that holds JSON."""
    return parse(value) if isinstance(value, str) else value


def _stripped(value: Any) -> Any:
    """Names lose the blanks that examples have around them; of two alike the last counts."""
    return {str(name).strip(): member for name, member in value.items()} if isinstance(value, Mapping) else value


def _switch(value: Any) -> bool:
    return _SWITCHES[str(value).strip().lower()] if str(value).strip().lower() in _SWITCHES else _refuse()


def _flag(value: Any) -> int:
    return int(str(value)) if str(value) in ("0", "1", "2", "3") else _refuse()


def _role(value: Any) -> str:
    role = str(value).strip().lower()
    return role if role in ("user", "admin") else _refuse()


def _extension(value: Any) -> Any:
    return compact(value) if isinstance(value, dict | list) else value


def _refuse() -> Any:
    raise ValueError("not one of the documented values")


Name = Annotated[str, StringConstraints(max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An account or a department's code: the buyer chose it, so it may be in any script; case counts."""
Text = Annotated[str, StringConstraints(max_length=1024)]
Flag = Annotated[int, BeforeValidator(_flag)]


class Body(Fields):
    """What every body has. ``instanceId`` is empty while the seller applies for the credential (section 1.1)."""

    instance_id: Id | None = None
    tenant_id: Id


class TenantBody(Body):
    """Section 1.2."""

    order_id: Id | None = None
    tenant_code: Key | None = None
    name: Name | None = None
    domain_name: Name | None = None
    flag: Flag


class ApplicationBody(Body):
    """Section 1.3."""

    app_id: Id
    client_id: Id | None = None
    client_secret: Annotated[str, StringConstraints(max_length=8192)] | None = Field(default=None, repr=False)
    flag: Flag


class UserFields(Fields):
    """Section 1.4; what version 1 nests in ``extension`` counts where it is not given beside it.

    Only the name is needed: one odd user among 500 is stored as far as it goes. An unknown role gives no rights, an
    ``enable`` that cannot be read lets nobody in.
    """

    user_name: Key
    name: Detail[Name] = None
    org_code: Detail[Key] = None
    role: Detail[Annotated[str, BeforeValidator(_role)]] = None
    enable: Permission[Annotated[bool, BeforeValidator(_switch)]] = None
    position: Detail[Text] = None
    employee_code: Detail[Text] = None
    employee_type: Detail[Text] = None
    mobile: Detail[Text] = None
    email: Detail[Text] = None
    work_place: Detail[Text] = None
    entry_date: Detail[Text] = None
    extension: Detail[Annotated[str, StringConstraints(max_length=65_536), BeforeValidator(_extension)]] = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        members = _stripped(data)
        try:
            nested = _stripped(_embedded(members.get("extension")))
        except ValueError:
            nested = None
        if not isinstance(nested, Mapping):
            return members
        own = {name: value for name, value in members.items() if value not in (None, "")}
        return {name: nested.get(name) for name in ("employeeType", "workPlace", "entryDate")} | own

    def user(self, state: AuthorisationStatus) -> User:
        """What the call says about the user, who is in ``state``."""
        if state is AuthorisationStatus.DELETED:
            # Whoever has left the enterprise leaves no personal data here.
            return User(self.user_name, "", self.org_code or "", self.role or "user", enabled=False, state=state)
        return User(
            user_name=self.user_name,
            name=self.name or "",
            org_code=self.org_code or "",
            role=self.role or "user",
            enabled=self.enable is not False,
            state=state,
            position=self.position,
            employee_code=self.employee_code,
            employee_type=self.employee_type,
            mobile=self.mobile,
            email=self.email,
            work_place=self.work_place,
            entry_date=self.entry_date,
            extension=self.extension,
        )


class UsersBody(Body):
    """Section 1.4."""

    app_id: Id
    user_list: Annotated[list[Detail[UserFields]], BeforeValidator(_embedded), Field(max_length=USERS_AT_MOST)]
    current_sync_time: Text | None = None
    flag: Flag


_ORG_NAME = AliasChoices("orgName", "OrgName", "name")


class DepartmentFields(Fields):
    """One department, in a body or in a list."""

    org_code: Key
    org_name: Name | None = Field(default=None, validation_alias=_ORG_NAME)
    parent_code: Key | None = None

    @model_validator(mode="before")
    @classmethod
    def _names(cls, data: Any) -> Any:
        return _stripped(data)

    def department(self, *, deleted: bool = False) -> Department:
        """What the call says about the department."""
        return Department(self.org_code, self.org_name or "", self.parent_code or "", deleted=deleted)


class ListedDepartment(DepartmentFields):
    """One of many, stored as far as it can be read."""

    org_name: Detail[Name] = Field(default=None, validation_alias=_ORG_NAME)
    parent_code: Detail[Key] = None


class DepartmentBody(Body, DepartmentFields):
    """Section 1.5."""

    flag: Flag


class DepartmentsBody(Body):
    """Section 1.6: ``orgInfoList``, or ``orgInfo`` in version 1."""

    org_info_list: Annotated[
        list[Detail[ListedDepartment]], BeforeValidator(_embedded), Field(max_length=DEPARTMENTS_AT_MOST)
    ]

    @model_validator(mode="before")
    @classmethod
    def _either(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("orgInfoList") in (None, ""):
            return {**data, "orgInfoList": data.get("orgInfo")}
        return data
