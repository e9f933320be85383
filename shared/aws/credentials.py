"""Whose request it is: access keys as Lambda puts them into the environment, or whatever botocore finds."""

import os
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from shared.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key; with ``token`` it is a temporary one."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


def current_credentials() -> Credentials:
    """Those that hold now: read anew for each request, since a platform may change them in a running process.

    :raises ConfigurationError: there are none.
    """
    access_key, secret_key = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if access_key and secret_key:
        return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN", ""))
    return _others.current()


def region_set() -> str | None:
    """The region of the environment."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def current_region() -> str | None:
    """The region of the environment, or of the profile that botocore finds."""
    return region_set() or _session().get_config_variable("region")


def forget_credentials() -> None:
    """Look for credentials anew: those of a snapshot belong to another process."""
    _others.forget()


class _Others:
    """Credentials of a profile, a container or a machine. botocore finds them once and then renews them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: Any = None

    def current(self) -> Credentials:
        with self._lock:
            self._found = self._found or _session().get_credentials()
        if self._found is None:
            raise ConfigurationError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the function a role")
        frozen = self._found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    def forget(self) -> None:
        self._found = None


def _session() -> Any:
    try:
        from botocore.session import Session
    except ImportError:
        raise ConfigurationError("set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or add boto3") from None
    return Session()


_others = _Others()
