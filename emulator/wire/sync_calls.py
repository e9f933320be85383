"""Calls of the sync interfaces as the marketplace signs them (joint operation, sections 1 and 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.wire.calls import compact, fresh_nonce, time_stamp
from shared.clock import BEIJING, Clock, epoch_ms
from shared.errors import InvalidParameter
from shared.http import HttpRequest
from shared.pipelines.marketplace import SYNC_PATH
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, sign_payload, sign_properties

JSON = {"accept": "application/json", "content-type": "application/json;charset=utf8"}


def is_sync(request: HttpRequest) -> bool:
    """Is it a call of a sync interface?"""
    return SYNC_PATH in request.path


def members_or_none(body: bytes) -> dict[str, Any] | None:
    """The members of a body that is a JSON object."""
    try:
        return read_members(body)
    except InvalidParameter:
        return None


def stamp(moment: datetime) -> str:
    """``timeStamp`` and ``currentSyncTime`` of a moment: Beijing time with milliseconds."""
    return time_stamp(moment.astimezone(BEIJING))


@dataclass(frozen=True)
class _SyncCalls:
    key: str = field(repr=False)
    clock: Clock
    path: str = "/saas"

    def _body(self, members: Mapping[str, Any]) -> bytes:
        """Of a call now, unless ``members`` have a ``timeStamp``."""
        return compact({"timeStamp": stamp(self.clock.now()), "testFlag": 0, **members})


class SyncV1Calls(_SyncCalls):
    """Makes calls of version 1, signed by the header ``authToken``."""

    def call(self, name: str, members: Mapping[str, Any]) -> HttpRequest:
        """A call now, unless ``members`` have a ``timeStamp``."""
        return self.send(name, self._body(members))

    def send(self, name: str, body: bytes) -> HttpRequest:
        """A call with exactly these bytes, which must hold a ``timeStamp``."""
        token = sign_properties(self.key, read_members(body))
        return HttpRequest("POST", f"{self.path}{SYNC_PATH}{name}", (), {**JSON, "authtoken": token}, body)


class SyncV2Calls(_SyncCalls):
    """Makes calls of version 2, signed by the headers ``x-sign``, ``x-timestamp`` and ``x-nonce``."""

    def call(self, name: str, members: Mapping[str, Any], *, nonce: str | None = None) -> HttpRequest:
        """A call now, its ``timeStamp`` too, unless ``members`` have one."""
        return self.send(name, self._body(members), nonce=nonce)

    def send(self, name: str, body: bytes, *, nonce: str | None = None, raw: bool = False) -> HttpRequest:
        """A call with exactly these bytes; ``raw``: they are signed as they are, not in canonical form."""
        nonce, timestamp = nonce or fresh_nonce(), str(epoch_ms(self.clock.now()))
        payload = body if raw else canonical(read_members(body))
        sign = sign_payload(self.key, nonce, timestamp, payload)
        headers = {**JSON, "x-sign": sign, "x-timestamp": timestamp, "x-nonce": nonce}
        return HttpRequest("POST", f"{self.path}{SYNC_PATH}v2/{name}", (), headers, body)
