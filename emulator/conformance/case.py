"""What a case of the checker is, what it sends, and what came of it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from emulator.checks import Reading, Requirement
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.step import Step
from emulator.keys import Keys
from emulator.texts import Text, first
from emulator.wire.client import Answer, Reply
from shared.http import HttpRequest


class CaseVerdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    """Not as it should be, yet the marketplace is not known to insist on it."""
    SKIPPED = "skipped"
    """Not tried, or nothing came back that could be judged."""


@dataclass(frozen=True, slots=True)
class Says:
    """What the seller console shows, word for word, in Chinese and in English; empty where no page tells."""

    chinese: str = ""
    english: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Requirement):
    """A requirement of the seller's server.

    ``source``: the marketplace's page that asks for it, ``says``: the console's own words. ``version`` is empty for
    what belongs to both. ``advised`` cases warn instead of failing.
    """

    source: str
    says: Says = Says()
    version: str = ""
    advised: bool = False

    @property
    def why(self) -> Text:
        """Why it matters."""
        return Text(f"checks.{self.id}.why")


Play: TypeAlias = Callable[[CallFactory], Generator[Step, Reading, None]]
"""Yields calls and is given what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCase(Case):
    """Sends calls and judges their results.

    ``kind`` of the group's texts that it has where it has none of its own. ``keys`` names those it needs; ``real``
    calls are no debug calls; ``sync``: only products in joint operation have the interface.
    """

    play: Play
    keys: tuple[str, ...]
    kind: str = "default"
    real: bool = False
    sync: bool = False

    @property
    def title(self) -> Text:
        """What it is called."""
        return self._text("title")

    @property
    def why(self) -> Text:
        """Why it matters."""
        return self._text("why")

    @property
    def advice(self) -> Text:
        """What to do."""
        return self._text("advice")

    def _text(self, part: str) -> Text:
        """Its own, that of both versions, or the group's."""
        group, _, name = self.id.rpartition(".")
        both = group.partition(".")[2]
        return first(*(f"cases.{part}.{each}.{last}" for last in (name, self.kind) for each in (group, both)))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and what came back.

    ``case``: id of the case that sent it; ``at``: when the answer was there, UTC; ``keys``: what no report may show.
    """

    case: str
    request: HttpRequest
    reading: Reading = field(repr=False)
    at: datetime
    keys: Keys = field(repr=False)

    @property
    def reply(self) -> Reply:
        return self.reading.reply

    @property
    def answered(self) -> bool:
        return isinstance(self.reply, Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCase(Case):
    """Judges every answer, whatever the call. ``warns``: an answer for which it warns instead of failing."""

    rule: Callable[[Exchange], Text | None]
    applies: Callable[[Exchange], bool] = lambda exchange: exchange.answered
    warns: Callable[[Exchange], bool] = lambda _exchange: False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCase(Case):
    """Judges the address itself. ``rule`` gives what is wrong with a URL."""

    rule: Callable[[str], Text | None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a case found: ``reason``: why it did not pass; ``exchanges`` are those it is about."""

    case: Case
    verdict: CaseVerdict
    reason: Text | None = None
    exchanges: tuple[Exchange, ...] = ()

    @property
    def milliseconds(self) -> float:
        """How long the answers took together."""
        return sum(exchange.reply.milliseconds for exchange in self.exchanges)
