"""Reads the bundle's log while it is written: how long answers took, and which errors there were."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TextIO, cast

KEPT = 20


CODE = 6
"""Digits of the marketplace's result codes; others get an HTTP status."""


@dataclass
class Answers:
    """How many there were, and the slowest: its milliseconds and its line."""

    number: int = 0
    slowest: float = 0.0
    line: str = ""

    def add(self, milliseconds: float, line: str) -> None:
        self.number += 1
        if milliseconds > self.slowest:
            self.slowest, self.line = milliseconds, line


@dataclass
class LogWatch:
    """``marketplace``: answers to the marketplace; ``others``: to people and to the seller's application. ``errors``
    counts lines of level ERROR by what they say: message, error, and reason or code; ``samples`` are the first of each
    kind, whole. ``about`` has the instances that lines of a kind name; ``failed`` those of calls that came to nothing.
    """

    marketplace: Answers = field(default_factory=Answers)
    others: Answers = field(default_factory=Answers)
    results: Counter[str] = field(default_factory=Counter)
    errors: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str, str], str] = field(default_factory=dict)
    about: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: set[str] = field(default_factory=set)
    _lock: Any = field(default_factory=Lock)

    @property
    def stream(self) -> TextIO:
        return cast(TextIO, self)

    def flush(self) -> None:
        """Nothing waits."""

    def write(self, text: str) -> int:
        for line in filter(None, text.split("\n")):
            with self._lock:
                self._read(line)
        return len(text)

    def _read(self, text: str) -> None:
        try:
            line: dict[str, Any] = json.loads(text)
        except ValueError:
            line = {"level": "ERROR", "message": "a line that is no JSON"}
        if line.get("message") == "answered":
            self._answered(line, text)
        if line.get("message") == "failed":
            self.failed.add(str(line.get("instance_id", "")))
        if line.get("level") == "ERROR":
            kind = str(line.get("message")), str(line.get("error", "")), str(line.get("reason") or line.get("code", ""))
            self.errors[kind] += 1
            self.about[kind].add(str(line.get("instance_id", "")))
            if len(self.samples) < KEPT:
                self.samples.setdefault(kind, text)

    def _answered(self, line: dict[str, Any], text: str) -> None:
        result = str(line.get("result"))
        self.results[result] += 1
        answers = self.marketplace if len(result) == CODE else self.others
        answers.add(float(line.get("milliseconds", 0)), text)
