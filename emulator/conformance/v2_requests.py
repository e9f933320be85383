"""Version 2: calls that are right, in forms that a careless reader of the body gets wrong (section 4.4)."""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, CallFactory
from emulator.conformance.case import Case, Play
from emulator.conformance.case_builders import CaseGroup, altered, calls, setting, v2
from emulator.conformance.encoding import compact, escaped, spread
from emulator.conformance.step import Step
from emulator.conformance.v2_interfaces import purchase
from emulator.order_ids import business_id
from shared.clock import epoch_ms
from shared.http import HttpRequest

_REQUEST = CaseGroup("v2", "request", "access_key", sources.SIGNATURE)
_CHINESE = {"note": "测试用户"}


def bytes_of(write: Callable[[Mapping[str, Any]], bytes], **more: Any) -> Play:
    """A purchase whose body is written so."""

    def step(factory: CallFactory) -> Step:
        body = write({"activity": "newInstance", "testFlag": "1", **purchase(factory), **more})
        return factory.made_v2(lambda: factory.v2_calls.send(body), "newInstance")

    return calls(step)


def unsorted(members: Mapping[str, Any]) -> bytes:
    """Members from Z to A."""
    return compact(dict(sorted(members.items(), reverse=True)))


def at(seconds: float, *, unit: int = 1, codes: tuple[str, ...] | None = None) -> Play:
    """A query sent so many seconds from now, its time in milliseconds or in units of ``unit`` milliseconds."""

    def step(factory: CallFactory) -> Step:
        made = factory.v2("queryInstance", {"instanceId": INSTANCE})
        body = made.make().body

        def make() -> HttpRequest:
            moment = epoch_ms(factory.clock.now() + timedelta(seconds=seconds)) // unit
            # A nonce without digits at its end, behind which ten digits could be the end of thirteen.
            return factory.v2_calls.send(body, timestamp=str(moment), nonce=f"{business_id()}-x")

        expected = made.expected if codes is None else replace(made.expected, codes=codes)
        return replace(made, make=make, expected=expected)

    return calls(step)


def _more_query(request: HttpRequest) -> HttpRequest:
    return replace(request, query=(("traceId", json.dumps({"a": 1})), *reversed(request.query)))


def again(factory: CallFactory) -> Generator[Step, Reading, None]:
    """The very same call, twice."""
    request = factory.v2("newInstance", purchase(factory)).make()
    for _ in range(2):
        yield factory.made_v2(lambda: request, "newInstance")


V2_REQUESTS: tuple[Case, ...] = (
    _REQUEST.case("genuine", v2("queryInstance", lambda _: {"instanceId": INSTANCE})),
    _REQUEST.case(
        "lower-case",
        calls(
            lambda factory: altered(
                factory.v2("queryInstance", {"instanceId": INSTANCE}), setting("signature", str.lower)
            )
        ),
    ),
    _REQUEST.case("seconds", at(0, unit=1000), advised=True),
    _REQUEST.case("past", at(-30)),
    _REQUEST.case("ahead", at(30)),
    _REQUEST.case("body-order", bytes_of(unsorted)),
    _REQUEST.case("body-spaces", bytes_of(spread)),
    _REQUEST.case("body-chinese", bytes_of(lambda members: compact(members, sort=True), **_CHINESE)),
    _REQUEST.case("body-escapes", bytes_of(escaped, **_CHINESE)),
    _REQUEST.case(
        "unknown-member", v2("newInstance", lambda factory: {**purchase(factory), "futureField": {"nested": [1, 2.50]}})
    ),
    _REQUEST.case(
        "empty-member", v2("releaseInstance", lambda _: {"instanceId": INSTANCE, "orderId": "", "orderLineId": None})
    ),
    _REQUEST.case(
        "more-query", calls(lambda factory: altered(factory.v2("newInstance", purchase(factory)), _more_query))
    ),
    _REQUEST.case("again", again, advised=True),
)
