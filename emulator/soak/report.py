"""What a soak shows: a line while it runs, a table at the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from emulator.soak.finding import SoakFinding
from emulator.soak.soak import Progress, Soak
from emulator.texts import Text as Words
from emulator.texts import named


@contextmanager
def progress_line() -> Iterator[Callable[[Progress], None]]:
    """The progress line, where there is a terminal."""
    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield lambda progress: live.update(Text(str(_line(progress))))


def _line(progress: Progress) -> Words:
    rate = progress.calls / progress.seconds if progress.seconds else 0.0
    return Words(
        "soak.progress",
        part=f"{progress.part:4.0%}",
        now=f"{progress.now:%Y-%m-%d %H:%M}",
        calls=progress.calls,
        rate=f"{rate:.0f}",
        live=progress.live,
        memory=f"{progress.memory:.0f}",
    )


def show(soak: Soak, found: Mapping[str, SoakFinding]) -> None:
    rows = (
        (each.passed, str(named("soak.true", title)), f"{each.numbers}\n{each.shown}".strip())
        for title, each in found.items()
    )
    print_marked(str(_summary(soak)), [str(Words(f"soak.{name}")) for name in ("verdict", "numbers")], rows)


def print_marked(title: str, columns: Sequence[str], rows: Iterable[tuple[bool, *tuple[str, ...]]]) -> None:
    """A table of what is as it should be, and what is not."""
    table = Table("", *columns, title=title, title_justify="left", show_edge=False)
    for passed, *cells in rows:
        table.add_row(Text("✓", "green") if passed else Text("✗", "red"), *map(Text, cells))
    Console().print(table)


def as_json(soak: Soak, found: Mapping[str, SoakFinding], options: SimpleNamespace) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "faults": options.faults,
        "rate": options.rate,
        "passed": all(each.passed for each in found.values()),
        "verdict": [
            {"title": title, "passed": each.passed, "numbers": each.numbers, "problems": list(each.problems)}
            for title, each in found.items()
        ],
        "calls": dict(soak.tally.calls),
        "faults_met": dict(soak.tally.faults),
        "acts": dict(soak.buyers.done),
        "usage": dict(soak.usage.counts),
        "people": dict(soak.logins.counts),
        "results": dict(soak.environment.watch.results),
    }


def _summary(soak: Soak) -> Words:
    seconds, memory = soak.sizes[-1]
    calls = soak.tally.calls.total()
    return Words(
        "soak.summary",
        seed=soak.seed,
        acts=len(soak.planned),
        calls=calls,
        rate=f"{calls / max(seconds, 1):.0f}",
        until=f"{soak.environment.clock.now():%Y-%m-%d %H:%M}",
        seconds=f"{seconds:.0f}",
        memory=f"{memory:.0f}",
    )
