"""Findings put together by cause, the ones first that hide the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from emulator.checks.reading import SUCCESS
from emulator.conformance.case import CallCase, CaseVerdict, Exchange, Result
from emulator.conformance.causes.cause import Cause, CauseKind
from emulator.conformance.causes.classes import BAD, call_class, closed, forgeable, must_succeed
from emulator.conformance.explain import scrubbed
from emulator.texts import Text
from emulator.wire.client import Answer
from emulator.wire.signature.doctor import SignatureDiagnosis, of_answer
from emulator.wire.signature.doctor.exchange import REFUSED, given_away


def causes(results: Sequence[Result], probed: Mapping[str, SignatureDiagnosis]) -> list[Cause]:
    """Every result that is not as it should be belongs to one. Failures come before warnings.

    :param probed: by class, how a server verifies that refuses all rightly signed calls of it, where that came out.
    """
    shut, open_ = set(closed(results)), set(forgeable(results))
    found: dict[str, list[tuple[Cause, Result]]] = {}
    for result in results:
        if result.verdict in BAD:
            cause = _of_case(result, shut, open_, probed) if isinstance(result.case, CallCase) else _of_answers(result)
            found.setdefault(cause.id, []).append((cause, result))
    return sorted(map(_one, found.values()), key=_rank)


def _rank(cause: Cause) -> tuple[bool, CauseKind, int]:
    return cause.verdict is not CaseVerdict.FAILED, cause.kind, -len(cause.results)


def _one(members: Sequence[tuple[Cause, Result]]) -> Cause:
    """The cause of several results: what to do for each, once."""
    advice = {str(each): each for cause, _ in members for each in cause.advice}
    return replace(members[0][0], advice=list(advice.values()), results=[result for _, result in members])


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
    return Cause(case.id, CauseKind.CASE, Text("causes.unmet", title=case.title), advice, [result])


def _of_signature(result: Result, exchange: Exchange) -> Cause:
    found = _answer_diagnosis(exchange)
    slips = [slip.what for slip in found.slips] if found else []
    advice = slips if found and found.known else [*slips, result.case.advice]
    name = ".".join(found.names) if found else ""
    return Cause(f"signature.{name}", CauseKind.SIGNATURE, Text("causes.signature"), advice, [result], found)


def _of_case(result: Result, shut: set[str], open_: set[str], probed: Mapping[str, SignatureDiagnosis]) -> Cause:
    """Of a case that sends calls."""
    exchange = result.exchanges[-1]
    code, name = exchange.reading.code, call_class(exchange)
    taken = REFUSED in exchange.reading.expected.codes and code in SUCCESS
    if name in shut and (code == REFUSED or taken):
        return _refusing(result, name, probed.get(name))
    if name in open_ and taken:
        title = Text("causes.unverified", calls=Text(f"causes.calls.{name}"))
        return Cause(f"unverified.{name}", CauseKind.UNVERIFIED, title, [Text("causes.unverified-advice")], [result])
    if must_succeed(exchange) and code not in (REFUSED, *SUCCESS):
        message = scrubbed(str(exchange.reading.members.get("resultMsg", "")), exchange)
        title = Text("causes.code", code=code, message=message)
        return Cause(f"code.{code}.{message}", CauseKind.CODE, title, [result.case.advice], [result])
    return _single(result)


def _refusing(result: Result, name: str, asked: SignatureDiagnosis | None) -> Cause:
    """Classes that are verified with the same mistake are one thing to mend. What the server takes tells more than its
    own words.
    """
    found, known = asked or _told(result.exchanges[-1]), "causes.takes" if asked else "causes.told"
    advice = [Text(known), *(slip.what for slip in found.slips)] if found else [Text("causes.refuses-advice")]
    title = Text("causes.refuses", calls=Text(f"causes.calls.{name}"))
    which = ".".join(found.names) if found else name
    return Cause(f"refuses.{which}", CauseKind.REFUSES, title, advice, [result], found)


def _single(result: Result) -> Cause:
    """What both versions must do is one thing to mend, and so is what one advice mends."""
    case = result.case
    advised, own = case.advice.id.removeprefix("cases.advice."), case.id.rpartition(".")[2]
    name = own if advised.endswith(f".{own}") else advised
    return Cause(f"case.{name}", CauseKind.CASE, Text("causes.failed", title=case.title), [case.advice], [result])


def _answer_diagnosis(exchange: Exchange) -> SignatureDiagnosis | None:
    """What is wrong with the signature of an answer."""
    expected, reply = exchange.reading.expected, exchange.reply
    if not isinstance(reply, Answer) or not expected.key:
        return None
    found = of_answer(
        reply.headers,
        reply.body,
        expected.key,
        others=exchange.keys.named,
        request=exchange.request,
        version=expected.version,
    )
    return None if found.right else found


def _told(exchange: Exchange) -> SignatureDiagnosis | None:
    """What the server's own words tell."""
    expected, reply, code = exchange.reading.expected, exchange.reply, exchange.reading.code
    if not isinstance(reply, Answer) or not expected.key:
        return None
    return given_away(exchange.request, expected.version, expected.key, exchange.keys.named, answer=reply, code=code)
