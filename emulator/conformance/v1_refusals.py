"""Version 1: calls that must be refused, each with its code, HTTP 200 and a signed answer (sections 4.1 and 5)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, ORDER, CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import (
    BAD_CALL,
    NO_ENTRY,
    NO_ENTRY_OR_BAD,
    CaseGroup,
    altered,
    calls,
    setting,
    v1,
    without,
)
from emulator.conformance.step import Step
from emulator.conformance.v1_fields import yearly
from emulator.wire.calls import spoilt
from shared.http import HttpRequest
from shared.protocol.signing import sign_query

_REFUSED = CaseGroup(
    "v1",
    "refused",
    "key",
    sources.TOKEN,
    "Anybody can reach the address. Only the signature tells the marketplace from others.",
    "Compute authToken over all parameters received and compare in constant time; answer 000001 if it differs.",
    says=Says(),
)
_BAD = _REFUSED._replace(
    source=sources.CODES,
    why="A call that cannot be done must not look done: the order would count as delivered.",
    advice="Answer 000002 with HTTP 200 and a signature; name the parameter in resultMsg.",
)


def query(factory: CallFactory) -> Step:
    return factory.v1("queryInstance", {"instanceId": INSTANCE})


def refused(alter: Callable[[HttpRequest], HttpRequest], codes: tuple[str, ...] = NO_ENTRY) -> Play:
    """A debug call, altered after it was signed."""
    return calls(lambda factory: altered(query(factory), alter, codes))


def signed_with(key: Callable[[str], str]) -> Play:
    """A debug call signed with another key."""

    def step(factory: CallFactory) -> Step:
        def resigned(request: HttpRequest) -> HttpRequest:
            fields = {name: value for name, value in request.query if name != "authToken"}
            token = sign_query(key(factory.keys.key), fields)
            return setting("authToken", lambda _: token)(request)

        return altered(query(factory), resigned, NO_ENTRY)

    return calls(step)


def with_order(factory: CallFactory) -> Step:
    """A debug call with an order beside its instance."""
    return factory.v1("queryInstance", {"instanceId": INSTANCE, "orderId": ORDER})


def swallowed(request: HttpRequest) -> HttpRequest:
    """The call with ``orderId`` moved into the value before it, which leaves what is signed as it was."""
    return setting("instanceId", lambda value: f"{value}&orderId={ORDER}")(without("orderId")(request))


def _added(request: HttpRequest) -> HttpRequest:
    return replace(request, query=(*request.query, ("amount", "1000")))


def _lacking(activity: str, **fields: Any) -> Play:
    return v1(activity, lambda _: fields, codes=BAD_CALL)


V1_REFUSALS: tuple[Case, ...] = (
    _REFUSED.case("wrong-token", "authToken is wrong", refused(setting("authToken", spoilt))),
    _REFUSED.case("no-token", "authToken is missing", refused(without("authToken"))),
    _REFUSED.case(
        "no-time",
        "timeStamp is missing",
        refused(without("timeStamp"), NO_ENTRY_OR_BAD),
        advice="Without timeStamp nothing can be verified: answer 000001.",
    ),
    _REFUSED.case("other-key", "signed with another key", signed_with(lambda key: f"{key}x")),
    _REFUSED.case(
        "empty-key",
        "signed with no key at all",
        signed_with(lambda _: ""),
        why="A server whose key is not set would accept what anybody can sign.",
        advice="Refuse every call while no key is set.",
    ),
    _REFUSED.case(
        "letter-case",
        "authToken with upper and lower case swapped",
        refused(setting("authToken", str.swapcase)),
        why="Base64 means another value in another case; comparing without case makes tokens easier to guess.",
        advice="Compare authToken exactly (no equalsIgnoreCase).",
    ),
    _REFUSED.case(
        "changed", "a parameter was changed after signing", refused(setting("instanceId", lambda _: "another"))
    ),
    _REFUSED.case(
        "added",
        "a parameter was added after signing",
        refused(_added),
        advice="Sign all parameters received, not a list of those you know.",
    ),
    _REFUSED.case(
        "swallowed",
        "a parameter is hidden in the value before it",
        calls(lambda factory: altered(with_order(factory), swallowed, NO_ENTRY_OR_BAD)),
        why="What is signed joins names and values unescaped, so the token still fits.",
        advice="Refuse a value that holds &, the name of another documented parameter and =.",
    ),
    _BAD.case("unknown-activity", "an activity that does not exist", _lacking("conformanceCheck")),
    _BAD.case(
        "no-activity",
        "activity is missing",
        calls(
            lambda factory: factory.made_v1(
                lambda: factory.signed_v1({"instanceId": INSTANCE, "testFlag": 1}), codes=BAD_CALL
            )
        ),
    ),
    _BAD.case(
        "no-order",
        "newInstance without orderId",
        v1("newInstance", lambda factory: yearly(factory, orderId=None), codes=BAD_CALL),
        advice="Insist on what the tables call mandatory, with testFlag=1 too: answer 000002.",
    ),
    _BAD.case("no-instance", "releaseInstance without instanceId", _lacking("releaseInstance", orderId="CS1")),
    _BAD.case(
        "bad-status",
        "instanceStatus is neither FREEZE nor NORMAL",
        _lacking("instanceStatus", instanceId=INSTANCE, instanceStatus="THAW"),
    ),
)
