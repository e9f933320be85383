"""What every answer must be like, whatever the call: the checks of :mod:`emulator.checks`, with what the seller console
says of them, and a few more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from emulator.checks import CHECKS, Check, Reading
from emulator.conformance import sources
from emulator.conformance.case import AnswerCase, Case, Exchange, Says
from emulator.conformance.explain import leaks
from emulator.texts import Text
from emulator.wire.client import Answer, NoAnswer
from shared.commands import Version

T = TypeVar("T")

PROMPT = 5.0
"""Seconds after which the European page of 2023, and the pages of the sync interfaces, give up."""

SKEW = 30.0
"""Seconds by which the clocks may differ before half the window of version 2 is gone."""

_SOURCES = {
    "http.answered": (sources.TIMED_OUT, sources.FAQ),
    "http.status": (sources.HTTP_CODE, sources.FAQ),
    "http.content-type": (sources.CONTENT_TYPE, sources.FAQ),
    "sign.present": (sources.NO_SIGN, sources.FAQ),
    "sign.name": (sources.NO_SIGN, sources.FAQ),
    "sign.type": (sources.SIGN_TYPE, sources.FAQ),
    "sign.quotes": (sources.SIGN_TYPE, sources.FAQ),
    "sign.value": (sources.SIGN_VALUE, sources.FAQ),
    "body.json": (sources.UNPARSED, sources.FAQ),
    "body.result-code": (sources.UNPARSED, sources.FAQ),
    "body.result-msg": (sources.UNPARSED, sources.FAQ),
    "body.mandatory": (sources.LACKS, sources.FAQ),
    "body.lengths": (sources.TOO_LONG, sources.FAQ),
    "body.forms": (Says(), sources.NEW),
    "body.ascii": (Says(), sources.NEW),
    "body.escaped": (Says(), sources.NEW),
    "cipher.opens": (Says(), sources.FAQ),
}
"""What the console says, and the page."""


def _version_2(exchange: Exchange) -> bool:
    return exchange.reading.expected.version is Version.V2


def _always(_exchange: Exchange) -> bool:
    return True


def _unreachable(exchange: Exchange) -> Text | None:
    return exchange.reply.reason if isinstance(exchange.reply, NoAnswer) and not exchange.reply.timed_out else None


def _late(exchange: Exchange) -> Text | None:
    seconds = exchange.reply.milliseconds / 1000
    return Text("reasons.slow", seconds=f"{seconds:.1f}") if seconds > PROMPT else None


def _leak(exchange: Exchange) -> Text | None:
    return Text("reasons.leak") if leaks(exchange) else None


def _dated(exchange: Exchange) -> bool:
    return isinstance(exchange.reply, Answer) and bool(exchange.reply.named("date"))


def _clock(exchange: Exchange) -> Text | None:
    if not isinstance(exchange.reply, Answer):
        return None
    try:
        date = parsedate_to_datetime(exchange.reply.named("date")[0][1])
    except ValueError:
        return None
    apart = abs((exchange.at - date.replace(tzinfo=date.tzinfo or UTC)).total_seconds())
    return Text("reasons.clock", seconds=f"{apart:.0f}") if apart > SKEW else None


def _of_reading(function: Callable[[Reading], T]) -> Callable[[Exchange], T]:
    return lambda exchange: function(exchange.reading)


def _known(check: Check) -> AnswerCase:
    """The case of a check."""
    says, source = _SOURCES[check.id]
    rule, applies = _of_reading(check.rule), _of_reading(check.applies)
    case = AnswerCase(id=check.id, source=source, says=says, rule=rule, applies=applies)
    if check.id == "http.answered":
        return replace(case, applies=lambda exchange: _unreachable(exchange) is None)
    # Newer pages of version 2 ask for no signature, older ones do (production interfaces, section 6.2).
    return replace(case, warns=_version_2) if check.id.startswith("sign.") else case


ANSWERS: tuple[Case, ...] = (
    AnswerCase(id="http.reachable", source=sources.FAQ, says=sources.UNREACHABLE, rule=_unreachable, applies=_always),
    *(_known(check) for check in CHECKS if check.id in _SOURCES),  # the others are for the cases that send the calls
    AnswerCase(id="http.prompt", source=sources.REQUIREMENTS, says=sources.TIMED_OUT, rule=_late, warns=_always),
    AnswerCase(id="http.clock", source=sources.SIGNATURE, rule=_clock, applies=_dated, warns=_always),
    AnswerCase(id="body.no-secret", source=sources.CODES, rule=_leak),
)
