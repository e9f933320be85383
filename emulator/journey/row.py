"""One step of the journey, as it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emulator.checks import CheckResult
from emulator.texts import Parameter, Text


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """``version``: of the protocol, empty where there is none. ``sent``: the ids and words that tell the step from
    others. ``failure``: the first check that failed.
    """

    chapter: Text
    step: Text
    version: str
    sent: Mapping[str, Parameter]
    request_id: str
    code: str
    milliseconds: float
    failure: CheckResult | None

    @property
    def passed(self) -> bool:
        """Did the answer pass every check?"""
        return self.failure is None

    @property
    def verdict(self) -> str:
        """✓, or ✗ with what is wrong."""
        return "✓" if self.failure is None else f"✗ {self.failure.check.id}: {self.failure.reason}"

    @property
    def ids(self) -> str:
        """``sent`` in short: instance ids by their first digits."""
        return " ".join(_short(name, str(value)) for name, value in self.sent.items())


def summary(rows: Sequence[JourneyRow]) -> str:
    """``N passed, M failed``."""
    passed = sum(row.passed for row in rows)
    return str(Text("terminal.journey", passed=passed, failed=len(rows) - passed))


def _short(name: str, value: str) -> str:
    if name == "testFlag":
        return "debug" if value == "1" else ""
    return ",".join(f"{part[:8]}…" for part in value.split(",")) if name == "instanceId" else value
