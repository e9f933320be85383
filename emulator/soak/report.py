"""What a soak shows: a line while it runs, a table at the end."""

from collections.abc import Sequence
from types import SimpleNamespace, TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from emulator.soak.soak import Progress, Soak
from emulator.soak.verdict import VerdictLine
from emulator.texts import Text as Words
from emulator.texts import named


class Screen:
    """The progress line, where there is a terminal."""

    def __init__(self) -> None:
        self._live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def told(self, progress: Progress) -> None:
        rate = progress.calls / progress.seconds if progress.seconds else 0.0
        text = Words(
            "soak.progress",
            part=f"{progress.part:4.0%}",
            now=f"{progress.now:%Y-%m-%d %H:%M}",
            calls=progress.calls,
            rate=f"{rate:.0f}",
            live=progress.live,
            memory=f"{progress.memory:.0f}",
        )
        self._live.update(Text(str(text)))


def show(soak: Soak, lines: Sequence[VerdictLine]) -> None:
    table = Table("", title=str(_summary(soak)), title_justify="left", show_edge=False)
    for name in ("verdict", "numbers"):
        table.add_column(str(Words(f"soak.{name}")))
    for line in lines:
        mark, style = ("✓", "green") if line.passed else ("✗", "red")
        table.add_row(
            Text(mark, style),
            str(named("soak.true", line.title)),
            Text("\n".join(filter(None, (line.numbers, line.shown)))),
        )
    Console().print(table)


def as_json(soak: Soak, lines: Sequence[VerdictLine], options: SimpleNamespace) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "faults": options.faults,
        "rate": options.rate,
        "passed": all(line.passed for line in lines),
        "verdict": [
            {"title": line.title, "passed": line.passed, "numbers": line.numbers, "problems": list(line.problems)}
            for line in lines
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
