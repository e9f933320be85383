"""The sections of the benchmark in their order: how each is measured and shown, and how long it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from emulator.bench import (
    billing,
    cold,
    console_list,
    first_call,
    organisation,
    production,
    requests,
    scale_tables,
    served,
    signatures,
    store_rates,
    strangers,
    tables,
)
from emulator.bench.bare import make_table
from emulator.bench.timing import Size, Track
from shared.store.dynamodb import administration, ensure_tables


@dataclass(frozen=True)
class BenchSection:
    """``measure`` is given the URL of a DynamoDB engine of its own, or nothing where it is not ``on_engine``;
    ``seconds`` are about those of two cores.
    """

    measure: Callable[[str, Size, Track], Any]
    table: Callable[[Any], Table]
    seconds: Callable[[Size], float]
    on_engine: bool = True


def _cold(endpoint: str, size: Size, track: Track) -> list[cold.ColdStart]:
    """What is started finds its tables."""
    make_table(_ensured(endpoint))
    return cold.measure(endpoint, size, track)


def _first_call(endpoint: str, size: Size, track: Track) -> list[first_call.FirstCallFigures]:
    _ensured(endpoint)
    return first_call.measure(endpoint, size, track)


def _ensured(endpoint: str) -> Any:
    """A client of the engine, in which the bundle's tables are."""
    client: Any = administration(endpoint)
    ensure_tables(client, requests.PREFIX)
    return client


SERVICES = "dynamodb,secretsmanager"
"""Of the engine."""
SECTIONS = {
    "requests": BenchSection(requests.measure, tables.requests_table, lambda size: size.rounds * size.calls / 7),
    "served": BenchSection(
        lambda endpoint, size, track: served.measure(endpoint, served.Load(min(size.rounds, 5), 8 * size.calls), track),
        scale_tables.served_table,
        lambda size: 8 + min(size.rounds, 5) * size.calls / 4,
    ),
    "production": BenchSection(
        lambda _endpoint, size, track: production.measure(served.Load(min(size.rounds, 5), 8 * size.calls), track),
        scale_tables.production_table,
        lambda size: 12 + min(size.rounds, 5) * size.calls / 8,
        on_engine=False,
    ),
    "rates": BenchSection(
        lambda endpoint, size, track: store_rates.measure(endpoint, size.instances, track),
        scale_tables.rates_table,
        lambda size: 2 + size.instances / 6,
    ),
    "billing": BenchSection(
        lambda _endpoint, size, track: billing.measure(billing.sizes(size.events), track),
        scale_tables.billing_table,
        lambda size: 4 + size.events / 4000,
        on_engine=False,
    ),
    "console": BenchSection(
        lambda _endpoint, size, track: console_list.measure(size.listed, track),
        scale_tables.console_table,
        lambda size: 2 + size.listed / 10_000,
        on_engine=False,
    ),
    "signatures": BenchSection(
        lambda _endpoint, size, track: signatures.measure(size, track),
        tables.signatures_table,
        lambda _size: 3,
        on_engine=False,
    ),
    "strangers": BenchSection(
        lambda _endpoint, size, track: strangers.measure(min(size.rounds, 3), track),
        tables.strangers_table,
        lambda size: 2 * min(size.rounds, 3),
        on_engine=False,
    ),
    "cold": BenchSection(_cold, tables.cold_table, lambda size: min(60, 8 * size.starts)),
    "first_call": BenchSection(_first_call, tables.first_call_table, lambda size: 2 * size.starts),
    "organisation": BenchSection(organisation.measure, tables.organisation_table, lambda size: 4 + size.users / 1500),
}
