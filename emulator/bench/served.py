"""Calls over HTTP to the server that ``make serve`` starts, from several clients at once; beside it, behind the same
server, what does no more than remember a call.

The calls are signed beforehand and every answer is checked afterwards, so that the clients take little of the machine.
V2's purchase asks the marketplace for its order first, which is no part of the bundle; so purchases are V1's here.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import uuid4

from emulator.bench.bare import make_table
from emulator.bench.market import SETTINGS, Market1, Market2
from emulator.bench.raw_http import exchanged, request_bytes
from emulator.bench.served_peers import INSERT, POWERTOOLS, PUT
from emulator.bench.timing import ROOT, BenchError, Timing, Track
from emulator.platforms.engines import ENVIRONMENT, running
from emulator.wire.calls import members_of
from shared.clock import SystemClock
from shared.http import HttpRequest
from shared.store.dynamodb import administration

CLIENTS = 16
INSTANCES = 64
"""That the calls about an instance take in turns: more than clients, so that no two are about the same."""
DYNAMODB, SQLITE = "DynamoDB", "SQLite"
NEW, REPEATED, QUERY, FREEZE = "V1 new purchase", "V1 repeated purchase", "V2 query", "V2 freeze, unfreeze"
_CLOCK = SystemClock()


class Load(NamedTuple):
    """Rounds, and calls of each kind in one."""

    rounds: int
    calls: int


@dataclass(frozen=True)
class ServedFigures:
    """A kind of call. ``rate``, ``p50``, ``p95`` and ``p99`` as multiples of those of ``against``, which is on the same
    store.
    """

    store: str
    name: str
    against: str
    rate: float
    p50: float
    p95: float
    p99: float
    per_second: float
    timing: Timing


@dataclass
class ServedSubject:
    """A kind of call to one server; its first round is for warming up."""

    store: str
    name: str
    against: str
    url: str
    timings: list[list[float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def round(self, number: int, calls: int) -> None:
        requests = [request_bytes(request, self.url) for request in _calls(self.name, number, calls)]
        started = time.perf_counter()
        answers = exchanged(self.url, requests, CLIENTS)
        took = time.perf_counter() - started
        for answer in answers:
            if answer.status != 200 or members_of(answer.body)["resultCode"] != "000000":
                raise BenchError(f"{self.store}, {self.name}: answered {answer.body[:200]!r}")
        if number:
            self.timings.append([answer.seconds for answer in answers])
            self.rates.append(calls / took)

    @property
    def timing(self) -> Timing:
        return Timing(self.timings)

    def row(self, other: "ServedSubject") -> ServedFigures:
        mine, others, per_second = self.timing, other.timing, mean(self.rates)
        ratios = per_second / mean(other.rates), mine.p50 / others.p50, mine.p95 / others.p95, mine.p99 / others.p99
        return ServedFigures(self.store, self.name, self.against, *ratios, per_second, mine)


def measure(endpoint: str, load: Load, track: Track) -> list[ServedFigures]:
    """Everything on both stores, in turns.

    :raises BenchError: an answer is not the right one.
    """
    make_table(administration(endpoint))
    with ExitStack() as stack:
        subjects = list(_subjects(stack, endpoint, Path(stack.enter_context(TemporaryDirectory()))))
        in_turns(subjects, load, track)
    found = {(subject.store, subject.name): subject for subject in subjects}
    return [subject.row(found[subject.store, subject.against]) for subject in subjects]


def in_turns(subjects: Sequence[ServedSubject], load: Load, track: Track) -> None:
    """All rounds of all of them, once there is something that the calls are about.

    :raises BenchError: an answer is not the right one.
    """
    market = Market1(_CLOCK)
    bought = [market.purchase(f"CS{number}", business_id=f"bought-{number}") for number in range(INSTANCES)]
    for url in {subject.url for subject in subjects if subject.name == NEW}:
        exchanged(url, [request_bytes(request, url) for request in bought], 1)
    turns = [(subject, number) for number in range(load.rounds + 1) for subject in subjects]
    for subject, number in track(turns, f"{CLIENTS} clients"):
        subject.round(number, load.calls)


def _subjects(stack: ExitStack, endpoint: str, folder: Path) -> Iterator[ServedSubject]:
    def peer(name: str, store: str) -> str:
        command = [sys.executable, "-m", "emulator.bench.served_peers", name, store]
        return stack.enter_context(running(lambda _: command, {"PYTHONPATH": str(ROOT), **ENVIRONMENT}))

    yield ServedSubject(DYNAMODB, POWERTOOLS, POWERTOOLS, peer(POWERTOOLS, endpoint))
    yield ServedSubject(DYNAMODB, PUT, POWERTOOLS, peer(PUT, endpoint))
    store = {"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": endpoint}
    store |= {"KOOGALLERY_TABLE_PREFIX": "served-"}
    yield from bundle(stack, DYNAMODB, POWERTOOLS, {**ENVIRONMENT, **store}, "--development")
    yield ServedSubject(SQLITE, INSERT, INSERT, peer(INSERT, str(folder / "peer.sqlite")))
    store = {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}
    yield from bundle(stack, SQLITE, INSERT, {**ENVIRONMENT, **store}, "--development")


def bundle(
    stack: ExitStack, store: str, against: str, environment: Mapping[str, str], *options: str
) -> Iterator[ServedSubject]:
    """Each kind of call to ``koogallery serve`` with these options, which ends with the stack."""
    command = [sys.executable, "-m", "emulator", "serve", *options]
    url = stack.enter_context(running(lambda _: command, {**SETTINGS, **environment, "PYTHONPATH": str(ROOT)}))
    for name in (NEW, REPEATED, QUERY, FREEZE):
        yield ServedSubject(store, name, against, url)


def _calls(name: str, round_number: int, calls: int) -> Sequence[HttpRequest]:
    """The calls of a round. Whether one freezes its instance or not changes with each."""
    first, second = Market1(_CLOCK), Market2(_CLOCK)
    numbers = range(round_number * calls, (round_number + 1) * calls)
    made: dict[str, Any] = {
        REPEATED: lambda number: first.purchase(f"CS{number % INSTANCES}"),
        QUERY: lambda number: second.query(f"bought-{number % INSTANCES}"),
        FREEZE: lambda number: second.status(f"bought-{number % INSTANCES}", freeze=number // INSTANCES % 2 == 0),
    }
    make = made.get(name, lambda _number: first.purchase(f"CS{uuid4().hex}"))
    return [make(number) for number in numbers]
