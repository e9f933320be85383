"""Authenticates a usage push: signature, time and nonce (metering and open APIs, section 2.2)."""

import hmac
from datetime import datetime, timedelta

from emulator.openapi.order_query import SKEW
from emulator.wire.calls import in_natural_order
from shared.clock import epoch_ms
from shared.http import HttpRequest
from shared.openapi.usage_push import push_signature

NONCE = 64


class PushSignatures:
    """Verifies pushes with ``key``, each nonce once. Not thread-safe."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._nonces: dict[str, datetime] = {}

    def genuine(self, request: HttpRequest, now: datetime) -> bool:
        """Is ``request`` signed, less than 15 minutes old or early, and new?"""
        ts, nonce, signature = (request.headers.get(name, "") for name in ("ts", "nonce", "signature"))
        self._forget(now)
        if not nonce or len(nonce) > NONCE or nonce in self._nonces or not _near(ts, now):
            return False
        expected = (push_signature(self._key, ts, nonce, read(request.body)) for read in (bytes, in_natural_order))
        if not any(hmac.compare_digest(each.encode(), signature.encode()) for each in expected):
            return False
        self._nonces[nonce] = now
        return True

    def _forget(self, now: datetime) -> None:
        """Nonces whose ``ts`` would be refused by now; the oldest stand first."""
        while self._nonces and (oldest := next(iter(self._nonces.items())))[1] < now - 2 * SKEW:
            del self._nonces[oldest[0]]


def _near(ts: str, now: datetime) -> bool:
    if not (ts.isascii() and ts.isdigit() and len(ts) <= len("1709690865879")):
        return False
    return abs(int(ts) - epoch_ms(now)) <= SKEW // timedelta(milliseconds=1)
