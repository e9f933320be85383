"""Usage push, new and old (metering and open APIs, sections 2.1 to 2.5): one call, its answer read but not judged."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http import HTTPStatus
from itertools import count
from typing import Any

from shared.clock import Clock, Deadline, epoch_ms
from shared.config import Settings
from shared.http import HttpResponse
from shared.openapi.answers import NotLetIn, code_in, own_code
from shared.openapi.signer import sign
from shared.openapi.usage_codes import plain
from shared.outbound import HttpClient, shared_client
from shared.outbound.answers import members_of
from shared.outbound.hosts import Hosts, NoHostAnswers

NEW = "/api/mkp-openapi-public/global/v1/isv/usage-data"
OLD = "/rest/marketplace/v1/isv/usage-data"


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
    end). ``repeated``: the records were sent before in the same push, to a host that gave no answer, and may have
    arrived then.
    """

    code: str
    status: int
    refused: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = False


def configured(settings: Settings, clock: Clock) -> "UsagePush":
    """The client that the settings ask for: the old API knows no key, and the new one needs no access key."""
    return UsagePush(
        settings.api_urls,
        key="" if settings.old_usage_api else settings.usage_key,
        ak=settings.ak if settings.usage_ak_sk else "",
        sk=settings.sk if settings.usage_ak_sk else "",
        clock=clock,
        old=settings.old_usage_api,
    )


class UsagePush:
    """The client.

    :param urls: hosts, tried in this order.
    :param ak: signs on top with ``sk``, which the China pages ask for (section 2.2); empty for the signature alone.
    """

    def __init__(
        self,
        urls: Sequence[str],
        key: str,
        ak: str,
        sk: str,
        clock: Clock,
        *,
        old: bool = False,
        client: HttpClient | None = None,
    ) -> None:
        self._hosts = Hosts(urls, clock)
        self._key, self._ak, self._sk, self._clock, self._old = key, ak, sk, clock, old
        self._client = client or shared_client()

    def push(self, records: Sequence[UsageRecord], deadline: Deadline) -> PushAnswer:
        """Send the records to the first host that is available, each attempt signed afresh.

        A host that hangs leaves the others their share of the time. What is no answer of the API's own, such as the
        page of a proxy, is none (section 13). Sending twice is safe: ``metering_sn`` tells.

        :raises Unavailable: no host gave an answer. The records may have arrived or not.
        """
        members = [record.members(old=self._old) for record in records]
        body = json.dumps(
            {"usage_records": members}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
        sent = count()  # up to and with the one that is answered

        def ask(host: str, share: Deadline) -> PushAnswer:
            address = host + (OLD if self._old else NEW)

            def signed() -> Mapping[str, str]:
                next(sent)
                return self._signed(address, body)

            answer = self._client.send("POST", address, headers=signed, body=body, deadline=share, repeatable=True)
            return _read(answer)

        try:
            answer = self._hosts.first_answer(ask, deadline)
        except NoHostAnswers as none:
            if not all(isinstance(problem, NotLetIn) for problem in none.problems):
                raise
            answer = PushAnswer("", HTTPStatus.FORBIDDEN)
        return replace(answer, repeated=next(sent) > 1)

    def _signed(self, address: str, body: bytes) -> Mapping[str, str]:
        now = self._clock.now()
        headers = {"Content-Type": "application/json"}
        if not self._old:
            ts, nonce = str(epoch_ms(now)), str(uuid.uuid4())
            headers |= {"ts": ts, "nonce": nonce, "signature": push_signature(self._key, ts, nonce, body)}
        if self._ak:
            headers = sign(ak=self._ak, sk=self._sk, method="POST", url=address, headers=headers, body=body, at=now)
        return headers


def push_signature(key: str, ts: str, nonce: str, body: bytes) -> str:
    """``signature`` of a push (section 2.2): base64 HMAC-SHA256 over ts, nonce and the body as sent, its keys
    sorted.
    """
    text = f"ts={ts}&nonce={nonce}&body=".encode() + body
    return base64.b64encode(hmac.digest(key.encode(), text, hashlib.sha256)).decode()


def _read(response: HttpResponse) -> PushAnswer:
    members = members_of(response) or {}
    refused = dict(_refused(members))
    too_large = response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # whoever says so
    code = code_in(members) if refused or too_large else own_code(response.status, members)
    return PushAnswer(plain(code), response.status, refused)


def _refused(answer: Any) -> Iterable[tuple[str, str]]:
    """The abnormal records, wherever in the answer they are: the member that holds their list is not documented."""
    waiting = [answer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            abnormal = value.get("abnormal_usage_data")
            entries = abnormal if isinstance(abnormal, list) else ()
            yield from (_entry(entry) for entry in entries if isinstance(entry, dict))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _entry(entry: Mapping[str, Any]) -> tuple[str, str]:
    """One abnormal record: its members' names are not documented either, so code and id are found by their form."""
    names = ("metering_sn", "meteringSn")
    sn = next((str(entry[name]) for name in names if entry.get(name)), "")
    window = "/".join(str(entry.get(name, "")) for name in ("instance_id", "begin_time", "end_time"))
    return sn or window, plain(code_in(entry, "error_code", "code", "errorCode"))
