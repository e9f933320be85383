"""The results as tables."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from emulator.bench import billing, cold, first_call, organisation, requests, signatures, strangers
from emulator.bench.timing import Timing


def show_requests(console: Console, rows: Sequence[requests.RequestFigures]) -> None:
    """Whole requests; a new store or version begins a new section."""
    table = _table(
        f"Whole requests, {_times(rows[0].timing)} each: platform event in, verified, dispatched, signed answer out",
        ["store", "version", "request"],
        ["per second", "p50 ms", "p99 ms", "store calls", "speed"],
        "speed: as a multiple of the last column's, which is on the DynamoDB API. store calls: HTTP requests counted.",
    )
    table.add_column("compared with")
    before = None
    for row in rows:
        if before not in (None, (row.store, row.version)):
            table.add_section()
        before = (row.store, row.version)
        timing = row.timing
        calls = "-" if row.http_calls is None else f"{row.http_calls:g}"
        numbers = [f"{timing.per_second:,.0f}", f"{timing.p50:.2f}", f"{timing.p99:.2f}", calls, f"x {row.speed:.2f}"]
        table.add_row(row.store, row.version or "-", row.name, *numbers, row.against)
    console.print(table)


def show_signatures(console: Console, rows: Sequence[signatures.SignatureFigures]) -> None:
    table = _table(
        "Signing and encryption alone",
        ["operation"],
        ["per second", "µs", "speed"],
        "speed: as a multiple of the bare primitive's over the same bytes.",
    )
    table.add_column("bare primitive")
    for row in rows:
        numbers = [f"{row.timing.per_second:,.0f}", f"{row.timing.p50 * 1000:.1f}", f"x {row.speed:.2f}"]
        table.add_row(row.name, *numbers, row.against)
    console.print(table)


def show_strangers(console: Console, rows: Sequence[strangers.StrangerFigures]) -> None:
    table = _table(
        "Unsigned bodies of 4 MiB",
        ["shape", "dearest address"],
        ["CPU ms"],
        f"until they are refused; more than {strangers.LIMIT:g} ms would end the benchmark.",
    )
    for row in rows:
        table.add_row(row.shape, row.address, f"{row.milliseconds:.0f}")
    console.print(table)


def show_cold(console: Console, rows: Sequence[cold.ColdStart]) -> None:
    stages = {cold.IMPORT: "imported", cold.STORELESS: "answered A", cold.STORED: "answered B"}
    table = _table(
        f"Cold start, {_times(rows[0].stages[cold.IMPORT].timing)}: a fresh interpreter each, .pyc files there",
        ["handler"],
        [*(title for stage in stages.values() for title in (f"{stage} ms", "time")), "MiB", "peak"],
        "time: as a multiple of the reference, python -c 'import boto3; boto3.client(\"dynamodb\")'. "
        "A: and a debug call of V1 answered, no store. B: and a debug call of V2, whose nonce is stored over the "
        "DynamoDB API; of the bare handler a new event; of scheduled functions a run with nothing to do. "
        "MiB: of memory, imported, and at the peak.",
    )
    for row in rows:
        cells = []
        for stage in stages:
            measured = row.stages.get(stage)
            cells += [f"{measured.timing.p50:.0f}", f"x {measured.ratio:.2f}"] if measured else ["-", "-"]
        table.add_row(row.name, *cells, f"{row.imported_mib:.0f}", f"{row.peak_mib:.0f}")
    console.print(table)


def show_first_call(console: Console, rows: Sequence[first_call.FirstCallFigures]) -> None:
    table = _table(
        f"First purchase of a new process, secrets by reference, {_times(rows[0].call)}: as Lambda runs it",
        ["processor, from the call on"],
        ["INIT ms", "call ms", "both ms"],
        "INIT at full speed. 0.29 of a processor is what 512 MB buy.",
    )
    for row in rows:
        table.add_row(f"{row.share:.2f}", *(f"{timing.p50:.0f}" for timing in (row.init, row.call, row.cold)))
    console.print(table)


def show_billing(console: Console, rows: Sequence[billing.BillingFigures]) -> None:
    table = _table(
        "Metering: a tenth of the events sent twice, a twentieth late, a tenth of the calls failing",
        [],
        [
            "events",
            "in per second",
            "records",
            "out per second",
            "calls",
            "failed",
            "peak MiB",
            "billed - used",
            "growth",
        ],
        "On SQLite, one process. growth: time per event, as a multiple of the row above.",
    )
    before = None
    for row in rows:
        seconds = row.events / row.events_per_second + row.records / row.records_per_second
        growth = f"x {seconds / row.events / before:.2f}" if before else "-"
        before = seconds / row.events
        numbers = [
            f"{row.events:,}",
            f"{row.events_per_second:,.0f}",
            f"{row.records:,}",
            f"{row.records_per_second:,.0f}",
        ]
        table.add_row(*numbers, str(row.pushes), str(row.failed), f"{row.peak_mib:.0f}", row.difference, growth)
    console.print(table)


def show_organisation(console: Console, rows: Sequence[organisation.OrganisationFigures]) -> None:
    table = _table(
        "Organisation sync, V2: all departments in one call, then 500 users a call, in any order, a tenth of the calls "
        "repeated, a tenth changes, a tenth deletions",
        ["store"],
        ["departments", "ms", "users", "calls", "users per second", "p50 ms", "p99 ms", "store calls", "speed"],
        "At the end the directory was compared with its source. store calls: HTTP requests counted, for 500 users who "
        "are new / repeated / changed. speed: as a multiple of writing 500 bare items in batches.",
    )
    for row in rows:
        requests_ = "-" if row.requests is None else " / ".join(map(str, row.requests))
        speed = "-" if row.speed is None else f"x {row.speed:.2f}"
        numbers = [f"{row.departments:,}", f"{row.departments_ms:,.0f}", f"{row.users:,}", f"{row.calls:,}"]
        numbers += [f"{row.users_per_second:,.0f}", f"{row.timing.p50:.0f}", f"{row.timing.p99:.0f}", requests_, speed]
        table.add_row(row.store, *numbers)
    console.print(table)


def _times(timing: Timing) -> str:
    return f"{len(timing.calls)} times"


def _table(title: str, texts: Iterable[str], numbers: Iterable[str], caption: str) -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for text in texts:
        table.add_column(text, no_wrap=True)
    for number in numbers:
        table.add_column(number, justify="right")
    return table
