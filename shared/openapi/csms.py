"""Huawei Cloud CSMS (DEW): one secret by name, with the temporary credentials of the function's or machine's agency.

The API is that of ``ShowSecretVersion``; unlike the rest of this package it is not part of the marketplace's documents.
"""

from collections.abc import Mapping
from urllib.parse import quote

from shared.clock import Deadline, SystemClock
from shared.config import Lookup
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpResponse
from shared.openapi.agency import credentials
from shared.openapi.signer import sign
from shared.outbound import HttpClient, shared_client
from shared.outbound.answers import members_of

SECONDS = 3.0
_REFUSALS = (400, 401, 403, 404)


def read_secret(name: str, lookup: Lookup, client: HttpClient | None = None) -> str:
    """The latest version of secret ``name``.

    Needs ``KOOGALLERY_CSMS_URL`` (``https://csms.REGION.myhuaweicloud.com``) and ``KOOGALLERY_CSMS_PROJECT`` (project
    id).

    :raises ConfigurationError: one of these is not set, the function has no agency, or CSMS does not give the secret.
    :raises shared.errors.Unavailable: CSMS does not answer.
    """
    url, project = _set(lookup, "KOOGALLERY_CSMS_URL"), _set(lookup, "KOOGALLERY_CSMS_PROJECT")
    clock = SystemClock()
    deadline = Deadline(clock, SECONDS)
    agency = credentials(lookup, deadline)
    address = f"{url.rstrip('/')}/v1/{quote(project, safe='')}/secrets/{quote(name, safe='')}/versions/latest"

    def signed() -> Mapping[str, str]:
        headers = {"X-Security-Token": agency.token, "Content-Type": "application/json"}
        keys = {"ak": agency.access_key, "sk": agency.secret_key}
        return sign(**keys, method="GET", url=address, headers=headers, body=b"", at=clock.now())

    return _secret_in((client or shared_client()).send("GET", address, headers=signed, deadline=deadline))


def _secret_in(answer: HttpResponse) -> str:
    version = (members_of(answer) or {}).get("version")
    secret = version.get("secret_string") if isinstance(version, dict) else None
    if isinstance(secret, str):
        return secret
    if answer.status in _REFUSALS:
        raise ConfigurationError(f"CSMS does not give the secret: HTTP {answer.status}")
    raise Unavailable(f"CSMS does not answer: HTTP {answer.status}")


def _set(lookup: Lookup, name: str) -> str:
    if value := lookup(name):
        return value
    raise ConfigurationError(f"set {name}")
