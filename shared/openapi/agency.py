"""Temporary credentials of the agency that a function of FunctionGraph or an ECS machine was given."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from shared.clock import Deadline
from shared.config import Lookup
from shared.errors import ConfigurationError, Unavailable

CREDENTIALS = ("SECURITY_ACCESS_KEY", "SECURITY_SECRET_KEY", "SECURITY_TOKEN")
"""Names under which FunctionGraph's lookup gives them."""
METADATA = "169.254.169.254"
"""Where a machine asks for its own: an address of the machine's own network card, which has no TLS."""
_PATH, _MEMBERS, _LIMIT = "/openstack/latest/securitykey", ("access", "secret", "securitytoken"), 1 << 16


@dataclass(frozen=True)
class AgencyKeys:
    """What a call to Huawei Cloud is signed with, for some hours."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def credentials(lookup: Lookup, deadline: Deadline, metadata: str = METADATA) -> AgencyKeys:
    """Those of the function; with ``KOOGALLERY_CSMS_MACHINE`` set to ``on`` those of the ECS machine.

    :raises ConfigurationError: it has no agency.
    :raises shared.errors.Unavailable: the machine's metadata service does not answer.
    """
    if lookup("KOOGALLERY_CSMS_MACHINE") == "on":
        answer = _ask(metadata, deadline)
        given = answer.get("credential") if isinstance(answer, dict) else None
        found = [given.get(name) for name in _MEMBERS] if isinstance(given, dict) else []
    else:
        found = [lookup(name) for name in CREDENTIALS]
    match found:
        case [str(access_key), str(secret_key), str(token)] if access_key and secret_key and token:
            return AgencyKeys(access_key, secret_key, token)
    raise ConfigurationError("give the function or the machine an agency that may read secrets from CSMS")


def _ask(metadata: str, deadline: Deadline) -> Any:
    connection = HTTPConnection(metadata, timeout=max(deadline.left(), 0.1))
    try:
        connection.request("GET", _PATH)
        return json.loads(connection.getresponse().read(_LIMIT))
    except (OSError, HTTPException):
        raise Unavailable("the machine's metadata service does not answer") from None
    except ValueError:
        return None
    finally:
        connection.close()
