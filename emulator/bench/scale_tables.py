"""The results of sections about many records, many clients, many calls, as tables; ratios come first."""

from collections.abc import Sequence

from rich.table import Table

from emulator.bench import billing, console_list, limits, served, store_rates
from emulator.bench.tables import table_of, whole


def rates_table(rows: Sequence[store_rates.StoreRate]) -> Table:
    table = table_of(
        "Metering on the DynamoDB API, each request so many milliseconds late",
        ["ms", "step", "of"],
        ["to the limit", "to the sample", "requests each", "per second"],
        f"{store_rates.EVENTS_EACH} events make a record. limit: the items that the bundle left, signed beforehand, "
        f"over {limits.CONNECTIONS} connections. Requests were counted on the wire.",
    )
    for row in rows:
        ratios = f"x {row.of_limit:.2f}", f"x {row.of_sample:.2f}"
        table.add_row(
            f"{row.milliseconds:g}", row.step, row.name, *ratios, f"{row.requests:.2f}", whole(row.per_second)
        )
    return table


def billing_table(rows: Sequence[billing.BillingFigures]) -> Table:
    table = table_of(
        "Metering on SQLite: a tenth of the events sent twice, a twentieth late, a tenth of the calls failing",
        [],
        ["events", "growth", "to limit", "more MiB", "billed-used", "in/s", "records", "out/s", "failed", "peak MiB"],
        "One process. growth: time per event, as a multiple of the row above. limit: durable transactions of one item "
        "each. more MiB: of memory than before the first event. in/s, out/s: events taken in, records pushed a second.",
    )
    before = [None, *(each.seconds_per_event for each in rows)]
    for row, earlier in zip(rows, before, strict=False):
        growth = f"x {row.seconds_per_event / earlier:.2f}" if earlier else "-"
        ratios = growth, f"x {row.of_limit:.2f}", f"{row.peak_mib - row.start_mib:.0f}", row.difference
        counts = whole(row.events_per_second), f"{row.records:,}", whole(row.records_per_second)
        table.add_row(f"{row.events:,}", *ratios, *counts, f"{row.failed} of {row.pushes}", f"{row.peak_mib:.0f}")
    return table


def served_table(rows: Sequence[served.ServedFigures]) -> Table:
    note = (
        "calls, p50, p95, p99: as multiples of the first of the same store, behind the same server. powertools: "
        "idempotency around a constant; put: boto3's conditional put; insert: one durable transaction."
    )
    return _over_http("at the served address", note, rows)


def production_table(rows: Sequence[served.ServedFigures]) -> Table:
    note = "calls, p50, p95, p99: as multiples of SQLite's. Two processes answer; PostgreSQL is on the same machine."
    return _over_http("to the server for production", note, rows)


def _over_http(where: str, note: str, rows: Sequence[served.ServedFigures]) -> Table:
    table = table_of(
        f"Over HTTP {where}, {served.CLIENTS} clients, {len(rows[0].timing.calls)} calls of each kind",
        ["store", "call"],
        ["calls", "p50", "p95", "p99", "per second", "p50 ms", "p95 ms", "p99 ms"],
        note,
    )
    for before, row in zip([None, *rows], rows, strict=False):
        if before and before.store != row.store:
            table.add_section()
        ratios = [f"x {ratio:.2f}" for ratio in (row.rate, row.p50, row.p95, row.p99)]
        times = [f"{time:.1f}" for time in (row.timing.p50, row.timing.p95, row.timing.p99)]
        table.add_row(row.store, row.name, *ratios, whole(row.per_second), *times)
    return table


def console_table(rows: Sequence[console_list.ListFigures]) -> Table:
    return table_of(
        f"The console's list of {rows[0].calls:,} calls",
        ["page"],
        ["growth", "more MiB", "p50 ms", "MiB"],
        f"growth, more MiB: over the same page with {console_list.FEW} calls.",
        (
            (row.page, f"x {row.ratio:.2f}", f"{row.more_mib:.1f}", f"{row.timing.p50:.1f}", f"{row.mib:.0f}")
            for row in rows
        ),
    )
