"""One usage record as received, and the validation of its format (metering and open APIs, section 2.3)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shared.usage_limits import TIME

LENGTHS = {
    **dict.fromkeys(("instance_id", "metering_sn", "relate_pkg_instance", "product_id"), 64),
    **dict.fromkeys(("begin_time", "end_time", "record_time"), 17),
    "usage_value": 20,
}
"""Longest values, in characters."""
_ALWAYS = frozenset({"instance_id", "begin_time", "end_time", "record_time", "usage_value"})
_OPTIONAL = frozenset({"relate_pkg_instance"})


@dataclass(frozen=True, slots=True)
class SentRecord:
    """A record in the words of the caller. ``metering_sn`` is empty in the old API, and where the caller forgot it."""

    instance_id: str
    begin_time: str
    end_time: str
    record_time: str
    usage_value: str
    metering_sn: str = ""
    relate_pkg_instance: str = ""
    product_id: str = ""

    @property
    def window(self) -> tuple[str, str, str]:
        """What makes two records duplicates of each other."""
        return self.instance_id, self.begin_time, self.end_time


def records_in(body: bytes) -> list[Any] | str:
    """The records in a body, or the code of what is wrong with it.

    :raises ValueError: it is no JSON.
    """
    document = json.loads(body, parse_float=Decimal)
    if not isinstance(document, dict) or document.keys() != {"usage_records"}:
        return "0101"
    records = document["usage_records"]
    return records if isinstance(records, list) and records else "0100"


def faulty_form(members: Any, *, old: bool) -> str | None:
    """The code with which a whole call is refused for this record, ``None`` if it can be looked into.

    A member that is not defined or not there: ``0101``; a value that is none or too long: ``0100``.
    """
    if not isinstance(members, dict):
        return "0100"
    # A missing metering_sn has a code of its own, which is the record's and not the call's.
    mandatory = _ALWAYS | {"product_id"} if old else _ALWAYS
    allowed = mandatory | _OPTIONAL if old else mandatory | _OPTIONAL | {"metering_sn"}
    if members.keys() - allowed or any(members.get(name) in (None, "") for name in mandatory):
        return "0101"
    fits = (_fits(name, value) for name, value in members.items())
    return None if all(fits) else "0100"


def read(members: dict[str, Any]) -> SentRecord:
    """The record; its form is right."""
    return SentRecord(**{name: str(value) for name, value in members.items() if value is not None})


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime | None:
    """A time as the API writes it (``20220809T080000Z``, UTC), ``None`` if it is none."""
    try:
        found = datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if f"{found:{TIME}}" == text else None


def _fits(name: str, value: Any) -> bool:
    if name == "usage_value" and isinstance(value, int | Decimal):
        return len(str(value)) <= LENGTHS[name]
    return value is None or (isinstance(value, str) and len(value) <= LENGTHS[name] and _is_text(value))


def _is_text(value: str) -> bool:
    """JSON may hold half a character, which nothing can store or send back."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
