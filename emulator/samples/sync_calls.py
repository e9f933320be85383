"""Debug calls of organisation sync, which the gateway serves (joint operation, sections 1 and 2)."""

import re
from collections.abc import Iterator, Mapping

from emulator.development import rsa_key
from emulator.keys import Keys
from emulator.samples.calls import Sample
from emulator.wire.client_secret import public_half
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from emulator.wire.sync_fields import BODIES
from shared.clock import Clock
from shared.commands import Version


def sync_samples(settings: Mapping[str, str], clock: Clock) -> Iterator[Sample]:
    """One call of each interface in each version, signed now with the keys in ``settings``."""
    key, sync_key = settings["KOOGALLERY_KEY"], settings["KOOGALLERY_SYNC_ACCESS_KEY"]
    keys = Keys(rsa_public_key=public_half(rsa_key()))
    signers: Mapping[Version, SyncV1Calls | SyncV2Calls] = {
        Version.V1: SyncV1Calls(key, clock),
        Version.V2: SyncV2Calls(sync_key, clock),
    }
    for name, body in BODIES.items():
        for version, calls in signers.items():
            request = calls.call(name, {"testFlag": 1, **body(version, keys, clock)})
            yield Sample(f"{_dashed(name)}-{version}", "gateway", request, calls.key)


def _dashed(name: str) -> str:
    return re.sub("(?=[A-Z])", "-", name).lower()
