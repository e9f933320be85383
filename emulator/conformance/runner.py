"""Tries cases against a server and judges what comes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from emulator.checks import Reading
from emulator.checks.answer_rules import expected_code, result_code
from emulator.checks.field_rules import right_instances
from emulator.conformance.address import is_loopback
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import AddressCase, AnswerCase, CallCase, Case, CaseVerdict, Exchange, Result
from emulator.conformance.explain import scrubbed
from emulator.conformance.step import Step
from emulator.journey.player import PATIENCE, PAUSE, in_process
from emulator.texts import Text, joined
from emulator.wire.client import NoAnswer, Reply
from shared.clock import Clock
from shared.http import HttpRequest

GIVE_UP = 3
"""So many calls in a row without an answer, and no further one is sent."""

FEW = 3
"""Exchanges that a judgement of all answers shows."""

Send = Callable[[HttpRequest], Reply]
Told = Callable[[Case], None]
Heard = Callable[[Exchange], None]


@dataclass
class Runner:
    """Sends with ``send`` what ``factory`` signs. ``told`` hears of each case that sends calls before it is tried,
    ``heard`` of each exchange.

    ``watch``: by which the server's ``Date`` is judged, if not by the factory's clock.
    ``patience``: seconds that all real cases together wait for slow instances; the marketplace waits for hours.
    """

    url: str
    factory: CallFactory
    send: Send
    told: Told = lambda _case: None
    heard: Heard = lambda _exchange: None
    watch: Clock | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    patience: float = PATIENCE
    _silent: int = 0

    def run(self, cases: Sequence[Case]) -> list[Result]:
        """What each case found, in the order of ``cases``."""
        played = {case.id: self._play(case) for case in cases if isinstance(case, CallCase)}
        return [played.get(case.id) or self._judged(case) for case in cases]

    def _play(self, case: CallCase) -> Result:
        self.told(case)
        missing = [f"--{name.replace('_', '-')}" for name in case.keys if not getattr(self.factory.keys, name)]
        if missing:
            return Result(case, CaseVerdict.SKIPPED, Text("reasons.needs", options=joined("reasons.and", missing)))
        before = len(self.exchanges)
        verdict, reason = self._tried(case)
        return Result(case, verdict, reason, tuple(self.exchanges[before:]))

    def _tried(self, case: CallCase) -> tuple[CaseVerdict, Text | None]:
        play = case.play(self.factory)
        try:
            step = next(play)
            while True:
                if self._silent >= GIVE_UP:
                    return CaseVerdict.SKIPPED, Text("reasons.not-sent")
                reading = self._exchanged(case, step)
                problem = _problem(reading, step)
                if problem:
                    verdict, reason = problem
                    return _graded(case, verdict), reason.changed(partial(scrubbed, exchange=self.exchanges[-1]))
                step = play.send(reading)
        except StopIteration:
            return CaseVerdict.PASSED, None

    def _exchanged(self, case: CallCase, step: Step) -> Reading:
        """One call; a real one is made again for a while as long as the answer is that the work goes on."""
        reading = self._sent(case, step)
        while case.real and in_process(reading) and self.patience > 0:
            self.factory.clock.sleep(PAUSE)
            self.patience -= PAUSE
            reading = self._sent(case, step)
        return reading

    def _sent(self, case: CallCase, step: Step) -> Reading:
        request = step.make()
        reading = Reading(self.send(request), step.expected)
        now = (self.watch or self.factory.clock).now()
        exchange = Exchange(case.id, request, reading, now, self.factory.keys)
        self.exchanges.append(exchange)
        self.heard(exchange)
        self._silent = self._silent + 1 if isinstance(reading.reply, NoAnswer) else 0
        return reading

    def _judged(self, case: Case) -> Result:
        if isinstance(case, AnswerCase):
            return _of_answers(case, self.exchanges)
        if isinstance(case, AddressCase):
            return _of_address(case, self.url)
        raise TypeError(case.id)


def _problem(reading: Reading, step: Step) -> tuple[CaseVerdict, Text] | None:
    """What is wrong with the result of a call; how bad that is."""
    if isinstance(reading.reply, NoAnswer):
        return CaseVerdict.SKIPPED, Text("reasons.unanswered-because", reason=reading.reply.reason)
    if result_code(reading):
        return CaseVerdict.SKIPPED, Text("reasons.unjudged", status=reading.answer.status)
    reason = expected_code(reading) or (right_instances(reading) if reading.succeeded else None)
    if reason and step.setup:
        return CaseVerdict.SKIPPED, Text("reasons.setup", activity=step.expected.activity, reason=reason)
    return (CaseVerdict.FAILED, reason) if reason else None


def _graded(case: Case, verdict: CaseVerdict) -> CaseVerdict:
    return CaseVerdict.WARNING if case.advised and verdict is CaseVerdict.FAILED else verdict


def _of_address(case: AddressCase, url: str) -> Result:
    if is_loopback(url):
        return Result(case, CaseVerdict.SKIPPED, Text("reasons.local"))
    reason = case.rule(url)
    return Result(case, _graded(case, CaseVerdict.FAILED), reason) if reason else Result(case, CaseVerdict.PASSED)


def _of_answers(case: AnswerCase, exchanges: Sequence[Exchange]) -> Result:
    asked = [exchange for exchange in exchanges if case.applies(exchange)]
    found = [(exchange, reason) for exchange in asked if (reason := case.rule(exchange))]
    if not asked:
        return Result(case, CaseVerdict.SKIPPED, Text("reasons.nothing"))
    if not found:
        return Result(case, CaseVerdict.PASSED)
    failed = [(exchange, reason) for exchange, reason in found if not case.warns(exchange)]
    shown = (failed or found)[:FEW]
    exchange, reason = shown[0]
    where = Text("reasons.first", reason=reason, case=exchange.case, count=len(found), all=len(asked))
    verdict = CaseVerdict.FAILED if failed else CaseVerdict.WARNING
    return Result(case, verdict, where, tuple(exchange for exchange, _ in shown))
