"""The results as tables."""

from collections.abc import Iterable, Sequence

from rich.table import Table

from emulator.bench import cold, first_call, organisation, requests, signatures, strangers
from emulator.bench.timing import Timing


def requests_table(rows: Sequence[requests.RequestFigures]) -> Table:
    """Whole requests; a new store or version begins a new section."""
    table = table_of(
        f"Whole requests, {_times(rows[0].timing)} each: platform event in, verified, dispatched, signed answer out",
        ["store", "version", "request", "compared with"],
        ["speed", "store calls", "per second", "p50 ms", "p99 ms"],
        "speed: as a multiple of what it is compared with, which is on the DynamoDB API. store calls: HTTP requests "
        "counted on the wire.",
    )
    before = None
    for row in rows:
        if before not in (None, (row.store, row.version)):
            table.add_section()
        before = (row.store, row.version)
        timing = row.timing
        calls = "-" if row.http_calls is None else f"{row.http_calls:g}"
        numbers = [f"x {row.speed:.2f}", calls, whole(timing.per_second), f"{timing.p50:.2f}", f"{timing.p99:.2f}"]
        table.add_row(row.store, row.version or "-", row.name, row.against, *numbers)
    return table


def signatures_table(rows: Sequence[signatures.SignatureFigures]) -> Table:
    return table_of(
        "Signing and encryption alone",
        ["operation", "bare primitive"],
        ["speed", "per second", "µs"],
        "speed: as a multiple of the bare primitive's over the same bytes.",
        (
            (row.name, row.against, f"x {row.speed:.2f}", whole(row.timing.per_second), f"{row.timing.p50 * 1000:.1f}")
            for row in rows
        ),
    )


def strangers_table(rows: Sequence[strangers.StrangerFigures]) -> Table:
    return table_of(
        "Unsigned bodies of 4 MiB",
        ["shape", "dearest address"],
        ["CPU ms"],
        f"until they are refused; more than {strangers.LIMIT:g} ms would end the benchmark.",
        ((row.shape, row.address, f"{row.milliseconds:.0f}") for row in rows),
    )


def cold_table(rows: Sequence[cold.ColdStart]) -> Table:
    stages = {cold.IMPORT: "imported", cold.STORELESS: "answered A", cold.STORED: "answered B"}
    table = table_of(
        f"Cold start, {_times(rows[0].stages[cold.IMPORT].timing)}: a fresh interpreter each, .pyc files there",
        ["handler"],
        [*(title for stage in stages.values() for title in ("time", f"{stage} ms")), "MiB", "peak"],
        "time: as a multiple of the reference, python -c 'import boto3; boto3.client(\"dynamodb\")'. "
        "A: and a debug call of V1 answered, no store. B: and a debug call of V2, whose nonce is stored over the "
        "DynamoDB API; of the bare handler a new event; of scheduled functions a run with nothing to do. "
        "MiB: of memory, imported, and at the peak.",
    )
    for row in rows:
        cells = []
        for stage in stages:
            measured = row.stages.get(stage)
            cells += [f"x {measured.ratio:.2f}", f"{measured.timing.p50:.0f}"] if measured else ["-", "-"]
        table.add_row(row.name, *cells, f"{row.imported_mib:.0f}", f"{row.peak_mib:.0f}")
    return table


def first_call_table(rows: Sequence[first_call.FirstCallFigures]) -> Table:
    return table_of(
        f"First purchase of a new process, secrets by reference, {_times(rows[0].call)}: as Lambda runs it",
        ["processor, from the call on"],
        ["INIT ms", "call ms", "both ms"],
        "INIT at full speed. 0.29 of a processor is what 512 MB buy.",
        ((f"{row.share:.2f}", *(f"{each.p50:.0f}" for each in (row.init, row.call, row.cold))) for row in rows),
    )


def organisation_table(rows: Sequence[organisation.OrganisationFigures]) -> Table:
    table = table_of(
        "Organisation sync, V2: all departments in one call, then 500 users a call, in any order, a tenth of the calls "
        "repeated, a tenth changes, a tenth deletions",
        ["store"],
        ["speed", "store calls", "departments", "ms", "users", "calls", "users per second", "p50 ms", "p99 ms"],
        "At the end the directory was compared with its source. store calls: HTTP requests counted, for 500 users who "
        "are new / repeated / changed. speed: as a multiple of writing 500 bare items in batches.",
    )
    for row in rows:
        requests_ = "-" if row.requests is None else " / ".join(map(str, row.requests))
        speed = "-" if row.speed is None else f"x {row.speed:.2f}"
        numbers = [speed, requests_, f"{row.departments:,}", f"{row.departments_ms:,.0f}", f"{row.users:,}"]
        numbers += [f"{row.calls:,}", whole(row.users_per_second), f"{row.timing.p50:.0f}", f"{row.timing.p99:.0f}"]
        table.add_row(row.store, *numbers)
    return table


def _times(timing: Timing) -> str:
    return f"{len(timing.calls)} times"


def table_of(
    title: str, texts: Iterable[str], numbers: Iterable[str], caption: str, rows: Iterable[Iterable[str]] = ()
) -> Table:
    """One of these rows; ``caption`` explains what the columns of numbers are."""
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for text in texts:
        table.add_column(text, no_wrap=True)
    for number in numbers:
        table.add_column(number, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def whole(number: float) -> str:
    return f"{number:,.0f}"
