"""The limits of what a provisioner may tell about usage (``usageInfo``, production interfaces, section 2.7), and about
packages (metering and open APIs, section 2.9).

The same for a provisioner in Python and for one behind the webhook, whose JSON has texts for numbers and moments.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from shared.errors import ProvisioningError
from shared.provisioning import Package, Usage
from shared.provisioning.access import URL_LIMIT, is_web_address
from shared.usage_limits import MOST, sendable

ID_LIMIT = 64
"""Characters of an instance id."""


def told(usages: Iterable[object]) -> tuple[tuple[Usage, ...], tuple[str, ...]]:
    """What of ``usages`` the marketplace will accept, and what is wrong with the rest: field and limit, no value.

    A dashboard is left out alone, anything else with its entry.
    """
    good, wrong = [], []
    for position, usage in enumerate(usages):
        try:
            good.append(_without_dashboard(usage))
            good[-1] = check_usage(usage)
        except ProvisioningError as error:
            wrong.append(f"usage[{position}]: {error}")
    return tuple(good), tuple(wrong)


def check_usage(usage: object) -> Usage:
    """``usage`` as the marketplace will accept it: a ``Decimal``, a time in UTC.

    :raises ProvisioningError: naming the field and its limit, never its value.
    """
    return replace(_without_dashboard(usage), dashboard_url=_dashboard(getattr(usage, "dashboard_url", None)))


def check_packages(packages: Iterable[object]) -> tuple[Package, ...]:
    """``packages`` themselves, if usage can be taken from them.

    One that is wrong is not left out, for then another would pay.

    :raises ProvisioningError: naming the field and its limit, never its value.
    """
    checked: dict[str, Package] = {}
    for position, package in enumerate(packages):
        try:
            known = _package(package)
        except ProvisioningError as error:
            raise ProvisioningError(f"packages[{position}]: {error}") from None
        if checked.setdefault(known.instance_id, known) is not known:
            raise ProvisioningError(f"packages[{position}]: instance_id must not stand there twice")
    return tuple(checked.values())


def _package(package: object) -> Package:
    if not isinstance(package, Package):
        raise ProvisioningError("it is no Package")
    if not (name := _id("instance_id", package.instance_id)):
        raise ProvisioningError("instance_id must not be empty")
    quota: object = package.quota
    if isinstance(quota, bool) or not isinstance(quota, int | Decimal) or not Decimal(quota).is_finite() or quota < 0:
        raise ProvisioningError("quota must be a decimal number, 0 or more")
    return Package(
        name, Decimal(quota), None if package.expires_at is None else _moment("expires_at", package.expires_at)
    )


def _without_dashboard(usage: object) -> Usage:
    if not isinstance(usage, Usage):
        raise ProvisioningError("it is no Usage")
    moment = _moment("measured_at", usage.measured_at)
    return Usage(_quantity(usage.value), moment, _id("related_instance_id", usage.related_instance_id))


def _quantity(value: object) -> Decimal:
    """``Double(12,4)``: a binary fraction is refused, because whether it has 4 places is a matter of luck."""
    try:
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            if 0 <= number <= MOST and number == sendable(number):
                return number + 0  # no negative zero
    except (InvalidOperation, ValueError):
        pass
    raise ProvisioningError(f"value must be a decimal number from 0 to {MOST} with at most 4 decimal places")


def _moment(name: str, value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo and moment.timestamp() > 0:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ProvisioningError(f"{name} must be a moment with its zone, like 2026-01-31T08:00:00Z")


def _id(name: str, value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= ID_LIMIT and value.isprintable():
        return value
    raise ProvisioningError(f"{name} must be text of at most {ID_LIMIT} printable characters")


def _dashboard(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= URL_LIMIT and is_web_address(value):
        return value
    raise ProvisioningError(f"dashboard_url must be an http or https URL in ASCII, at most {URL_LIMIT} characters")
