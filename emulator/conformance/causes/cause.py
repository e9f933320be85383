"""One thing to mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from emulator.conformance.case import CallCase, CaseVerdict, Exchange, Result
from emulator.conformance.causes.classes import signature_rule
from emulator.texts import Text
from emulator.wire.signature.doctor import SignatureDiagnosis


class CauseKind(IntEnum):
    """What it is about; what stands first hides more of what comes after."""

    UNREACHABLE = 0
    REFUSES = 1
    """Rightly signed calls are refused, nearly all of them."""
    SIGNATURE = 2
    """Of the answers."""
    STATUS = 3
    UNVERIFIED = 4
    """Calls that are wrongly signed are taken."""
    CODE = 5
    """The same code and words to several calls."""
    CASE = 6


@dataclass(frozen=True, slots=True)
class Cause:
    """``id`` is the same in the next run if the cause is; ``results``: all that it explains, the clearest first.
    ``advice``: what to do, one thing each.
    """

    id: str
    kind: CauseKind
    title: Text
    advice: Sequence[Text]
    results: Sequence[Result]
    diagnosis: SignatureDiagnosis | None = None

    @property
    def verdict(self) -> CaseVerdict:
        """``FAILED`` if one of the results is."""
        failed = any(result.verdict is CaseVerdict.FAILED for result in self.results)
        return CaseVerdict.FAILED if failed else CaseVerdict.WARNING

    @property
    def exchange(self) -> Exchange | None:
        """The call that shows it."""
        first = self.results[0]
        found = first.exchanges[-1:] if isinstance(first.case, CallCase) else first.exchanges[:1]
        return found[0] if found else None

    @property
    def cases(self) -> Sequence[str]:
        """The cases that try it alone: one that sends calls, and what is asked of their answers."""
        first, exchange = self.results[0].case, self.exchange
        return [first.id] if exchange is None or exchange.case == first.id else [first.id, exchange.case]

    @property
    def tried(self) -> frozenset[str]:
        """All cases it is about, and those that send the calls that show it."""
        shown = (exchange.case for result in self.results for exchange in result.exchanges)
        return frozenset((*shown, *(result.case.id for result in self.results)))

    @property
    def again(self) -> str:
        """Options of ``koogallery check`` with which it is tried alone."""
        case = self.results[0].case
        flags = ("real", "sync") if isinstance(case, CallCase) else ()
        needed = [f"--{flag}" for flag in flags if getattr(case, flag)]
        return " ".join([*(f"--only {each}" for each in self.cases), *needed])

    @property
    def rule(self) -> str:
        """Of the signature that must be mended (see :mod:`emulator.wire.signature.doctor.mends`), empty for others."""
        if self.diagnosis:
            return self.diagnosis.rule
        return (
            signature_rule(self.exchange)
            if self.kind in (CauseKind.REFUSES, CauseKind.UNVERIFIED) and self.exchange
            else ""
        )
