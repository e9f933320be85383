"""A seller who pushes usage to the emulated marketplace, without a network between."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.instances import Bought
from emulator.wire.api_answers import Dropped
from shared.clock import Deadline
from shared.http import HttpRequest, HttpResponse
from shared.openapi.usage_push import PushAnswer, UsagePush, UsageRecord
from shared.outbound import ConnectionLost
from tests.clients import HandlerClient
from tests.fakes import FakeClock

KEY, AK, SK, URL = "usage-key", "ak", "sk", "https://mkt.example"
NOW = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
START = datetime(2026, 10, 1, tzinfo=UTC)


class Wire:
    """Calls the API without a network between. ``spoil`` changes requests on their way."""

    def __init__(self, api: UsageApi) -> None:
        self.api = api
        self.spoil: Callable[[HttpRequest], HttpRequest] = lambda request: request
        self.answers: list[HttpResponse] = []
        self.send = HandlerClient(self._answered).send

    def _answered(self, request: HttpRequest) -> HttpResponse:
        try:
            self.answers.append(self.api.answer(self.spoil(request)))
        except Dropped:
            raise ConnectionLost("the connection broke") from None
        return self.answers[-1]


class Seller:
    """Pushes as the bundle does. ``more``: of the API, which knows ``i-1`` and ``i-2``."""

    def __init__(self, clock: FakeClock | None = None, **more: Any) -> None:
        self.clock = clock or FakeClock(NOW)
        self.api = UsageApi(KEY, AK, SK, self.clock, **more)
        self.wire = Wire(self.api)
        for instance_id in ("i-1", "i-2"):
            self.api.instances.register(Bought(instance_id, START))

    def push(self, *records: UsageRecord, key: str = KEY, ak: str = AK, sk: str = SK, old: bool = False) -> PushAnswer:
        client = UsagePush([URL], key, ak, sk, self.clock, client=self.wire, old=old)
        return client.push(records or [record()], Deadline(self.clock, 60))

    def behave(self, **changes: Any) -> None:
        self.api.behaviour = replace(self.api.behaviour, **changes)

    def refusals(self, *records: UsageRecord) -> dict[str, str]:
        """Codes by ``metering_sn``."""
        answer = self.push(*records)
        assert (answer.status, answer.code) == ((200, "94060999") if answer.refused else (200, "0000"))
        return dict(answer.refused)

    @property
    def last(self) -> dict[str, Any]:
        """The members of the latest answer."""
        document: dict[str, Any] = json.loads(self.wire.answers[-1].body)
        return document


def record(sn: str = "sn-1", instance: str = "i-1", **changes: Any) -> UsageRecord:
    values: dict[str, Any] = {
        "instance_id": instance,
        "begin_time": "20261120T080000Z",
        "end_time": "20261120T090000Z",
        "record_time": "20261120T090200Z",
        "usage_value": Decimal("1.5"),
        "metering_sn": sn,
        "product_id": "P",
    }
    return UsageRecord(**(values | changes))
