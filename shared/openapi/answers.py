"""Whose word an answer is: the marketplace's own, or that of something on the way."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from shared.errors import Unavailable

_CODE = re.compile(r"[A-Za-z0-9._-]{1,32}")


class Foreign(Unavailable):
    """Not the API's own answer: a page, an answer without a code, a gateway that does not reach what is behind it."""


class NotLetIn(Foreign):
    """Something on the way refuses the caller. Unless it is at each host, it is a proxy's word."""


def own_code(status: int, members: Mapping[str, Any]) -> str:
    """The code of the API's own answer, whatever its HTTP status (metering and open APIs, sections 2.5 and 13).

    :param members: those of the answer; empty if it cannot be read.
    :raises Foreign: it is not the API's; another host may give that.
    """
    code = code_in(members)
    if code and not (code.startswith("APIG") and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        return code
    refused = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    raise (NotLetIn if refused else Foreign)(f"HTTP {status}, not the API's own answer")


def code_in(members: Mapping[str, Any], *names: str) -> str:
    """The first of ``names`` (``resultCode`` and ``error_code``) that holds what looks like a code; empty if none."""
    values = (members.get(name) for name in names or ("resultCode", "error_code"))
    texts = (str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool))
    return next((text for text in texts if _CODE.fullmatch(text)), "")
