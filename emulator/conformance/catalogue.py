"""All cases, in the order in which they are tried and shown."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from emulator.conformance.address import ADDRESS
from emulator.conformance.answers import ANSWERS
from emulator.conformance.case import CallCase, Case
from emulator.conformance.interfaces import V1_INTERFACES, V2_INTERFACES
from emulator.conformance.real import V1_REAL, V2_REAL
from emulator.conformance.refusals import V1_REFUSALS, V2_REFUSALS
from emulator.conformance.requests import V1_REQUESTS, V2_REQUESTS
from emulator.conformance.sync_cases import V1_SYNC, V2_SYNC

CASES: Sequence[Case] = (
    *ADDRESS,
    *ANSWERS,
    *V1_INTERFACES,
    *V1_REQUESTS,
    *V1_REFUSALS,
    *V1_SYNC,
    *V1_REAL,
    *V2_INTERFACES,
    *V2_REQUESTS,
    *V2_REFUSALS,
    *V2_SYNC,
    *V2_REAL,
)


def chosen(patterns: Sequence[str], versions: Sequence[str], *, real: bool, sync: bool = False) -> list[Case]:
    """The cases to try: those of ``versions`` whose ids fit a pattern (``*`` stands for anything); with ``real`` also
    those that send real orders, with ``sync`` also those of the sync interfaces.

    Answers are judged beside the calls named, and calls are sent for the answers named: where the patterns name cases
    of one sort only, all cases of the other stay. No pattern is every pattern.

    :raises ValueError: a pattern fits no case.
    """
    offered = [
        case
        for case in CASES
        if not isinstance(case, CallCase)
        or (case.version in versions and (real or not case.real) and (sync or not case.sync))
    ]
    for pattern in patterns:
        if not any(fnmatchcase(case.id, pattern) for case in offered):
            raise ValueError(f"no case is called {pattern}; --list shows them all")
    named = [case for case in offered if any(fnmatchcase(case.id, pattern) for pattern in patterns)]
    sorts = {isinstance(case, CallCase) for case in named}
    return [case for case in offered if case in named or (isinstance(case, CallCase) not in sorts)]
