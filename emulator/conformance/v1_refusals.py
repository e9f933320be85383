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

_REFUSED = CaseGroup("v1", "refused", "key", sources.TOKEN, says=Says())
_BAD = _REFUSED._replace(source=sources.CODES, kind="bad")


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
    _REFUSED.case("wrong-token", refused(setting("authToken", spoilt))),
    _REFUSED.case("no-token", refused(without("authToken"))),
    _REFUSED.case("no-time", refused(without("timeStamp"), NO_ENTRY_OR_BAD)),
    _REFUSED.case("other-key", signed_with(lambda key: f"{key}x")),
    _REFUSED.case("empty-key", signed_with(lambda _: "")),
    _REFUSED.case("letter-case", refused(setting("authToken", str.swapcase))),
    _REFUSED.case("changed", refused(setting("instanceId", lambda _: "another"))),
    _REFUSED.case("added", refused(_added)),
    _REFUSED.case("swallowed", calls(lambda factory: altered(with_order(factory), swallowed, NO_ENTRY_OR_BAD))),
    _BAD.case("unknown-activity", _lacking("conformanceCheck")),
    _BAD.case(
        "no-activity",
        calls(
            lambda factory: factory.made_v1(
                lambda: factory.signed_v1({"instanceId": INSTANCE, "testFlag": 1}), codes=BAD_CALL
            )
        ),
    ),
    _BAD.case("no-order", v1("newInstance", lambda factory: yearly(factory, orderId=None), codes=BAD_CALL)),
    _BAD.case("no-instance", _lacking("releaseInstance", orderId="CS1")),
    _BAD.case("bad-status", _lacking("instanceStatus", instanceId=INSTANCE, instanceStatus="THAW")),
)
