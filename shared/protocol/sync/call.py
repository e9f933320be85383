"""What the sync interfaces of both versions have in common around the body."""

import re
from collections.abc import Mapping
from typing import Any

from shared.clock import BEIJING
from shared.errors import InvalidParameter
from shared.http import HttpRequest

ZONE = BEIJING
"""Of ``timeStamp`` and ``currentSyncTime`` (joint operation, section 1.1)."""

_PATH = re.compile(r"/produceAPI/(?P<v2>v2/)?(?P<name>[A-Za-z]+)/?")


def called(request: HttpRequest) -> tuple[str, bool]:
    """The name behind ``/produceAPI/`` and whether it is version 2's; no name if the path has another form."""
    found = _PATH.search(request.path)
    if found is None or found.end() != len(request.path) or request.method != "POST":
        return "", "/v2/" in request.path
    return found["name"], found["v2"] is not None


def stripped(members: Mapping[str, Any]) -> dict[str, Any]:
    """Signed members under their names without the blanks around them, which examples have (section 8).

    :raises InvalidParameter: two are alike then, and nobody says which one counts.
    """
    fields = {name.strip(): value for name, value in members.items()}
    if len(fields) != len(members):
        raise InvalidParameter("a name stands twice")
    return fields


def is_test(fields: Mapping[str, Any]) -> bool:
    """Is it a debug call (section 1.1)?

    :raises InvalidParameter: ``testFlag`` is neither 0 nor 1.
    """
    flag = fields.get("testFlag")
    if flag in (None, "", "0"):
        return False
    if flag != "1":
        raise InvalidParameter("testFlag is missing or malformed")
    return True
