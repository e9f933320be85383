"""Checks of one answer as the seller console makes them.

``examine(reply, Expected(...), CHECKS)`` gives a finding for each check; ``first_failure`` of them is what to
mend first.
"""

from emulator.checks.catalogue import CHECKS
from emulator.checks.check import Check, CheckResult, Requirement, Verdict, examine, first_failure
from emulator.checks.reading import Expected, Reading

__all__ = [
    "CHECKS",
    "Check",
    "CheckResult",
    "Expected",
    "Reading",
    "Requirement",
    "Verdict",
    "examine",
    "first_failure",
]
