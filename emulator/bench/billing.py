"""Metering at scale on SQLite: events in, records out, through the real intake, ledger, uploader and usage API of the
emulator. Each size runs in an interpreter of its own, so that its peak of memory is its own.

Of the events a tenth is sent twice and a twentieth is up to 20 days late; a tenth of the calls to the usage API fails.
Events are made page by page and the API's book is a file, so the memory is that of the bundle. The instances are stored
by another process, as what that leaves in memory would hide what metering takes.
"""

import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.bench.limits import written_to_sqlite
from emulator.bench.metered_seller import MeteredSeller, MeteredUsage
from emulator.bench.timing import BenchError, Track, peak_mib, seconds

EVENTS_EACH = 50
"""Events of one instance."""
BATCH = 100
"""Records in a call: few enough for the faults to matter."""
_LEAST = 100
LIMITED = 10_000
"""Items at most that the limit is measured with."""


@dataclass(frozen=True)
class BillingFigures:
    """One size. ``of_limit``: records a second as a part of how many durable transactions of one item each the same
    file takes. ``difference`` is billed minus used, which must be 0; ``pushes`` are calls to the usage API.
    """

    events: int
    of_limit: float
    events_per_second: float
    records: int
    records_per_second: float
    pushes: int
    failed: int
    start_mib: float
    peak_mib: float
    difference: str

    @property
    def seconds_per_event(self) -> float:
        """From intake to acceptance."""
        return 1 / self.events_per_second + self.records / self.records_per_second / self.events


def sizes(most: int) -> tuple[int, ...]:
    """Numbers of events up to that one, each ten times the one before."""
    return tuple(most // 10**power for power in (3, 2, 1, 0) if most // 10**power >= _LEAST)


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


def run(size: int, folder: Path) -> BillingFigures:
    """Meter ``size`` different events."""
    store = folder / "store.sqlite"
    settings = {"KOOGALLERY_STORE": f"sqlite:{store}", "KOOGALLERY_USAGE_BATCH": str(BATCH)}
    book = sqlite3.connect(folder / "book.sqlite", isolation_level=None, check_same_thread=False)
    for saving in ("synchronous = OFF", "journal_mode = MEMORY"):
        book.execute(f"PRAGMA {saving}")  # the marketplace's disk is no cost of the bundle
    instances = max(10, size // EVENTS_EACH)
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        elsewhere.submit(_sell, settings, instances).result()
    seller = MeteredSeller(settings, instances, failing=0.1, book=book, sold=True)
    usage = MeteredUsage(size, seller.instances, random.Random(size))  # noqa: S311 - test data
    seller.clock.sleep(3600)
    start_mib, took_in = peak_mib(), sum(seconds(partial(seller.take_in, page)) for page in usage.pages())
    seller.clock.sleep(3600)
    records: list[int] = []
    took_out = seconds(lambda: records.append(seller.upload()))
    items, took = _once_more(store, folder / "limit.sqlite")
    return BillingFigures(
        events=usage.sent,
        of_limit=records[0] / took_out / (items / took),
        events_per_second=usage.sent / took_in,
        records=records[0],
        records_per_second=records[0] / took_out,
        pushes=seller.client.pushes,
        failed=seller.client.failed,
        start_mib=start_mib,
        peak_mib=peak_mib(),
        difference=format(seller.billed() - usage.used, "f"),
    )


def _sell(settings: Mapping[str, str], instances: int) -> None:
    MeteredSeller(settings, instances)


def _once_more(store: Path, file: Path) -> tuple[int, float]:
    """Items of the run, and the seconds that it takes to write them, each in a transaction of its own."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(f"SELECT * FROM billing LIMIT {LIMITED}").fetchall()  # noqa: S608 - a number
    return len(rows), written_to_sqlite(file, rows)


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        print(json.dumps(asdict(run(int(sys.argv[1]), Path(place)))))
