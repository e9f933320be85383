"""Moments as pages show them: UTC, with Beijing's time beside."""

from datetime import UTC, datetime

from shared.clock import BEIJING


def parsed(moment: datetime | str) -> datetime:
    """A moment, or its ISO 8601 text, in UTC."""
    return (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).astimezone(UTC)


def utc(moment: datetime | str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return f"{parsed(moment):{form}}"


def beijing(moment: datetime | str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return f"{parsed(moment).astimezone(BEIJING):{form}}"


def iso(moment: datetime | str) -> str:
    """For ``<time datetime>``."""
    return parsed(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compact(told: str) -> str:
    """A time as the usage API writes it (``20260102T030405Z``), for people; whatever is none as it is."""
    try:
        return utc(told)
    except ValueError:
        return told


def to_millisecond(moment: datetime) -> datetime:
    """As calls are kept: what caused one must not seem later than the call."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
