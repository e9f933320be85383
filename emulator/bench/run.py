"""The benchmarks: surroundings, sections in order."""

import json
import os
import platform
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from emulator.bench.sections import SECTIONS, SERVICES
from emulator.bench.timing import BenchError, Size, Timing
from emulator.platforms.engines import ENVIRONMENT, ministack

FULL = Size(10, 40, 9, 100_000, 1_000_000, 400, 100_000)
QUICK = Size(3, 10, 3, 2_000, 2_000, 40, 2_000)
_NARROWEST = 120


def main(size: Size, names: Sequence[str], file: Path | None) -> int:
    """Measure these sections and print, and write the figures to ``file`` too. 0; 1 if an answer was not right;
    130 after Ctrl-C or SIGTERM, which end every child too.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = _measure(size, names)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
    _show(results)
    if file:
        file.write_text(json.dumps(_plain(_machine(size) | results), indent=2) + "\n")
    return 0


def _measure(size: Size, names: Sequence[str]) -> dict[str, Any]:
    console = Console(stderr=True)
    console.print(
        f"{', '.join(names)}: about {round(sum(SECTIONS[name].seconds(size) for name in names))} s on two cores"
    )
    with Progress(console=console, redirect_stdout=False, redirect_stderr=False, transient=True) as progress:
        track = lambda steps, description: progress.track(steps, description=description)  # noqa: E731
        results = {}
        for name in names:
            section = SECTIONS[name]
            with ministack(SERVICES) if section.on_engine else nullcontext("") as endpoint, _surroundings():
                results[name] = section.measure(endpoint, size, track)
        return results


def _show(results: Mapping[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, _NARROWEST)
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores", highlight=False)
    for name, rows in results.items():
        console.print(SECTIONS[name].table(rows))


@contextmanager
def _surroundings() -> Iterator[None]:
    """An environment that talks to nobody but the engine, and log lines that are written, but not shown."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_", "KOOGALLERY_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    try:
        # Not closed: the logger keeps it.
        with redirect_stdout(open(os.devnull, "w")):  # noqa: PTH123
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _machine(size: Size) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    } | size._asdict()


def _plain(value: Any) -> Any:
    """For JSON; a timing as its figures."""
    if isinstance(value, Timing):
        return {"per_second": value.per_second, "p50_ms": value.p50, "p95_ms": value.p95, "p99_ms": value.p99}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value
