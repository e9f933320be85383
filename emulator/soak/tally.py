"""Counts the calls of a soak as they happen."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from emulator.marketplace.delivery.call import Direction, RecordedCall
from emulator.marketplace.faults.forged_calls import FORGED_CALLS, REFUSED
from shared.errors import ResultCode

NOT_JUDGED, EXPECTED = ("http.answered",), "result.expected"
"""Checks whose failure says that there was no answer, and that the result was another."""


@dataclass
class Tally:
    """For :attr:`emulator.marketplace.storage.timeline.Timeline.on_call`. ``failing``: messages with a failed attempt
    since the last look; ``gone``: calls, with their instance, that were answered that it is not there; ``wrong``: other
    failed checks of answers to genuine calls, by check, activity and code.
    """

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    unsigned: list[int] = field(default_factory=list)
    forged: int = 0
    accepted_forged: list[str] = field(default_factory=list)
    gone: list[tuple[int, str]] = field(default_factory=list)
    wrong: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str, str], int] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    _lock: Any = field(default_factory=Lock)

    def __call__(self, call: RecordedCall) -> None:
        with self._lock:
            self.calls[f"{call.family} {call.direction}"] += 1
            if call.direction is Direction.OUT:
                self._out(call)

    def take_failing(self) -> set[str]:
        """The messages that failed, which are forgotten."""
        with self._lock:
            taken, self.failing = self.failing, set()
            return taken

    def _out(self, call: RecordedCall) -> None:
        if call.fault:
            self.faults[call.fault] += 1
        if call.unsigned:
            self.unsigned.append(call.number)
        if call.fault in FORGED_CALLS:
            self._forged(call)
            return
        failure = call.first_failure
        if failure is None:
            return
        self.failing.add(call.message_id)
        if failure.id == EXPECTED and call.code == ResultCode.UNKNOWN_INSTANCE:
            self.gone.append((call.number, call.instance_id))
            return
        if failure.id not in NOT_JUDGED:
            kind = failure.id, call.activity, call.code
            self.wrong[kind] += 1
            self.samples.setdefault(kind, call.number)

    def _forged(self, call: RecordedCall) -> None:
        self.forged += 1
        if call.received.status and call.code not in REFUSED:
            told = f"{call.fault} on {call.activity} of version {call.version[1:]}, code {call.code}"
            self.accepted_forged.append(f"call {call.number}: {told}")
