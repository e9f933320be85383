"""Counts of the processes of one server, together: each writes its own into a file once a second, who is asked adds up.

A process that has ended leaves its file, so that no counter ever falls.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from shared.metrics.catalogue import METRICS, Metric, MetricKind, measured

FOLDER = "COUNTS_OF_KOOGALLERY"
"""Environment variable with which the supervisor tells its processes the folder of these files."""
PAUSE = 1.0
BELIEVED = 2 * 3600.0
"""Seconds for which a gauge is what was seen last. Of several machines only that one sees it whose turn a run was."""


class Counts:
    """:param folder: of the files of all processes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.getpid()}-{time.time_ns()}.json"
        self._folder = folder
        self._lock = Lock()
        self._counted = Counter(
            {each.series: 0 for each in METRICS if each.kind is MetricKind.COUNTER and not each.label}
        )
        self._seen: dict[str, tuple[float, float]] = {}
        self._changed = True

    def line(self, message: str, fields: Mapping[str, Any]) -> None:
        """Count a log line."""
        for metric, value in measured(message, fields):
            name = _name(metric, str(fields.get(metric.label, "")) if metric.label else "")
            with self._lock:
                self._changed = True
                if metric.kind is MetricKind.GAUGE:
                    self._seen[name] = time.time(), value
                elif metric.kind is MetricKind.COUNTER:
                    self._counted[name] += int(value)
                else:
                    self._counted[f"{name}|sum"] += int(value)
                    self._counted[f"{name}|count"] += 1

    def keep_writing(self) -> None:
        """Write what has changed, once a second, from now on until the process ends."""
        Thread(target=self._write_for_ever, name="koogallery-counts", daemon=True).start()

    def write(self) -> None:
        """Write what has changed."""
        with self._lock:
            if not self._changed:
                return
            self._changed = False
            text = json.dumps({"counted": self._counted, "seen": self._seen})
        beside = self._file.with_suffix(".new")
        beside.write_text(text)
        beside.replace(self._file)

    def text(self) -> str:
        """All processes together, as Prometheus reads it."""
        self.write()
        counted: Counter[str] = Counter()
        seen: dict[str, tuple[float, float]] = {}
        since = time.time() - BELIEVED
        for file in sorted(self._folder.glob("*.json")):
            told = json.loads(file.read_text())
            counted.update(told["counted"])
            seen |= {name: each for name, each in told["seen"].items() if each[0] >= seen.get(name, (since, 0.0))[0]}
        return "".join(f"{line}\n" for line in _lines({**counted, **{name: each[1] for name, each in seen.items()}}))

    def _write_for_ever(self) -> None:
        while True:
            time.sleep(PAUSE)
            try:
                self.write()
            except OSError:
                continue  # the disk may have room again


def _name(metric: Metric, label: str) -> str:
    return f"{metric.series}|{label}" if metric.label else metric.series


def _lines(values: Mapping[str, float]) -> Iterator[str]:
    kinds = {MetricKind.COUNTER: "counter", MetricKind.GAUGE: "gauge", MetricKind.DURATION: "summary"}
    for metric in METRICS:
        yield f"# TYPE {metric.series} {kinds[metric.kind]}"
        for name, value in sorted(values.items()):
            series, *rest = name.split("|")
            if series == metric.series:
                label = f'{{{metric.label}="{_escaped(rest[0])}"}}' if metric.label else ""
                suffix = f"_{rest[1]}" if metric.kind is MetricKind.DURATION else ""
                yield f"{series}{suffix}{label} {value:g}"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
