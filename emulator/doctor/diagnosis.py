"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum

from emulator.texts import Parameter, Text


class Severity(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, or it could not be proved."""
    ERROR = "error"
    """Calls fail, or will."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding: ``check`` names the kind, ``fix`` says what mends it."""

    check: str
    level: Severity
    text: Text
    fix: Text | None = None

    def document(self, language: str) -> dict[str, str]:
        """As JSON."""
        fix = self.fix.said(language) if self.fix else ""
        return {"check": self.check, "level": self.level.value, "text": self.text.said(language), "fix": fix}


def ok(check: str, /, **parameters: Parameter) -> Diagnosis:
    """Proved."""
    return Diagnosis(check, Severity.OK, Text(f"doctor.{check}.text", **parameters))


def warning(check: str, /, **parameters: Parameter) -> Diagnosis:
    """Better mended, or not proved."""
    return _told(check, Severity.WARNING, parameters)


def error(check: str, /, **parameters: Parameter) -> Diagnosis:
    """To be mended."""
    return _told(check, Severity.ERROR, parameters)


def graded(check: str, /, *, severe: bool, **parameters: Parameter) -> Diagnosis:
    """To be mended if it is severe; better mended otherwise."""
    return _told(check, Severity.ERROR if severe else Severity.WARNING, parameters)


def _told(check: str, level: Severity, parameters: dict[str, Parameter]) -> Diagnosis:
    text, fix = Text(f"doctor.{check}.text", **parameters), Text(f"doctor.{check}.fix", **parameters)
    return Diagnosis(check, level, text, fix)
