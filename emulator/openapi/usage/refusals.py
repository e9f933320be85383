"""Answers of the usage API: codes and messages (metering and open APIs, sections 2.5 and 2.6)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from emulator.openapi.usage.record import SentRecord
from emulator.wire.api_answers import json_answer
from shared.http import HttpResponse


class UsageDialect(StrEnum):
    """Which generation of codes is spoken."""

    MKT = "MKT"
    CBC = "CBC"
    """Before mid-2024."""
    NEWEST = "9406"
    """Numbers without prefix, as far as they are documented; otherwise like ``MKT``."""


CALLS = {
    "0999": (500, "System internal error"),
    "0100": (500, "Failure of input parameter"),
    "0101": (400, "Invalid parameter"),
    "0102": (400, "Invalid body sign"),
    "0150": (401, "Illegal operation"),
    "0151": (401, "No authority"),
    "0154": (401, "Illegal token"),
    "0199": (400, "Request parameter error"),
    "0250": (406, "Access frequency overlimit"),
    "9001": (500, "Instance ID not found"),
    "9002": (500, "Invalid usage entities"),
    "9003": (500, "Usage records extends size limit"),
    "9004": (500, "Record beginTime extends Limit"),
    "94060010": (401, "Isv status invalid"),
}
"""HTTP status and text, by code without prefix. What is refused for good comes with 500 too."""

RECORDS = {
    "001": "instance does not exist",
    "002": "wrong time format",
    "003": "wrong usage value",
    "004": "metering_sn is missing",
    "005": "metering_sn is repeated",
    "006": "product is off the shelf",
    "007": "record is too old",
    "009": "instance of another seller",
    "010": "begin_time and end_time are repeated",
    "011": "wrong time range",
    "012": "not a pay-per-use instance",
    "013": "instance is frozen",
}

PARTLY = "94060999"
_NEWEST = {
    "0999": ("94060001", 500, "System error!"),
    **dict.fromkeys(("0102", "0151", "0154"), ("94060002", 401, "Auth failed!")),
    **dict.fromkeys(("0100", "0101", "0199"), ("94060004", 400, "Param invalid")),
}
_WITH_DETAIL = frozenset({"0100", "0150", "0250", "9001", "9002", "9004"})


def accepted(dialect: UsageDialect) -> HttpResponse:
    """The call was received; with synchronous validation, every record was accepted too."""
    return json_answer(200, {"error_code": f"{_prefix(dialect)}.0000", "error_msg": "success"})


def partly(refused: Iterable[tuple[SentRecord, str]]) -> HttpResponse:
    """Some records were refused, which are listed with their codes; the others were accepted (section 2.5b)."""
    listed = [entry(sent, code) for sent, code in refused]
    document = {"error_code": PARTLY, "error_msg": "Failed"}
    return json_answer(200, document | {"abnormal_usage_data_info": {"abnormal_usage_data": listed}})


def entry(sent: SentRecord, code: str) -> dict[str, Any]:
    names = ("instance_id", "begin_time", "end_time", "metering_sn")
    known = {name: value for name in names if (value := getattr(sent, name))}
    return known | {"error_code": code, "error_msg": RECORDS.get(code, "refused")}


def refusal(dialect: UsageDialect, code: str, detail: str = "", status: int | None = None) -> HttpResponse:
    """The whole call is refused.

    :param code: without prefix; one that is not in ``CALLS`` is sent as it is.
    :param status: instead of the documented one.
    """
    documented, text = CALLS.get(code, (500, "refused"))
    spelt = f"{_prefix(dialect)}.{code}" if code in CALLS and len(code) == len("0999") else code
    if dialect is UsageDialect.NEWEST and code in _NEWEST:
        spelt, documented, text = _NEWEST[code]
    document = {"error_code": spelt, "error_msg": f"{text}: {detail}" if detail else text}
    if detail and code in _WITH_DETAIL:
        document["extra_info"] = detail
    return json_answer(status or documented, document)


def _prefix(dialect: UsageDialect) -> str:
    return "CBC" if dialect is UsageDialect.CBC else "MKT"
