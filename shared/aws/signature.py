"""Signature Version 4, for a ``POST`` without a query: all that JSON services need."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache, reduce
from urllib.parse import quote, urlsplit

from shared.aws.credentials import Credentials
from shared.outbound import host_of

ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    at: datetime,
) -> dict[str, str]:
    """``headers`` and those that prove whose they are; all of them are signed.

    :param at: aware; the moment of this attempt. The service refuses a request more than five minutes off.
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    token = {"X-Amz-Security-Token": credentials.token} if credentials.token else {}
    sent = {**headers, "X-Amz-Date": stamp, **token}
    host, path = _place(url)
    named = sorted((name.lower(), " ".join(value.split())) for name, value in (sent | {"Host": host}).items())
    names = ";".join(name for name, _ in named)
    lines = "".join(f"{name}:{value}\n" for name, value in named)
    request = "\n".join(("POST", path, "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = (stamp[:8], region, service, "aws4_request")
    text = "\n".join((ALGORITHM, stamp, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()))
    signature = _hmac(_key(credentials.secret_key, scope), text).hex()
    whose = f"Credential={credentials.access_key}/{'/'.join(scope)}"
    return {**sent, "Authorization": f"{ALGORITHM} {whose}, SignedHeaders={names}, Signature={signature}"}


def forget_keys() -> None:
    """Let nothing stay that was worked out of a secret key."""
    _key.cache_clear()


@lru_cache(maxsize=16)
def _key(secret_key: str, scope: tuple[str, ...]) -> bytes:
    """What signs for a day in a region."""
    return reduce(_hmac, scope, f"AWS4{secret_key}".encode())


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


@lru_cache(maxsize=16)
def _place(url: str) -> tuple[str, str]:
    """Host and path of a service, as they are signed."""
    target = urlsplit(url)
    return host_of(target), quote(target.path or "/", safe="/~")
