"""What an answer of the open APIs means.

The code in the body decides, not the HTTP status: refusals for good arrive with 500, and 401 may be about one order
only (metering and open APIs, sections 2.5 and 6.6). The prefix was ``CBC.`` once and is ``MKT.`` now; codes without a
prefix are of the newest dialect. A code that is not in the table is judged by the status.
"""

import re
from enum import Enum, auto

_CODE = re.compile(r"(?:(?:MKT|CBC)\.)?(?:(\d{4})|(\d{8}))|(?:APIGW|APIG)\.(\d{4})")
_BUSY = (406, 429)
_NOT_ALLOWED = (401, 403)


class CallVerdict(Enum):
    """What to do about an answer."""

    OK = auto()
    RETRY = auto()
    """A fault of the moment: ask again."""
    BUSY = auto()
    """Too many calls: wait, then ask again."""
    DENIED = auto()
    """The access key is refused. More attempts only get it locked (section 6.6)."""
    UNKNOWN = auto()
    """The call was understood, but what it is about does not exist or is not this seller's."""
    REFUSED = auto()
    """Wrong for good; asking again does not help."""


_MARKETPLACE = {
    "0000": CallVerdict.OK,
    "0999": CallVerdict.RETRY,
    "0250": CallVerdict.BUSY,
    "0100": CallVerdict.UNKNOWN,
    "0101": CallVerdict.UNKNOWN,
    "0199": CallVerdict.UNKNOWN,
    "0150": CallVerdict.UNKNOWN,
    "9001": CallVerdict.UNKNOWN,
    "0151": CallVerdict.DENIED,
    "0154": CallVerdict.DENIED,
}
_GATEWAY = {
    "0301": CallVerdict.DENIED,
    "0302": CallVerdict.DENIED,
    "0303": CallVerdict.DENIED,
    "0308": CallVerdict.BUSY,
}
_NEWEST = {
    "94060001": CallVerdict.RETRY,
    "94060002": CallVerdict.DENIED,
    "94060004": CallVerdict.UNKNOWN,
    "94060005": CallVerdict.UNKNOWN,
}


def judge(status: int, code: str) -> CallVerdict:
    """What the answer means.

    :param status: HTTP status.
    :param code: ``resultCode`` or ``error_code`` of the body; empty if there is none.
    """
    match = _CODE.fullmatch(code)
    if match is not None:
        marketplace, newest, gateway = match.groups()
        known = _MARKETPLACE.get(marketplace) or _GATEWAY.get(gateway) or _NEWEST.get(newest)
        if known is not None:
            return known
    return _by_status(status)


def presentable(status: int, code: str) -> str:
    """``code`` for a text, if it looks like one, otherwise the status."""
    return code if _CODE.fullmatch(code) else f"HTTP {status}"


def _by_status(status: int) -> CallVerdict:
    if status in _BUSY:
        return CallVerdict.BUSY
    if status in _NOT_ALLOWED:
        return CallVerdict.DENIED
    return CallVerdict.RETRY if status >= 500 else CallVerdict.REFUSED  # noqa: PLR2004 - server errors
