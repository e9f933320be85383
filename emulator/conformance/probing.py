"""How does a server verify that refuses every rightly signed call? It is asked: the same debug call, signed with one of
the usual mistakes after another. The one it takes is the one it makes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from emulator.checks.reading import SUCCESS, Reading
from emulator.conformance.alterations import put
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CallCase, Result
from emulator.conformance.causes.classes import call_class, closed, must_succeed
from emulator.conformance.step import Step
from emulator.wire.client import NoAnswer, Reply
from emulator.wire.signature.doctor import SignatureDiagnosis, Slip, rule_of
from shared.http import HttpRequest

PATIENCE = 20.0
"""Seconds for all questions together."""

_PLACES = {"v1": "authToken", "v2": "signature", "sync-v1": "authtoken", "sync-v2": "x-sign"}
"""Of the signature, by the kind of the rule."""


def probed(
    results: Iterable[Result], factory: CallFactory, send: Callable[[HttpRequest], Reply]
) -> Mapping[str, SignatureDiagnosis]:
    """How calls are verified, by the classes of which all were refused (:mod:`emulator.conformance.causes.classes`);
    nothing of a class where no single mistake explains it.
    """
    known, end = list(results), time.monotonic() + PATIENCE
    found = ((name, _taken(_case(known, name), factory, send, end)) for name in closed(known))
    return {name: diagnosis for name, diagnosis in found if diagnosis}


def _case(results: Iterable[Result], name: str) -> CallCase:
    """The first debug call of a class that had to succeed."""
    return next(
        result.case
        for result in results
        if isinstance(result.case, CallCase)
        and not result.case.real
        and result.exchanges
        and call_class(result.exchanges[0]) == name
        and must_succeed(result.exchanges[0])
    )


def _taken(
    case: CallCase, factory: CallFactory, send: Callable[[HttpRequest], Reply], end: float
) -> SignatureDiagnosis | None:
    step = next(case.play(factory))
    for request, kind, slip in _mistaken(step, factory.keys.named):
        reply = send(request)
        if isinstance(reply, NoAnswer) or time.monotonic() > end:
            return None
        if Reading(reply, step.expected).code in SUCCESS:
            return SignatureDiagnosis(kind, (slip,))
    return None


def _mistaken(step: Step, others: Mapping[str, str]) -> Iterator[tuple[HttpRequest, str, Slip]]:
    """The call, made anew for each mistake."""
    number = 0
    while True:
        request, expected = step.make(), step.expected
        rule = rule_of(request, expected.version, expected.key, others, "AB")
        if rule is None or number >= len(rule.slips):
            return
        slip, number = rule.slips[number], number + 1
        signature = replace(rule.recipe, **{slip.aspect: slip.value}).signature
        if signature != rule.recipe.signature:
            yield put(_PLACES[rule.kind], signature)(request), rule.kind, slip
