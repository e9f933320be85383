"""What the webhook provisioner accepts as answers. Errors name the member that is wrong, never its value."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard, TypeVar

from shared.errors import ProvisioningError, ResultCode
from shared.http import HttpResponse
from shared.outbound.answers import members_of
from shared.provisioning import Access, InstancePage, Package, Refusal, Usage

T = TypeVar("T")

REFUSALS = frozenset(ResultCode) - {ResultCode.SUCCESS, ResultCode.AUTHENTICATION_FAILED, ResultCode.IN_PROCESS}
"""The codes a backend may answer with: no success in disguise, nothing about the marketplace's own signature."""

TEXT_LIMIT = 255

_NO_TEXT = "refused by the seller's backend (without a message in ASCII)"

_ACCESS = {
    "frontEndUrl": "front_end_url",
    "adminUrl": "admin_url",
    "userName": "user_name",
    "password": "password",
    "memo": "memo",
}
_USAGE = {
    "value": "value",
    "measuredAt": "measured_at",
    "relatedInstanceId": "related_instance_id",
    "dashboardUrl": "dashboard_url",
}


def read_access(response: HttpResponse) -> Access:
    """``{"access": {"frontEndUrl", "adminUrl"?, "userName"?, "password"?, "memo"?}}``; limits are checked elsewhere.

    :raises ProvisioningError: it is not that.
    """
    member = _object(_member(_document(response), "access"), "access", _ACCESS)
    _text(member, "access", "frontEndUrl", required=True)
    return Access(**{ours: _text(member, "access", theirs) for theirs, ours in _ACCESS.items()})


def read_refusal(response: HttpResponse) -> Refusal | None:
    """``{"refusal": {"reason"}}``, or ``{"refusal": null}`` for a change that can be made.

    :raises ProvisioningError: it is not that, so the change is not made.
    """
    member = _member(_document(response), "refusal")
    if member is None:
        return None
    reason = _text(_object(member, "refusal", ("reason",)), "refusal", "reason", required=True)
    if not _is_message(reason):
        raise _wrong("refusal.reason", f"must be ASCII, 1 to {TEXT_LIMIT} characters")
    return Refusal(reason)


def read_usage(response: HttpResponse) -> tuple[Usage, ...]:
    """``{"usage": [{"value", "measuredAt", "relatedInstanceId"?, "dashboardUrl"?}, …]}``; limits are checked elsewhere.

    :raises ProvisioningError: it is not that.
    """
    return _each_of(response, "usage", _usage)


def read_packages(response: HttpResponse) -> tuple[Package, ...]:
    """``{"packages": [{"instanceId", "quota", "expiresAt"?}, …]}``; limits are checked elsewhere.

    :raises ProvisioningError: it is not that.
    """
    return _each_of(response, "packages", _package)


def read_instances(response: HttpResponse) -> InstancePage:
    """``{"instances": ["…", …], "next"?}``; limits are checked elsewhere.

    A misspelt ``next`` would make the first page look like all there is, so nothing else may stand there.

    :raises ProvisioningError: it is not that.
    """
    document = _object(_document(response), "body", ("instances", "next"))
    instances = _member(document, "instances")
    if not isinstance(instances, list):
        raise _wrong("instances", "must be a list")
    return InstancePage(tuple(instances), document.get("next"))


def _package(item: Any, where: str) -> Package:
    item = _object(item, where, ("instanceId", "quota", "expiresAt"))
    instance_id, quota = _text(item, where, "instanceId", required=True), item.get("quota")
    expires_at = _text(item, where, "expiresAt")
    try:
        moment = datetime.fromisoformat(expires_at) if expires_at else None
        return Package(instance_id, Decimal(quota if isinstance(quota, str | int) else "NaN"), moment)
    except (ValueError, InvalidOperation):
        raise _wrong(where, "has a quota or an expiresAt that cannot be read") from None


def read_problem(response: HttpResponse) -> ProvisioningError | None:
    """``{"code", "message"?}`` of a refusal; ``None`` if the answer has no such form, so comes from something else."""
    document = members_of(response)
    if document is None or not isinstance(document.get("code"), str):
        return None
    if document["code"] not in REFUSALS:
        return _wrong("code", "is none of the result codes a backend may answer with")
    text = document.get("message")
    return ProvisioningError(text if _is_message(text) else _NO_TEXT, ResultCode(document["code"]))


def _usage(item: Any, where: str) -> Usage:
    item = _object(item, where, _USAGE)
    return Usage(**{ours: item.get(theirs) for theirs, ours in _USAGE.items()})


def _each_of(response: HttpResponse, name: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    member = _member(_document(response), name)
    if not isinstance(member, list):
        raise _wrong(name, "must be a list")
    return tuple(read(item, f"{name}[{position}]") for position, item in enumerate(member))


def _document(response: HttpResponse) -> Mapping[str, Any]:
    document = members_of(response)
    if document is None:
        raise _wrong("body", "must be a JSON object")
    return document


def _member(document: Mapping[str, Any], name: str) -> Any:
    if name not in document:
        raise _wrong(name, "is missing")
    return document[name]


def _object(value: Any, where: str, known: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "must be an object")
    if value.keys() - set(known):
        raise _wrong(where, f"has a member that is none of: {', '.join(known)}")
    return value


def _text(item: Mapping[str, Any], where: str, name: str, *, required: bool = False) -> Any:
    value = item.get(name)
    if value is None and required:
        raise _wrong(f"{where}.{name}", "is missing")
    if value is not None and not isinstance(value, str):
        raise _wrong(f"{where}.{name}", "must be text")
    return value


def _is_message(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and 0 < len(text) <= TEXT_LIMIT and text.isascii() and text.isprintable()


def _wrong(member: str, what: str) -> ProvisioningError:
    return ProvisioningError(f"the answer of the seller's backend: {member} {what}")
