"""A seller whose product is billed by use, with the marketplace's usage API in the same process: what metering is
measured with. Time stands still but where it is moved, so what is measured is work alone.
"""

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from emulator.bench.market import KEYS, measured_app
from emulator.bench.timing import BenchError
from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.instances import Bought
from emulator.openapi.usage.usage_records import UsageRecords
from emulator.platforms.contexts import LocalLambdaContext
from emulator.wire.api_answers import Dropped
from functions.metering import handler
from shared import app as composition
from shared.clock import Deadline
from shared.commands import Version
from shared.http import HttpRequest, HttpResponse
from shared.instance.record import InstanceRecord
from shared.metering.intake import MOST, take_in
from shared.openapi.usage_push import UsagePush
from shared.outbound import ConnectionLost, Headers, Reach, made
from shared.provisioning import Charging, Specification, State

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MET = ("usage-throttled", "usage-bad-gateway", "usage-answer-lost")


class HandClock:
    """Stands still until it is moved; waiting moves it."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class MeteredSeller:
    """The bundle with these settings and as many instances, each of which began a month ago.

    :param failing: part of the calls to the usage API that go wrong, some of them after their effect.
    :param book: where the usage API keeps its records; ``None`` for memory.
    :param sold: the instances are in the store.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        instances: int,
        *,
        failing: float = 0,
        book: sqlite3.Connection | None = None,
        sold: bool = False,
    ) -> None:
        self.clock, self.instances = HandClock(), [f"instance-{number}" for number in range(instances)]
        keys = (KEYS["KOOGALLERY_USAGE_KEY"], KEYS["KOOGALLERY_AK"], KEYS["KOOGALLERY_SK"])
        self._api = UsageApi(*keys, self.clock, instances=_EveryInstance(), records=UsageRecords(book))
        self.client = UsageApiClient(self._api, failing)
        push = UsagePush(["https://marketplace.example"], *keys, self.clock, client=self.client)
        self.app = measured_app(settings, clock=self.clock, usage_push=push)
        for instance_id in self.instances if not sold else ():
            self.app.instances.create(_bought(instance_id))

    def take_in(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Through the intake, in calls as large as it lets through.

        :raises BenchError: an event was rejected.
        """
        for start in range(0, len(events), MOST):
            if rejected := take_in(self.app, events[start : start + MOST]).rejected:
                raise BenchError(f"an event was rejected: {rejected[0].reason}")

    def upload(self) -> int:
        """Runs of the handler until nothing is due any more; how many records were accepted.

        :raises BenchError: there is no end to it.
        """
        composition.install(self.app)
        accepted = 0
        for _ in range(50):
            counts = handler({}, LocalLambdaContext("metering", seconds=3600))
            if not any(counts.values()):
                return accepted
            accepted += counts.get("accepted", 0)
            self.clock.sleep(900)
        raise BenchError("uploads do not come to an end")

    def billed(self) -> Decimal:
        """The sum of what the usage API accepted."""
        return sum((self._api.records.total(instance_id) for instance_id in self.instances), Decimal(0))


@dataclass
class MeteredUsage:
    """So many different events in pages. ``late``: part of them that is up to 20 days late; ``again``: part of a page
    that comes once more with the next. ``used`` is the sum of those that were given so far, ``sent`` their number,
    repeats included.
    """

    size: int
    instances: Sequence[str]
    dice: random.Random
    late: float = 0.05
    again: float = 0.1
    used: Decimal = Decimal(0)
    sent: int = 0
    _again: list[Mapping[str, Any]] = field(default_factory=list)

    def pages(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Of at most as many events as one call of the intake takes."""
        each = MOST * 9 // 10
        for start in range(0, self.size, each):
            fresh = [self._event(number) for number in range(start, min(start + each, self.size))]
            yield self._page(fresh + self._again)
            self._again = self.dice.sample(fresh, int(len(fresh) * self.again))
        if self._again:
            yield self._page(self._again)

    def _page(self, events: list[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        self.dice.shuffle(events)
        self.sent += len(events)
        return events

    def _event(self, number: int) -> Mapping[str, Any]:
        late = timedelta(minutes=self.dice.randrange(20 * 24 * 60)) if self.dice.random() < self.late else timedelta()
        value = Decimal(self.dice.randrange(1, 100_000)) / 10_000
        moment = START + timedelta(seconds=self.dice.randrange(3600)) - late
        self.used += value
        instance_id = self.instances[number % len(self.instances)]
        event = {"id": f"event-{number}", "instanceId": instance_id, "time": moment.isoformat()}
        return event | {"value": format(value, "f")}


class UsageApiClient:
    """An HTTP client to the usage API in this process; ``pushes`` and ``failed`` count its calls."""

    def __init__(self, api: UsageApi, failing: float) -> None:
        self._api, self._failing, self._dice = api, failing, random.Random(1)  # noqa: S311 - test data
        self.pushes = self.failed = 0

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        deadline: Deadline,  # noqa: ARG002 - an HttpClient's
        body: bytes = b"",
        repeatable: bool = False,  # noqa: ARG002 - as above
        reach: Reach = Reach.ANYWHERE,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """As :meth:`shared.outbound.HttpClient.send`."""
        self.pushes += 1
        if self._dice.random() < self._failing:
            self.failed += 1
            self._api.faults.inject(USAGE_FAULTS[self._dice.choice(MET)])
        parts = urlsplit(url)
        named = {"host": parts.netloc} | {name.lower(): value for name, value in made(headers).items()}
        try:
            return self._api.answer(HttpRequest(method, parts.path, (), named, body))
        except Dropped:
            raise ConnectionLost("the connection broke") from None


class _EveryInstance:
    """On file at the marketplace is whatever it is asked about."""

    def get(self, instance_id: str) -> Bought | None:
        return Bought(instance_id, START - timedelta(days=30))


def _bought(instance_id: str) -> InstanceRecord:
    started_at = START - timedelta(days=30)
    return InstanceRecord(
        instance_id=instance_id,
        order_id=instance_id,
        order_part=None,
        protocol=Version.V2,
        state=State.ACTIVE,
        created_at=started_at,
        started_at=started_at,
        customer_id="customer",
        specification=Specification(charging=Charging.ON_DEMAND),
    )
