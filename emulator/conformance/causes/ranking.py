"""Findings put together by cause, the ones first that hide the others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from emulator.checks.reading import SUCCESS
from emulator.conformance.case import CallCase, CaseVerdict, Exchange, Result
from emulator.conformance.causes.cause import Cause, CauseKind, signature_rule
from emulator.conformance.explain import scrubbed
from emulator.texts import Text
from emulator.wire.client import Answer
from emulator.wire.signature.doctor import SignatureDiagnosis, of_exchange
from emulator.wire.signature.doctor.exchange import REFUSED

_BAD = (CaseVerdict.FAILED, CaseVerdict.WARNING)
_FORGERIES = ("wrong-token", "wrong-signature")


def causes(results: Sequence[Result]) -> list[Cause]:
    """Every result that is not as it should be belongs to one. Failures come before warnings."""
    closed, open_ = set(_closed(results)), set(_open(results))
    found: dict[str, list[tuple[Cause, Result]]] = {}
    for result in results:
        if result.verdict in _BAD:
            cause = _of_case(result, closed, open_) if isinstance(result.case, CallCase) else _of_answers(result)
            found.setdefault(cause.id, []).append((cause, result))
    return sorted(map(_one, found.values()), key=_rank)


def _rank(cause: Cause) -> tuple[bool, CauseKind, int]:
    return cause.verdict is not CaseVerdict.FAILED, cause.kind, -len(cause.results)


def _one(members: Sequence[tuple[Cause, Result]]) -> Cause:
    """The cause of several results: what to do for each, once."""
    advice = {str(each): each for cause, _ in members for each in cause.advice}
    return replace(members[0][0], advice=list(advice.values()), results=[result for _, result in members])


def _closed(results: Iterable[Result]) -> Iterator[str]:
    """The classes of calls of which every rightly signed one was refused, as far as they were answered."""
    answered: dict[str, list[str]] = {}
    for result in results:
        if isinstance(result.case, CallCase):
            for exchange in result.exchanges:
                if exchange.answered and _must_succeed(exchange):
                    answered.setdefault(_class(exchange), []).append(exchange.reading.code)
    return (name for name, codes in answered.items() if set(codes) == {REFUSED})


def _open(results: Iterable[Result]) -> Iterator[str]:
    """The classes of calls of which forged ones are taken."""
    return (
        _class(result.exchanges[-1])
        for result in results
        if result.verdict in _BAD and result.exchanges and result.case.id.rpartition(".")[2] in _FORGERIES
    )


def _class(exchange: Exchange) -> str:
    """Calls that are verified by the same rule with the same key."""
    notice = exchange.reading.expected.activity == "orderNotify"
    return f"{signature_rule(exchange)}{'-notice' if notice else ''}"


def _must_succeed(exchange: Exchange) -> bool:
    return exchange.reading.expected.codes == SUCCESS


def _of_answers(result: Result) -> Cause:
    """Of a requirement for every answer, or for the address."""
    case, advice = result.case, [result.case.advice]
    exchange = result.exchanges[0] if result.exchanges else None
    if case.id in ("http.reachable", "http.answered"):
        return Cause(case.id, CauseKind.UNREACHABLE, case.title, advice, [result])
    if exchange and isinstance(exchange.reply, Answer) and exchange.reply.status != 200:
        status = exchange.reply.status
        title = Text("causes.status", status=status)
        return Cause(f"status.{status}", CauseKind.STATUS, title, [Text("causes.status-advice")], [result])
    if case.id.startswith("sign.") and exchange:
        return _of_signature(result, exchange)
    return Cause(case.id, CauseKind.CASE, case.title, advice, [result])


def _of_signature(result: Result, exchange: Exchange) -> Cause:
    found = next((each for each in diagnoses(exchange) if each.rule == "answer"), None)
    slips = [slip.what for slip in found.slips] if found else []
    advice = slips if found and found.known else [*slips, result.case.advice]
    name = ".".join(found.names) if found else ""
    return Cause(f"signature.{name}", CauseKind.SIGNATURE, Text("causes.signature"), advice, [result], found)


def _of_case(result: Result, closed: set[str], open_: set[str]) -> Cause:
    """Of a case that sends calls."""
    exchange = result.exchanges[-1]
    code, name = exchange.reading.code, _class(exchange)
    if name in closed and code == REFUSED:
        return _refusing(result, exchange, name)
    if name in open_ and REFUSED in exchange.reading.expected.codes and code in SUCCESS:
        title = Text("causes.unverified", calls=Text(f"causes.calls.{name}"))
        return Cause(f"unverified.{name}", CauseKind.UNVERIFIED, title, [Text("causes.unverified-advice")], [result])
    if _must_succeed(exchange) and code not in (REFUSED, *SUCCESS):
        message = scrubbed(str(exchange.reading.members.get("resultMsg", "")), exchange)
        title = Text("causes.code", code=code, message=message)
        return Cause(f"code.{code}.{message}", CauseKind.CODE, title, [result.case.advice], [result])
    return _single(result)


def _refusing(result: Result, exchange: Exchange, name: str) -> Cause:
    found = next((each for each in diagnoses(exchange) if each.rule != "answer"), None)
    advice = [slip.what for slip in found.slips] if found else [Text("causes.refuses-advice")]
    title = Text("causes.refuses", calls=Text(f"causes.calls.{name}"))
    return Cause(f"refuses.{name}", CauseKind.REFUSES, title, advice, [result], found)


def _single(result: Result) -> Cause:
    """What both versions must do is one thing to mend, and so is what one advice mends."""
    case = result.case
    advised, own = case.advice.id.removeprefix("cases.advice."), case.id.rpartition(".")[2]
    name = own if advised.endswith(f".{own}") else advised
    return Cause(f"case.{name}", CauseKind.CASE, case.title, [case.advice], [result])


def diagnoses(exchange: Exchange) -> list[SignatureDiagnosis]:
    """What the signature doctor says of a call and its answer."""
    expected, reply = exchange.reading.expected, exchange.reply
    if not isinstance(reply, Answer) or not expected.key:
        return []
    code = exchange.reading.code
    return list(of_exchange(exchange.request, expected.version, expected.key, exchange.known, answer=reply, code=code))
