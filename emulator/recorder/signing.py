"""A call signed as the marketplace would sign it now, with the development keys."""

from collections.abc import Mapping

from emulator.development import KEYS, rsa_key
from emulator.recorder.kinds import CallKind
from emulator.wire.resign import resigned
from shared.clock import Clock
from shared.commands import Version
from shared.config import Settings, of
from shared.http import HttpRequest
from shared.protocol.choose import ORDER_NOTIFY


def development() -> Settings:
    """The settings of a bundle that takes such calls."""
    values: Mapping[str, str] = {**KEYS, "KOOGALLERY_PROVISIONER": "demo", "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}
    return Settings(of(values), lambda _store, name: name)


def setting_of(kind: CallKind) -> str:
    """The setting that holds the key of a call's class."""
    if kind.version is Version.V1:
        return "KOOGALLERY_KEY"
    if kind.sync:
        return "KOOGALLERY_SYNC_ACCESS_KEY"
    return "KOOGALLERY_NOTIFY_ACCESS_KEY" if kind.activity == ORDER_NOTIFY else "KOOGALLERY_ACCESS_KEY"


def signed_now(request: HttpRequest, clock: Clock) -> HttpRequest:
    """``request`` with a fresh signature; all it says besides stays as it is.

    A body of the sync interfaces of version 1 without ``timeStamp`` cannot be signed and stays unsigned.
    """
    return resigned(request, development(), clock)
