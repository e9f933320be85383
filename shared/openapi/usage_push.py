"""Usage push, new and old (metering and open APIs, sections 2.1 to 2.5): one call, its answer read but not judged."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.clock import Clock, Deadline, epoch_ms
from shared.errors import Unavailable
from shared.http import HttpResponse
from shared.openapi.signer import sign
from shared.openapi.usage_codes import plain
from shared.outbound import HttpClient, shared_client

NEW = "/api/mkp-openapi-public/global/v1/isv/usage-data"
OLD = "/rest/marketplace/v1/isv/usage-data"
TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One record as it is sent (section 2.3); ``product_id`` for the old API only."""

    instance_id: str
    begin_time: str
    end_time: str
    record_time: str
    usage_value: Decimal
    metering_sn: str
    relate_pkg_instance: str | None = None
    product_id: str | None = None

    def members(self, *, old: bool) -> dict[str, str]:
        """As JSON members; absent ones left out."""
        members = {
            "instance_id": self.instance_id,
            "begin_time": self.begin_time,
            "end_time": self.end_time,
            "record_time": self.record_time,
            "usage_value": format(self.usage_value.normalize(), "f"),
            "relate_pkg_instance": self.relate_pkg_instance,
            "product_id" if old else "metering_sn": self.product_id if old else self.metering_sn,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """``code`` without prefix, HTTP ``status``, and refused records: code by ``metering_sn`` or (instance, begin,
    end).
    """

    code: str
    status: int
    refused: Mapping[str, str] = field(default_factory=dict)


class UsagePush:
    """The client. ``also_ak_sk``: sign with AK/SK on top, which the China pages ask for (section 2.2)."""

    def __init__(
        self,
        urls: Sequence[str],
        key: str,
        ak: str,
        sk: str,
        clock: Clock,
        *,
        old: bool = False,
        also_ak_sk: bool = True,
        client: HttpClient | None = None,
    ) -> None:
        self._urls, self._key, self._ak, self._sk, self._clock = urls, key, ak, sk, clock
        self._old, self._also_ak_sk = old, also_ak_sk or old
        self._client = client or shared_client()

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """Send the records, to the next host if one cannot be reached; each attempt is signed afresh.

        :raises Unavailable: no host gave an answer that can be read. The records may have arrived or not.
        """
        members = [record.members(old=self._old) for record in records]
        body = json.dumps(
            {"usage_records": members}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
        problem = Unavailable("no open-API host is configured")
        for url in self._urls:
            try:
                return _read(self._send(url, body, deadline))
            except Unavailable as error:
                problem = error
        raise problem

    def _send(self, url: str, body: bytes, deadline: Deadline) -> HttpResponse:
        now = self._clock.now()
        address = url + (OLD if self._old else NEW)
        headers = {"Content-Type": "application/json"}
        if not self._old:
            ts, nonce = str(epoch_ms(now)), str(uuid.uuid4())
            headers |= {"ts": ts, "nonce": nonce, "signature": push_signature(self._key, ts, nonce, body)}
        if self._also_ak_sk:
            headers = sign(ak=self._ak, sk=self._sk, method="POST", url=address, headers=headers, body=body, at=now)
        return self._client.send("POST", address, headers=headers, body=body, deadline=deadline)


def push_signature(key: str, ts: str, nonce: str, body: bytes) -> str:
    """``signature`` of a push (section 2.2): base64 HMAC-SHA256 over ts, nonce and the body as sent, its keys
    sorted.
    """
    text = f"ts={ts}&nonce={nonce}&body=".encode() + body
    return base64.b64encode(hmac.digest(key.encode(), text, hashlib.sha256)).decode()


def _read(response: HttpResponse) -> PushAnswer:
    try:
        members = json.loads(response.body)
        code = plain(str(members.get("error_code") or members.get("resultCode") or ""))
    except (ValueError, AttributeError):
        if response.status < 500:  # noqa: PLR2004 - a gateway in between, not the marketplace
            raise Unavailable(f"the usage API answered HTTP {response.status} without JSON") from None
        return PushAnswer("", response.status)
    return PushAnswer(code, response.status, dict(_refused(members)))


def _refused(value: Any) -> Iterable[tuple[str, str]]:
    """The abnormal records, wherever in the answer they are: the member that holds their list is not documented."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "abnormal_usage_data" and isinstance(member, list):
                yield from (pair for entry in member if isinstance(entry, dict) for pair in _entry(entry))
            else:
                yield from _refused(member)
    elif isinstance(value, list):
        for element in value:
            yield from _refused(element)


def _entry(entry: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """One abnormal record: its members' names are not documented either, so code and id are found by their form."""
    code = next((text for name in ("error_code", "code", "errorCode") if (text := str(entry.get(name, "")))), "")
    names = ("metering_sn", "meteringSn")
    sn = next((str(entry[name]) for name in names if entry.get(name)), "")
    window = "/".join(str(entry.get(name, "")) for name in ("instance_id", "begin_time", "end_time"))
    yield (sn or window, plain(code))
