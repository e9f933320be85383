"""A run as data: what every form of the report is made from."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from emulator.conformance.case import CallCase, Case, CaseVerdict, Exchange, Result
from emulator.conformance.causes import Cause, causes
from emulator.conformance.explain import received, sent
from emulator.conformance.unproven import unproven
from emulator.texts import Text, joined
from emulator.wire.signature.doctor import SignatureDiagnosis


@dataclass(frozen=True)
class Report:
    """What was found at ``url``; ``started`` is UTC, ISO 8601, ``seconds`` how long it took; ``probed`` is what
    :func:`emulator.conformance.probing.probed` found.
    """

    url: str
    started: str
    seconds: float
    results: Sequence[Result]
    probed: Mapping[str, SignatureDiagnosis] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return all(result.verdict is not CaseVerdict.FAILED for result in self.results)

    @property
    def summary(self) -> str:
        """How many there are of each verdict."""
        counts = Counter(result.verdict for result in self.results)
        parts = [Text(f"terminal.count.{verdict}", n=counts[verdict]) for verdict in CaseVerdict if counts[verdict]]
        return str(joined("terminal.list", parts))

    @cached_property
    def causes(self) -> list[Cause]:
        """What is to be mended. Found once: thousands of mistakes may be tried on each signature."""
        return causes(self.results, self.probed)

    @property
    def unproven(self) -> list[str]:
        """What this run says nothing about."""
        return list(map(str, unproven(self.results)))

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        counts = Counter(result.verdict.value for result in self.results)
        return {
            "url": self.url,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "summary": {verdict.value: counts[verdict.value] for verdict in CaseVerdict},
            "causes": [caused(cause) for cause in self.causes],
            "unproven": self.unproven,
            "cases": [described(result) for result in self.results],
        }

    def as_json(self) -> str:
        """The document as a file."""
        return json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n"


def caused(cause: Cause) -> dict[str, Any]:
    """One thing to mend. ``mistakes``: of the signature doctor."""
    return {
        "id": cause.id,
        "verdict": cause.verdict.value,
        "title": str(cause.title),
        "advice": [str(each) for each in cause.advice],
        "mistakes": list(cause.diagnosis.names) if cause.diagnosis else [],
        "cases": [result.case.id for result in cause.results],
        "again": cause.again,
    }


def described(result: Result) -> dict[str, Any]:
    """One case, with its calls."""
    return {
        **explained(result.case),
        "verdict": result.verdict.value,
        "reason": str(result.reason or ""),
        "milliseconds": round(result.milliseconds, 1),
        "calls": [called(exchange) for exchange in result.exchanges],
    }


def explained(case: Case) -> dict[str, Any]:
    """What a case is about."""
    return {
        "id": case.id,
        "title": str(case.title),
        "version": case.version,
        "why": str(case.why),
        "source": case.source,
        "console": {"zh": case.says.chinese, "en": case.says.english},
        "advice": str(case.advice),
        "real": isinstance(case, CallCase) and case.real,
        "sync": isinstance(case, CallCase) and case.sync,
        "advised": case.advised,
    }


def called(exchange: Exchange) -> dict[str, Any]:
    """One call and what came back, without keys and passwords."""
    expected = exchange.reading.expected
    return {
        "case": exchange.case,
        "sent": sent(exchange),
        "expected": list(expected.codes),
        "received": received(exchange),
    }
