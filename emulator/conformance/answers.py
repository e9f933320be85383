"""What every answer must be like, whatever the call: the checks of :mod:`emulator.checks`, with what the seller console
says of them, and a few more.
"""

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from emulator.checks import CHECKS, Reading
from emulator.conformance import sources
from emulator.conformance.case import AnswerCase, Case, Exchange, Says
from emulator.conformance.explain import leaks
from emulator.wire.client import Answer, NoAnswer
from shared.commands import Version

T = TypeVar("T")

PROMPT = 5.0
"""Seconds after which the European page of 2023, and the pages of the sync interfaces, give up."""

SKEW = 30.0
"""Seconds by which the clocks may differ before half the window of version 2 is gone."""

_PRESENT = {
    "http.answered": (
        sources.TIMED_OUT,
        sources.FAQ,
        "The marketplace waits 20 seconds. A purchase that is not answered is refunded after three hours.",
    ),
    "http.status": (
        sources.HTTP_CODE,
        sources.FAQ,
        "Any other status counts as a failed call, and the body is unread.",
    ),
    "http.content-type": (sources.CONTENT_TYPE, sources.FAQ, "Without it the marketplace does not read the body."),
    "sign.present": (sources.NO_SIGN, sources.FAQ, "An unsigned answer counts as a failed call, refusals too."),
    "sign.name": (sources.NO_SIGN, sources.FAQ, "The marketplace looks the name up as spelt: Body-sign is not found."),
    "sign.type": (sources.SIGN_TYPE, sources.FAQ, "The header is there, but its values cannot be found in it."),
    "sign.quotes": (sources.SIGN_TYPE, sources.FAQ, "Without the quotation marks the values cannot be found."),
    "sign.value": (
        sources.SIGN_VALUE,
        sources.FAQ,
        "The body changed between signing and sending (order, white space, a newline at the end), or the key is wrong.",
    ),
    "body.json": (sources.UNPARSED, sources.FAQ, "A body that cannot be parsed counts as a failed call."),
    "body.result-code": (sources.UNPARSED, sources.FAQ, "Without it the marketplace cannot tell success from failure."),
    "body.result-msg": (sources.UNPARSED, sources.FAQ, "The pages call it optional; the console insists on it."),
    "body.mandatory": (sources.LACKS, sources.FAQ, "The buyer could not open what was bought."),
    "body.lengths": (
        sources.TOO_LONG,
        sources.FAQ,
        "A value over its limit is refused although the call succeeded; the buyer's page then stays at 开通中.",
    ),
    "body.forms": (Says(), sources.NEW, "What has another form is not shown to the buyer, or not billed."),
    "body.ascii": (Says(), sources.NEW, "Only memo may hold Chinese."),
    "body.escaped": (Says(), sources.NEW, "Bytes outside ASCII may be read in another encoding than you signed them."),
    "cipher.opens": (
        Says(),
        sources.FAQ,
        "What the marketplace cannot decrypt it does not show: the buyer has no way in.",
    ),
}


def _answered(exchange: Exchange) -> bool:
    return exchange.answered


def _reached(exchange: Exchange) -> bool:
    return _unreachable(exchange) is None


def _version_2(exchange: Exchange) -> bool:
    return exchange.reading.expected.version is Version.V2


def _always(_exchange: Exchange) -> bool:
    return True


def _never(_exchange: Exchange) -> bool:
    return False


def _unreachable(exchange: Exchange) -> str | None:
    return exchange.reply.reason if isinstance(exchange.reply, NoAnswer) and not exchange.reply.timed_out else None


def _late(exchange: Exchange) -> str | None:
    seconds = exchange.reply.milliseconds / 1000
    return f"after {seconds:.1f} s" if seconds > PROMPT else None


def _leak(exchange: Exchange) -> str | None:
    return "shows a key or the right signature" if leaks(exchange) else None


def _dated(exchange: Exchange) -> bool:
    return isinstance(exchange.reply, Answer) and bool(exchange.reply.named("date"))


def _clock(exchange: Exchange) -> str | None:
    if not isinstance(exchange.reply, Answer):
        return None
    try:
        date = parsedate_to_datetime(exchange.reply.named("date")[0][1])
    except ValueError:
        return None
    apart = abs((exchange.at - date.replace(tzinfo=date.tzinfo or UTC)).total_seconds())
    return f"its clock and this computer's are {apart:.0f} s apart" if apart > SKEW else None


def _of_reading(function: Callable[[Reading], T]) -> Callable[[Exchange], T]:
    return lambda exchange: function(exchange.reading)


def _known() -> list[AnswerCase]:
    cases = []
    for check in CHECKS:
        if check.id not in _PRESENT:
            continue  # results and instance ids are for the cases that send the calls
        says, source, why = _PRESENT[check.id]
        cases.append(
            AnswerCase(
                id=check.id,
                title=check.title,
                why=why,
                advice=check.advice,
                source=source,
                says=says,
                rule=_of_reading(check.rule),
                applies=_reached if check.id == "http.answered" else _of_reading(check.applies),
                # Newer pages of version 2 ask for no signature, older ones do (production interfaces, section 6.2).
                warns=_version_2 if check.id.startswith("sign.") else _never,
            )
        )
    return cases


ANSWERS: tuple[Case, ...] = (
    AnswerCase(
        id="http.reachable",
        title="the server can be reached",
        why="The marketplace calls from the internet, from changing addresses.",
        advice="Start the server; open its port; let every address in; use a certificate from a public authority.",
        source=sources.FAQ,
        says=sources.UNREACHABLE,
        rule=_unreachable,
        applies=_always,
        warns=_never,
    ),
    *_known(),
    AnswerCase(
        id="http.prompt",
        title="answers take no more than 5 seconds",
        why="The console waits 20 seconds; the European page and the sync interfaces give up after 5.",
        advice="Answer first and work afterwards: create slow instances in the background.",
        source=sources.REQUIREMENTS,
        says=sources.TIMED_OUT,
        rule=_late,
        applies=_answered,
        warns=_always,
    ),
    AnswerCase(
        id="http.clock",
        title="the server's clock is right",
        why="A call of version 2 is good for a minute. If the clocks differ, genuine calls are refused.",
        advice="Synchronise the server's clock with NTP, and look at this computer's too.",
        source=sources.SIGNATURE,
        rule=_clock,
        applies=_dated,
        warns=_always,
    ),
    AnswerCase(
        id="body.no-secret",
        title="no answer shows a key or the right signature",
        why="Whoever sends a wrong signature would be told the right one.",
        advice="Refuse with 000001 and one fixed text. Log neither keys nor expected signatures.",
        source=sources.CODES,
        says=Says(),
        rule=_leak,
        applies=_answered,
        warns=_never,
    ),
)
