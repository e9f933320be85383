"""What the webhook provisioner accepts as answers. Errors name the member that is wrong, never its value."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard, TypeVar

from shared.errors import ProvisioningError, ResultCode
from shared.http import HttpResponse
from shared.provisioning import Access, Refusal, Usage
from shared.provisioning.access import URL_LIMIT, is_web_address

T = TypeVar("T")

REFUSALS = frozenset(ResultCode) - {ResultCode.SUCCESS, ResultCode.AUTHENTICATION_FAILED, ResultCode.IN_PROCESS}
"""The codes a backend may answer with: no success in disguise, nothing about the marketplace's own signature."""

TEXT_LIMIT = 255
_ID_LIMIT = 64
_PLACES = 4
_TOO_MUCH = 10**8

_QUANTITY = f"must be a number from 0 to below {_TOO_MUCH} with at most {_PLACES} decimal places"
_MOMENT = "must be a moment with its zone, like 2026-01-31T08:00:00Z"

_NO_TEXT = "refused by the seller's backend (without a message in ASCII)"

_ACCESS = {
    "frontEndUrl": "front_end_url",
    "adminUrl": "admin_url",
    "userName": "user_name",
    "password": "password",
    "memo": "memo",
}
_USAGE = ("value", "measuredAt", "relatedInstanceId", "dashboardUrl")


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
    """``{"usage": [{"value", "measuredAt", "relatedInstanceId"?, "dashboardUrl"?}, …]}``.

    :raises ProvisioningError: it is not that.
    """
    member = _member(_document(response), "usage")
    if not isinstance(member, list):
        raise _wrong("usage", "must be a list")
    return tuple(_usage(item, f"usage[{position}]") for position, item in enumerate(member))


def read_problem(response: HttpResponse) -> ProvisioningError | None:
    """``{"code", "message"?}`` of a refusal; ``None`` if the answer has no such form, so comes from something else."""
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("code"), str):
        return None
    if document["code"] not in REFUSALS:
        return _wrong("code", "is none of the result codes a backend may answer with")
    text = document.get("message")
    return ProvisioningError(text if _is_message(text) else _NO_TEXT, ResultCode(document["code"]))


def _usage(item: Any, where: str) -> Usage:
    item = _object(item, where, _USAGE)
    related, dashboard = _text(item, where, "relatedInstanceId"), _text(item, where, "dashboardUrl")
    if related is not None and len(related) > _ID_LIMIT:
        raise _wrong(f"{where}.relatedInstanceId", f"is longer than {_ID_LIMIT} characters")
    if dashboard is not None and (len(dashboard) > URL_LIMIT or not is_web_address(dashboard)):
        raise _wrong(f"{where}.dashboardUrl", f"must be an http or https URL in ASCII, at most {URL_LIMIT} characters")
    return Usage(
        value=_converted(item, where, "value", _quantity, _QUANTITY),
        measured_at=_converted(item, where, "measuredAt", _moment, _MOMENT),
        related_instance_id=related,
        dashboard_url=dashboard,
    )


def _quantity(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    number = Decimal(value)
    if not 0 <= number < _TOO_MUCH or number != round(number, _PLACES):
        raise ValueError
    return number


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _converted(item: Mapping[str, Any], where: str, name: str, convert: Callable[[Any], T], form: str) -> T:
    try:
        return convert(item.get(name))
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        raise _wrong(f"{where}.{name}", form) from None


def _document(response: HttpResponse) -> Mapping[str, Any]:
    try:
        document = json.loads(response.body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise _wrong("body", "is not JSON") from None
    if not isinstance(document, dict):
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
