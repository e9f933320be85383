"""The way through gateway and proxy: a few debug calls with characters that get lost, and what comes back."""

import re
from collections.abc import Iterator, Sequence
from statistics import median
from urllib.parse import urlsplit

from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CaseVerdict, Exchange, Result
from emulator.conformance.catalogue import chosen
from emulator.conformance.runner import Runner
from emulator.doctor.diagnosis import Diagnosis, Severity, error, ok, warning
from emulator.doctor.patient import Patient
from emulator.keys import SETTINGS, Keys
from emulator.wire.client import Answer, send

SECONDS = 5.0
"""For one call."""
SLOW = 1500.0
"""Milliseconds that half of the calls may take, connection and handshake among them."""
CALLS = {
    "key": ("v1", "genuine plus-space percent-space token-plus reserved chinese unknown", "wrong-token"),
    "access_key": ("v2", "genuine more-query body-spaces body-chinese", "wrong-signature"),
}
"""By the key that they need: what must be let through, and what must not."""
ANSWERS = ("http.*", "sign.*", "body.json", "body.result-code", "body.no-secret")
KEPT = {
    "age": re.compile(r"\d+"),
    "x-cache": re.compile(r".*\bhit\b.*", re.IGNORECASE),
    "cache-control": re.compile(r".*(\bpublic\b|max-age=0*[1-9]).*", re.IGNORECASE),
}
"""Headers by which a cache shows, or which ask one to keep the answer (RFC 9111)."""
_LEVELS = {CaseVerdict.FAILED: Severity.ERROR, CaseVerdict.WARNING: Severity.WARNING}


def way(patient: Patient) -> Iterator[Diagnosis]:
    """Sends calls with ``testFlag`` 1 only."""
    target = urlsplit(patient.url)
    keys = Keys(**{name: next(iter(patient.keys(setting)), "") for name, setting in SETTINGS.items()})
    wanted = [pattern for name in CALLS if getattr(keys, name) for pattern in _patterns(name)]
    if target.scheme not in ("http", "https") or not target.hostname or not wanted:
        return
    base = f"{target.scheme}://{target.netloc}"
    factory = CallFactory(keys, patient.clock, target.path or "/")
    runner = Runner(patient.url, factory, lambda request: send(base, request, SECONDS))
    results = runner.run(chosen([*wanted, *ANSWERS], ("v1", "v2"), real=False))
    answers = [exchange.reply for exchange in runner.exchanges if isinstance(exchange.reply, Answer)]
    if answers and not any(exchange.reading.code for exchange in runner.exchanges if exchange.answered):
        kind = next((value for _, value in answers[0].named("content-type")), "-").partition(";")[0]
        yield error("address.other", status=answers[0].status, kind=kind)
        return
    yield from _judged(results)
    yield from _cached(answers)
    yield from _time(runner.exchanges)


def _patterns(key: str) -> Iterator[str]:
    version, right, wrong = CALLS[key]
    yield from (f"{version}.request.{name}" for name in right.split())
    yield f"{version}.refused.{wrong}"


def _judged(results: Sequence[Result]) -> Iterator[Diagnosis]:
    """In the checker's own words."""
    bad = [each for each in results if each.verdict in _LEVELS and each.reason is not None]
    for each in bad:
        if each.reason is not None:
            yield Diagnosis(f"address.{each.case.id}", _LEVELS[each.verdict], each.reason, each.case.advice)
    if not bad:
        yield ok("address.intact", count=sum(each.verdict is CaseVerdict.PASSED for each in results))


def _cached(answers: Sequence[Answer]) -> Iterator[Diagnosis]:
    """An answer that a cache keeps is the answer to somebody else's call: the headers that say so, each once."""
    for name, form in KEPT.items():
        if any(form.fullmatch(value) for answer in answers for _, value in answer.named(name)):
            yield error("address.cached", header=name)


def _time(exchanges: Sequence[Exchange]) -> Iterator[Diagnosis]:
    times = [exchange.reply.milliseconds for exchange in exchanges if exchange.answered]
    if times:
        half = f"{median(times):.0f}"
        yield (
            warning("address.slow", milliseconds=half)
            if median(times) > SLOW
            else ok("address.prompt", milliseconds=half)
        )
