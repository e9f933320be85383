"""What the sync interfaces of both versions have in common around the body."""

import re
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from shared.call import Call
from shared.clock import Clock
from shared.commands import Command
from shared.config import Settings
from shared.errors import InvalidParameter
from shared.http import HttpRequest

ZONE = timezone(timedelta(hours=8))
"""Of ``timeStamp`` and ``currentSyncTime`` (joint operation, section 1.1)."""

OWN = {
    "tenantSync": ("tenantCode", "domainName"),
    "applicationSync": ("clientId", "clientSecret"),
    "authSync": ("userList",),
    "singleOrgSync": ("orgCode",),
    "allOrgSync": ("orgInfoList", "orgInfo"),
}
"""What the body of one interface alone has, and always has at least one of."""
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


def decoded(call: Call, settings: Settings, clock: Clock) -> Command:
    """The command of an authenticated call.

    :raises InvalidParameter: no such interface, or a member is missing or malformed.
    """
    if call.activity not in OWN:
        raise InvalidParameter("there is no such interface")
    _refuse_others(call)
    from shared.protocol.sync.decoder import SyncDecoder

    return SyncDecoder(settings, clock).decode(call)


def _refuse_others(call: Call) -> None:
    """The signature covers the body, not the path: a body that was meant for one interface is refused by the others, so
    that no user's or department's deletion passes for a tenant's.

    :raises InvalidParameter: names what the body has of another interface, or lacks of this one.
    """
    found = [name for name, value in call.fields.items() if value not in (None, "")]
    own = OWN[call.activity]
    if foreign := [name for name in found if name not in own and any(name in others for others in OWN.values())]:
        raise InvalidParameter(f"{foreign[0]} does not belong to this interface")
    if not any(name in own for name in found):
        raise InvalidParameter(f"{own[0]} is missing or malformed")
