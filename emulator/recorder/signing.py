"""A call signed as the marketplace would sign it now, with the development keys."""

from collections.abc import Mapping

from emulator.development import KEYS, rsa_key
from emulator.recorder.kinds import Kind, kind_of
from emulator.resign import resigned
from emulator.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import Clock
from shared.commands import Version
from shared.config import Settings, of
from shared.dialects.choose import ORDER_NOTIFY
from shared.dialects.lenient_json import read_members
from shared.http import HttpRequest


def development() -> Settings:
    """The settings of a bundle that takes such calls."""
    values: Mapping[str, str] = {**KEYS, "KOOGALLERY_PROVISIONER": "demo", "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}
    return Settings(of(values), lambda _store, name: name)


def setting_of(kind: Kind) -> str:
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
    kind = kind_of(request)
    if not kind.sync:
        return resigned(request, development(), clock)
    key, base = KEYS[setting_of(kind)], request.path.partition("/produceAPI/")[0]
    if kind.version is Version.V2:
        fresh = SyncV2Calls(key, clock, base).send(kind.activity, request.body)
    elif read_members(request.body).get("timeStamp"):
        fresh = SyncV1Calls(key, clock, base).send(kind.activity, request.body)
    else:
        return request
    return HttpRequest("POST", request.path, request.query, {**fresh.headers, **_others(request)}, request.body)


def _others(request: HttpRequest) -> dict[str, str]:
    made = ("authtoken", "x-sign", "x-timestamp", "x-nonce")
    return {name: value for name, value in request.headers.items() if name not in made}
