"""Metering on a DynamoDB engine that is so and so far away: requests counted on the wire, and records a second.

Beside it, at the same distance: the metering of AWS's sample, boto3's conditional puts one after the other, and the
items that the bundle's run left, signed beforehand and written over many connections, which nothing can undercut:
events in batches, records each on its condition.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from emulator.bench.delaying_store import DelayingStore, delaying
from emulator.bench.limits import Item, items_of, put, signed_batches, signed_puts, written_over_http
from emulator.bench.metered_seller import MeteredSeller, MeteredUsage
from emulator.bench.peers import SampleMetering
from emulator.bench.timing import BenchError, Track, each, seconds
from shared.store.dynamodb import administration, ensure_tables

DELAYS = (0, 1, 5)
"""Milliseconds that each request waits."""
EVENTS_EACH = 2
"""Events of an instance, which make one record where none is late."""
BUNDLE, SAMPLE, PUT, LIMIT = "bundle", "AWS sample", "boto3 put", "limit"
IN, OUT = "events taken in", "records pushed"
_runs = count()


@dataclass(frozen=True)
class StoreRate:
    """A step at one distance. ``requests``: for each event or record; ``of_limit`` and ``of_sample``: its rate as a
    multiple of the limit's and of the sample's.
    """

    milliseconds: float
    step: str
    name: str
    of_limit: float
    of_sample: float
    requests: float
    per_second: float


class _Rate(NamedTuple):
    requests: float
    per_second: float


class _Meter:
    """Measures at one distance: ``found`` by step and name."""

    def __init__(self, store: DelayingStore, milliseconds: float) -> None:
        self._store, self._milliseconds, self.url = store, milliseconds, store.url
        self.found: dict[tuple[str, str], _Rate] = {}

    def measure(self, step: str, name: str, things: int, work: Callable[[], object]) -> None:
        """``work`` is about so many events or records. Only while it goes on, requests wait."""
        self._store.delay(self._milliseconds)
        self._store.counted()
        took = seconds(work)
        self.found[step, name] = _Rate(self._store.counted().total() / things, things / took)
        self._store.delay(0)

    def rows(self) -> list[StoreRate]:
        """What was measured, beside what it is compared with."""
        return [
            StoreRate(
                self._milliseconds,
                step,
                name,
                rate.per_second / self.found[step, LIMIT].per_second,
                rate.per_second / self.found[step, SAMPLE].per_second,
                *rate,
            )
            for (step, name), rate in self.found.items()
        ]


def measure(endpoint: str, instances: int, track: Track) -> list[StoreRate]:
    """Every step at every distance, for as many instances.

    :raises BenchError: what was billed is not what was used.
    """
    rows: list[StoreRate] = []
    with delaying(endpoint) as store:
        client: Any = administration(store.url)
        for milliseconds in track(DELAYS, "metering over a distance"):
            meter, prefix = _Meter(store, milliseconds), _tables(client)
            _bundle(meter, prefix, instances)
            _sample(meter, client, instances)
            _bare_events(meter, client, items_of(client, f"{prefix}usage"))
            _bare_records(meter, client, items_of(client, f"{prefix}billing"), instances)
            rows += meter.rows()
    return rows


def _bundle(meter: _Meter, prefix: str, instances: int) -> None:
    settings = {"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": meter.url}
    seller = MeteredSeller(settings | {"KOOGALLERY_TABLE_PREFIX": prefix}, instances)
    usage = MeteredUsage(instances * EVENTS_EACH, seller.instances, random.Random(1), late=0, again=0)  # noqa: S311 - test data
    pages = list(usage.pages())
    seller.clock.sleep(3600)
    meter.measure(IN, BUNDLE, usage.sent, lambda: each(seller.take_in, pages))
    seller.clock.sleep(3600)
    meter.measure(OUT, BUNDLE, instances, seller.upload)
    if difference := seller.billed() - usage.used:
        raise BenchError(f"billed and used differ by {difference}")


def _sample(meter: _Meter, client: Any, instances: int) -> None:
    billed: list[int] = []
    sample = SampleMetering(client, lambda _customer, quantity: billed.append(quantity))
    rows = [(f"customer-{number % instances}", number) for number in range(instances * EVENTS_EACH)]
    with sample.table():
        meter.measure(IN, SAMPLE, len(rows), lambda: each(sample.use, rows))
        meter.measure(OUT, SAMPLE, instances, sample.run)
    if sum(billed) != len(rows):
        raise BenchError(f"the sample billed {sum(billed)} of {len(rows)}")


def _bare_events(meter: _Meter, client: Any, events: Sequence[Item]) -> None:
    prefix = _tables(client)
    meter.measure(IN, PUT, len(events), lambda: each(partial(put, client, f"{prefix}usage"), events))
    requests = list(signed_batches(meter.url, f"{prefix}agenda", events))
    meter.measure(IN, LIMIT, len(events), lambda: written_over_http(meter.url, requests))


def _bare_records(meter: _Meter, client: Any, items: Sequence[Item], records: int) -> None:
    """boto3 puts one item for each record, the limit all that the bundle left."""
    prefix = _tables(client)
    meter.measure(OUT, PUT, records, lambda: each(partial(put, client, f"{prefix}usage"), items[:records]))
    requests = list(signed_puts(meter.url, f"{prefix}billing", items))
    meter.measure(OUT, LIMIT, records, lambda: written_over_http(meter.url, requests))


def _tables(client: Any) -> str:
    """Empty ones; their prefix."""
    prefix = f"rates-{next(_runs)}-"
    ensure_tables(client, prefix)
    return prefix
