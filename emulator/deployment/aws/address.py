"""Does the address that was deployed answer as the marketplace asks for? Debug calls only: nothing is bought."""

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from emulator.conformance.call_factory import CallFactory
from emulator.conformance.catalogue import chosen
from emulator.conformance.report import Report
from emulator.conformance.runner import Runner
from emulator.keys import Keys
from emulator.openapi.order_query import Orders
from emulator.wire.client import TIMEOUT, send
from emulator.wire.client_secret import public_half
from shared.clock import SystemClock


def newest(values: Mapping[str, str]) -> Keys:
    """The keys that the marketplace signs with, of the lists that the bundle has."""
    first = {name: value.split(",")[0].strip() for name, value in values.items()}
    return Keys(
        key=first["key"],
        access_key=first["access_key"],
        notify_key=first["notify_access_key"] or first["access_key"],
        sync_key=first["sync_access_key"],
        rsa_public_key=public_half(values["rsa_private_key"]),
    )


def checked(url: str, values: Mapping[str, str]) -> Report | None:
    """What the conformance checker finds at ``url``; ``None`` as long as there is no key to sign with."""
    keys, parts, clock = newest(values), urlsplit(url), SystemClock()
    versions = [version for version, key in (("v1", keys.key), ("v2", keys.access_key)) if key]
    if not versions:
        return None
    factory = CallFactory(keys, clock, parts.path, orders=Orders(clock))
    runner = Runner(url, factory, lambda request: send(f"{parts.scheme}://{parts.netloc}", request, TIMEOUT))
    started, before = clock.now(), time.monotonic()
    results = runner.run(chosen([], versions, real=False, sync=bool(keys.sync_key)))
    return Report(url, started.isoformat(timespec="seconds"), time.monotonic() - before, results)
