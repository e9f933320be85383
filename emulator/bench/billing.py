"""Metering at scale: events in, records out, through the real intake, ledger, uploader and usage API of the emulator.

Of the events a tenth is sent twice and a twentieth is up to 20 days late; a tenth of the calls to the usage API fails,
some of them after their effect. Each size runs in an interpreter of its own, so that its peak of memory is its own.
"""

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

from emulator.bench.timing import BenchError, Track
from emulator.development import KEYS
from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.instances import Bought
from emulator.platforms.contexts import LocalLambdaContext
from emulator.wire.api_answers import Dropped
from shared.app import App, install
from shared.clock import Deadline
from shared.commands import Version
from shared.config import Settings, of
from shared.http import HttpRequest, HttpResponse
from shared.instance.record import InstanceRecord
from shared.metering.intake import MOST, take_in
from shared.openapi.usage_push import UsagePush
from shared.outbound import ConnectionLost, Headers, Reach, made
from shared.provisioning import Charging, Specification, State

T = TypeVar("T")
SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (500, 2_000)
MET = ("usage-throttled", "usage-bad-gateway", "usage-answer-lost")
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
EVENTS_EACH = 50
"""Events of one instance."""
BATCH = 100
"""Records in a call: few enough for the faults to matter."""


@dataclass(frozen=True)
class BillingFigures:
    """One size. ``difference`` is billed minus used, which must be 0; ``pushes`` are calls to the usage API."""

    events: int
    events_per_second: float
    records: int
    records_per_second: float
    pushes: int
    failed: int
    peak_mib: float
    difference: str


def measure(sizes: tuple[int, ...], track: Track) -> list[BillingFigures]:
    """A row for each size.

    :raises BenchError: what was billed is not what was used.
    """
    rows = []
    for size in track(sizes, "metering"):
        command = [sys.executable, "-m", "emulator.bench.billing", str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchError(f"metering {size} events failed: {done.stderr.splitlines()[-1:]}")
        rows.append(BillingFigures(**json.loads(done.stdout.splitlines()[-1])))
    if wrong := [row for row in rows if Decimal(row.difference)]:
        raise BenchError(f"billed and used differ by {wrong[0].difference}")
    return rows


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


class Flaky:
    """An HTTP client to the emulator in this process, on whose way a tenth of the calls goes wrong."""

    def __init__(self, api: UsageApi, dice: random.Random) -> None:
        self._api, self._dice = api, dice
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
        if self._dice.random() < 0.1:
            self.failed += 1
            self._api.faults.inject(USAGE_FAULTS[self._dice.choice(MET)])
        parts = urlsplit(url)
        named = {"host": parts.netloc} | {name.lower(): value for name, value in made(headers).items()}
        try:
            return self._api.answer(HttpRequest(method, parts.path, (), named, body))
        except Dropped:
            raise ConnectionLost("the connection broke") from None


def run(size: int, folder: Path) -> BillingFigures:
    """Meter ``size`` different events."""
    clock, dice = HandClock(), random.Random(size)  # noqa: S311 - test data
    api = UsageApi(KEYS["KOOGALLERY_USAGE_KEY"], KEYS["KOOGALLERY_AK"], KEYS["KOOGALLERY_SK"], clock)
    client = Flaky(api, dice)
    app = _app(folder, clock, client)
    instances = [f"instance-{number}" for number in range(max(10, size // EVENTS_EACH))]
    for instance_id in instances:
        _open(app, api, instance_id)
    sent, used = _events(size, instances, dice)
    clock.sleep(3600)
    seconds_in, _ = _timed(lambda: _take_in(app, sent))
    clock.sleep(3600)
    seconds_out, records = _timed(lambda: _upload(clock))
    billed = sum((api.total(instance_id) for instance_id in instances), Decimal(0))
    return BillingFigures(
        events=len(sent),
        events_per_second=len(sent) / seconds_in,
        records=records,
        records_per_second=records / seconds_out,
        pushes=client.pushes,
        failed=client.failed,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        difference=format(billed - used, "f"),
    )


def _app(folder: Path, clock: HandClock, client: Flaky) -> App:
    values = {
        **KEYS,
        "KOOGALLERY_PROVISIONER": "demo",
        "KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}",
        "KOOGALLERY_USAGE_BATCH": str(BATCH),
    }
    push = UsagePush(
        ["https://marketplace.example"],
        KEYS["KOOGALLERY_USAGE_KEY"],
        KEYS["KOOGALLERY_AK"],
        KEYS["KOOGALLERY_SK"],
        clock,
        client=client,
    )
    app = App(Settings(of(values), lambda _store, name: name), clock=clock, usage_push=push)
    install(app)
    return app


def _open(app: App, api: UsageApi, instance_id: str) -> None:
    started_at = START - timedelta(days=30)
    record = InstanceRecord(
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
    app.instances.create(record)
    api.instances.register(Bought(instance_id, started_at))


def _events(size: int, instances: list[str], dice: random.Random) -> tuple[list[dict[str, Any]], Decimal]:
    """Events as sent, some of them twice, and what was used in all."""
    sent, used = [], Decimal(0)
    for number in range(size):
        late = timedelta(minutes=dice.randrange(20 * 24 * 60)) if dice.random() < 0.05 else timedelta()
        value = Decimal(dice.randrange(1, 100_000)) / 10_000
        moment = START + timedelta(seconds=dice.randrange(3600)) - late
        event = {"id": f"event-{number}", "instanceId": dice.choice(instances), "time": moment.isoformat()}
        sent.append(event | {"value": format(value, "f")})
        used += value
    sent += dice.sample(sent, size // 10)
    dice.shuffle(sent)
    return sent, used


def _take_in(app: App, sent: list[dict[str, Any]]) -> None:
    for start in range(0, len(sent), MOST):
        if rejected := take_in(app, sent[start : start + MOST]).rejected:
            raise BenchError(f"an event was rejected: {rejected[0].reason}")


def _upload(clock: HandClock) -> int:
    """Runs until nothing is due any more; how many records that made."""
    from functions.metering import handler

    accepted = 0
    for _ in range(50):
        counts = handler({}, LocalLambdaContext("metering", seconds=3600))
        if not any(counts.values()):
            return accepted
        accepted += counts.get("accepted", 0)
        clock.sleep(900)
    raise BenchError("uploads do not come to an end")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        print(json.dumps(asdict(run(int(sys.argv[1]), Path(place)))))
