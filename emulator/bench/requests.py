"""Whole requests, one after the other in one process: from the platform's event to the signed answer."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from emulator.bench.bare import bare_handler, make_table
from emulator.bench.delaying_store import DelayingStore, delaying
from emulator.bench.market import BenchMarket, Market1, Market2, measured_app
from emulator.bench.timing import BenchError, Size, Timing, Track, seconds, whole_rounds
from emulator.platforms.contexts import LocalLambdaContext
from emulator.platforms.event_shapes import api_gateway_rest
from emulator.recorder.playback import YearlyOrders
from emulator.wire.calls import members_of
from functions import gateway
from shared import app as composition
from shared.app import App
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.store.dynamodb import DynamoTables, administration, ensure_tables
from shared.store.sqlite.table import SqliteTables

PREFIX = "bench-"
LIMIT = 60.0
"""Seconds after which no further round begins."""
DYNAMODB, SQLITE = "DynamoDB", "SQLite"
BARE_NEW, BARE_REPEATED = "bare, new event", "bare, repeated"

Handler = Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class BenchCase:
    """One kind of request; ``make`` gives the next one, and ``against`` names what it is compared with."""

    name: str
    make: Callable[[], HttpRequest]
    against: str = BARE_NEW
    code: str = "000000"


@dataclass(frozen=True)
class RequestFigures:
    """A case as measured; ``http_calls`` is how many requests to the store's API one call took."""

    store: str
    version: str
    name: str
    against: str
    timing: Timing
    speed: float
    http_calls: float | None


@dataclass
class Probe:
    """Runs one case again and again, in rounds, of which the first is for warming up.

    ``app`` is installed for it; ``wire`` counts the requests to the store's API.
    """

    store: str
    version: str
    case: BenchCase
    handler: Handler
    app: App | None
    wire: DelayingStore
    _rounds: list[list[float]] = field(default_factory=list)
    _http_calls: list[int] = field(default_factory=list)

    def round(self, calls: int) -> None:
        if self.app:
            composition.install(self.app)
        self.wire.counted()
        self._rounds.append([self._once() for _ in range(calls)])
        self._http_calls.append(self.wire.counted().total())

    @property
    def timing(self) -> Timing:
        return Timing(self._rounds[1:])

    def row(self, other: Timing) -> RequestFigures:
        """The result beside what it is compared with."""
        http_calls = None if self.store == SQLITE else sum(self._http_calls[1:]) / len(self.timing.calls)
        speed = other.over(self.timing)
        return RequestFigures(
            self.store, self.version, self.case.name, self.case.against, self.timing, speed, http_calls
        )

    def _once(self) -> float:
        code, took = called(self.handler, self.case.make())
        if code != self.case.code:
            raise BenchError(f"{self.store}, {self.version} {self.case.name}: answered {code}")
        return took


def called(handler: Handler, request: HttpRequest) -> tuple[str, float]:
    """The result code that ``request`` is answered with, and the seconds from the event to the answer."""
    event, context = api_gateway_rest(request), LocalLambdaContext()
    answers: list[dict[str, Any]] = []
    took = seconds(lambda: answers.append(handler(event, context)))
    return members_of(answers[0]["body"].encode())["resultCode"], took


def measure(endpoint: str, size: Size, track: Track) -> list[RequestFigures]:
    """Measure everything against the DynamoDB API at ``endpoint``.

    :raises BenchError: an answer is not the right one.
    """
    with delaying(endpoint) as wire, tempfile.TemporaryDirectory() as folder:
        probes = list(_probes(wire, Path(folder)))
        rounds = [(probe, size.calls if number else 1) for number in range(size.rounds + 1) for probe in probes]
        for probe, calls in whole_rounds(track(rounds, "whole requests"), len(probes), LIMIT):
            probe.round(calls)
    timings = {probe.case.name: probe.timing for probe in probes if not probe.version}
    return [probe.row(timings[probe.case.against]) for probe in probes]


def _probes(wire: DelayingStore, folder: Path) -> Iterator[Probe]:
    clock, client = SystemClock(), cast(Any, administration(wire.url))
    ensure_tables(client, PREFIX)
    make_table(client)
    handler = bare_handler(client)
    for case in _bare(Market1(clock)):
        yield Probe(DYNAMODB, "", case, handler, None, wire)
    dynamodb = DynamoTables(PREFIX, clock, endpoint=wire.url)
    sqlite = SqliteTables(str(folder / "store.sqlite"), clock)
    for store, tables in ((DYNAMODB, dynamodb), (SQLITE, sqlite)):
        app = measured_app(clock=clock, orders=YearlyOrders(clock), tables=tables)
        for market in (Market1(clock), Market2(clock)):
            instance_id = f"bought-{market.version}"
            for case in _cases(market, instance_id):
                yield Probe(store, market.version, case, gateway.handler, app, wire)


def _cases(market: BenchMarket, instance_id: str) -> list[BenchCase]:
    """Each is run once before any is measured, and then the "repeated" purchase makes the instance that is asked for.

    What was bought anew is frozen, unfrozen, and left alone, as an instance remembers when it was not in use.
    """
    order_id = f"CS{instance_id}"
    business_ids, new, turns = chain([instance_id], repeat("")), count(), count()

    def status() -> HttpRequest:
        bought, unfreeze = divmod(next(turns), 2)
        return market.status(f"{instance_id}-{bought}", freeze=not unfreeze)

    return [
        BenchCase("bad signature", market.forged, code="000001"),
        BenchCase("debug call", lambda: market.purchase("CSDEBUG", test=True)),
        BenchCase(
            "new purchase", lambda: market.purchase(f"CS{uuid4().hex}", business_id=f"{instance_id}-{next(new)}")
        ),
        BenchCase(
            "repeated purchase", lambda: market.purchase(order_id, business_id=next(business_ids)), BARE_REPEATED
        ),
        BenchCase("query", lambda: market.query(instance_id)),
        BenchCase("freeze / unfreeze", status),
    ]


def _bare(market: BenchMarket) -> list[BenchCase]:
    return [
        BenchCase(BARE_NEW, lambda: market.purchase(f"CS{uuid4().hex}")),
        BenchCase(BARE_REPEATED, lambda: market.purchase("CSREPEATED"), BARE_REPEATED),
    ]
