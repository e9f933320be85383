"""What a check is, and how checks are made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from emulator.checks.reading import Expected, Reading
from emulator.texts import Text
from emulator.wire.client import Reply


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It does not apply to this answer, or an earlier check failed that it builds on."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that must be so."""

    id: str

    @property
    def title(self) -> Text:
        """What must be so."""
        return Text(f"checks.{self.id}.title")

    @property
    def advice(self) -> Text:
        """What to do if it is not."""
        return Text(f"checks.{self.id}.advice")


@dataclass(frozen=True, slots=True)
class Check(Requirement):
    """A requirement of an answer. ``rule`` says what is wrong, or ``None``; it is asked only if ``applies``."""

    rule: Callable[[Reading], Text | None]
    applies: Callable[[Reading], bool]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; ``reason``: why it failed."""

    check: Requirement
    verdict: Verdict
    reason: Text | None = None


def examine(reply: Reply, expected: Expected, checks: Sequence[Check]) -> list[CheckResult]:
    """What ``checks`` find in ``reply``, in their order."""
    reading = Reading(reply, expected)
    return [_finding(check, reading) for check in checks]


def first_failure(findings: Sequence[CheckResult]) -> CheckResult | None:
    """The first failed one, or ``None`` if the answer is right."""
    return next((finding for finding in findings if finding.verdict is Verdict.FAILED), None)


def _finding(check: Check, reading: Reading) -> CheckResult:
    if not check.applies(reading):
        return CheckResult(check, Verdict.SKIPPED)
    reason = check.rule(reading)
    return CheckResult(check, Verdict.FAILED, reason) if reason else CheckResult(check, Verdict.PASSED)
