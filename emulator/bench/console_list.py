"""The console's list of calls when it is full, as a browser asks for it, beside the same console with few calls."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from emulator.bench.market import Market1
from emulator.bench.raw_http import exchanged, request_bytes
from emulator.bench.timing import ROOT, BenchError, Timing, Track
from emulator.marketplace.delivery.call import Direction, Family, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.storage.database import Database
from emulator.marketplace.storage.timeline import Timeline
from emulator.platforms.engines import running
from shared.clock import SystemClock
from shared.commands import Version
from shared.http import HttpRequest

FEW = 100
_ASKED = 10
_CHUNK = 1000


@dataclass(frozen=True)
class ListFigures:
    """A page. ``ratio``: its time as a multiple of that with :data:`FEW` calls; ``more_mib``: what the console has more
    of memory than that one, all pages taken together.
    """

    calls: int
    page: str
    ratio: float
    timing: Timing
    mib: float
    more_mib: float


def measure(calls: int, track: Track) -> list[ListFigures]:
    """Each page, in turns on both consoles.

    :raises BenchError: a page does not come.
    """
    pages = {"first page": "/calls", "one call": "/calls/{}", "oldest calls": "/calls/older?before=60"}
    times: dict[tuple[str, int], list[list[float]]] = {(page, size): [] for page in pages for size in (FEW, calls)}
    with TemporaryDirectory() as folder, _console(Path(folder), FEW) as few, _console(Path(folder), calls) as full:
        urls = {FEW: few, calls: full}
        for _ in track(range(_ASKED), "the console's list"):
            for (page, size), found in times.items():
                found.append(_seconds(urls[size], pages[page].format(size // 2)))
        mib = {size: _mib(url) for size, url in urls.items()}
    return [
        ListFigures(
            calls,
            page,
            Timing(times[page, calls]).over(Timing(times[page, FEW])),
            Timing(times[page, calls]),
            mib[calls],
            mib[calls] - mib[FEW],
        )
        for page in pages
    ]


def _seconds(url: str, path: str) -> list[float]:
    (answer,) = exchanged(url, [request_bytes(HttpRequest("GET", path), url)], 1)
    if answer.status != 200:
        raise BenchError(f"the console answered {answer.status} for {path}")
    return [answer.seconds]


@contextmanager
def _console(folder: Path, calls: int) -> Iterator[str]:
    """A console, in a process of its own, over a marketplace that has made so many calls; it was warmed up."""
    file = folder / f"{calls}.sqlite"
    with closing(Database(file)) as database:
        _fill(database, calls)
    arguments = ["console", "http://127.0.0.1:9/saas", "--development-keys", "--file", str(file), "--port"]
    with running(
        lambda port: [sys.executable, "-m", "emulator", *arguments, str(port)], {"PYTHONPATH": str(ROOT)}
    ) as url:
        _seconds(url, "/calls")
        yield url


def _fill(database: Database, calls: int) -> None:
    timeline, clock = Timeline(database), SystemClock()
    began, request = clock.now() - timedelta(days=1), Market1(clock).purchase("CS1")
    call = RecordedCall(
        at=began,
        direction=Direction.OUT,
        family=Family.PRODUCTION,
        activity="newInstance",
        version=Version.V1,
        key_name="key",
        expected=("000000",),
        sent=SentRequest.of(request),
        received=ReceivedAnswer(status=200, body=b'{"resultCode":"000000","resultMsg":"success"}'),
        code="000000",
    )
    for start in range(0, calls, _CHUNK):
        with database.changing():
            for number in range(start, min(start + _CHUNK, calls)):
                names = {"order_id": f"CS{number}", "instance_id": f"instance-{number}"}
                timeline.add(call.model_copy(update={**names, "at": began + timedelta(milliseconds=800 * number)}))


def _mib(url: str) -> float:
    """Resident memory of the child of this process that serves at ``url``."""
    port = url.rpartition(":")[2]
    children = psutil.Process().children()
    return next(float(each.memory_info().rss) / 2**20 for each in children if port in each.cmdline())
