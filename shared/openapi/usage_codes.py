"""What the codes of the usage API mean for us (metering and open APIs, sections 2.5 and 2.6).

HTTP status says little: some refusals come with 500, and a 200 may carry refused records. So the code decides; a code
that is not listed is judged by the class of its status.
"""

import re
from enum import Enum, auto
from http import HTTPStatus


class Advice(Enum):
    """What to do about a record, or about a whole call."""

    DELIVERED = auto()
    DUPLICATE = auto()
    REPAIR = auto()
    HOLD = auto()
    HOLD_ON = auto()
    DEAD = auto()
    RETRY = auto()
    SMALLER = auto()
    SPLIT = auto()
    STOP = auto()


RECORDS = {
    "001": Advice.HOLD,  # instance does not exist: it may not be known there yet
    "002": Advice.DEAD,  # time format
    "003": Advice.DEAD,  # usage value
    "004": Advice.DEAD,  # no metering_sn
    "005": Advice.DUPLICATE,  # metering_sn repeated
    "006": Advice.DEAD,  # product delisted
    "007": Advice.DEAD,  # too old
    "009": Advice.DEAD,  # instance of another seller
    "010": Advice.DUPLICATE,  # begin and end repeated
    "011": Advice.REPAIR,  # time range
    "012": Advice.DEAD,  # not a pay-per-use instance
    "013": Advice.HOLD_ON,  # instance frozen or closed: until it is unfrozen
}

CALLS = {
    "0000": Advice.DELIVERED,
    "0999": Advice.RETRY,
    "0100": Advice.SPLIT,
    "0101": Advice.SPLIT,
    "0102": Advice.STOP,
    "0150": Advice.SPLIT,
    "0151": Advice.STOP,
    "0154": Advice.STOP,
    "0199": Advice.SPLIT,
    "0250": Advice.RETRY,
    "9001": Advice.SPLIT,
    "9002": Advice.SPLIT,
    "9003": Advice.SMALLER,
    "9004": Advice.SPLIT,
    "9005": Advice.SPLIT,
    "94060001": Advice.RETRY,
    "94060002": Advice.STOP,
    "94060004": Advice.SPLIT,
    "94060005": Advice.SPLIT,
    "94060010": Advice.STOP,
    "94060999": Advice.DELIVERED,  # with the list of what is not
}

ALONE = {"9001": Advice.HOLD}
"""What a call's refusal means for the record that is alone in it, where that is not the end of it."""

ABOUT_CONTENT = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
_PREFIXED = re.compile(r"(?:MKT|CBC)\.(\d{4}|\d{8})")


def plain(code: str) -> str:
    """``code`` without its prefix; both prefixes were documented for the same numbers."""
    match = _PREFIXED.fullmatch(code)
    return match[1] if match else code


def advice_for_call(code: str, status: int) -> Advice:
    """What to do about a call that was answered with ``code`` (plain) and HTTP ``status``."""
    if code in CALLS:
        return CALLS[code]
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Advice.STOP
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Advice.SMALLER
    # Only the marketplace itself can refuse a record. What a gateway refuses (its codes begin with APIG), and a success
    # without a known code, says nothing about what was sent.
    refused = status in ABOUT_CONTENT and not code.startswith("APIG")
    return Advice.SPLIT if refused else Advice.RETRY


def advice_for_record(code: str) -> Advice:
    """What to do about a record refused with ``code``: a record's own, or that of a call in which it was alone."""
    if code in RECORDS:
        return RECORDS[code]
    if code in ALONE:
        return ALONE[code]
    return Advice.DEAD if CALLS.get(code) is Advice.SPLIT else Advice.HOLD_ON
