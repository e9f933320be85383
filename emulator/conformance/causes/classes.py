"""Classes of calls: each is verified by one rule with one key."""

from collections.abc import Iterable, Iterator

from emulator.checks.reading import SUCCESS
from emulator.conformance.case import CallCase, CaseVerdict, Exchange, Result
from emulator.wire.signature.doctor.exchange import REFUSED
from emulator.wire.sync_calls import is_sync

BAD = (CaseVerdict.FAILED, CaseVerdict.WARNING)
MOST = 0.75
_FORGERIES = ("wrong-token", "wrong-signature")


def signature_rule(exchange: Exchange) -> str:
    """The kind of signature that the call has."""
    version = exchange.reading.expected.version.value
    return f"sync-{version}" if is_sync(exchange.request) else version


def closed(results: Iterable[Result]) -> Iterator[str]:
    """The classes of calls of which nearly all rightly signed ones were refused, as far as they were answered: it is
    not their form that matters, then.
    """
    answered: dict[str, list[str]] = {}
    for result in results:
        if isinstance(result.case, CallCase):
            for exchange in result.exchanges:
                if exchange.answered and must_succeed(exchange):
                    answered.setdefault(call_class(exchange), []).append(exchange.reading.code)
    return (name for name, codes in answered.items() if codes.count(REFUSED) > MOST * len(codes))


def forgeable(results: Iterable[Result]) -> Iterator[str]:
    """The classes of calls of which forged ones are taken."""
    return (
        call_class(result.exchanges[-1])
        for result in results
        if result.verdict in BAD and result.exchanges and result.case.id.rpartition(".")[2] in _FORGERIES
    )


def call_class(exchange: Exchange) -> str:
    """Calls that are verified by the same rule with the same key."""
    notice = exchange.reading.expected.activity == "orderNotify"
    return f"{signature_rule(exchange)}{'-notice' if notice else ''}"


def must_succeed(exchange: Exchange) -> bool:
    """Is success the only right answer?"""
    return exchange.reading.expected.codes == SUCCESS
