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

_REQUEST = CaseGroup(
    "v2",
    "request",
    "access_key",
    sources.SIGNATURE,
    "The signature is over the bytes sent. A server that signs what it has parsed refuses genuine calls.",
    "Sign the bytes received, before anything parses them; keep them if the framework hands out objects only.",
)
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


def again(factory: CallFactory) -> Generator[Step, Reading, str | None]:
    """The very same call, twice."""
    request = factory.v2("newInstance", purchase(factory)).make()
    for _ in range(2):
        yield factory.made_v2(lambda: request, "newInstance")
    return None


V2_REQUESTS: tuple[Case, ...] = (
    _REQUEST.case(
        "genuine",
        "a plain call is accepted",
        v2("queryInstance", lambda _: {"instanceId": INSTANCE}),
        why="If this fails, every call does: the keys differ, or the signature is computed in another way.",
        advice="Compare the key with 密钥管理 (each interface class has its own), then the signature piece by "
        "piece with your log (--calls). Both hashes are HMAC-SHA256 with the access key.",
    ),
    _REQUEST.case(
        "lower-case",
        "signature in lower-case hex",
        calls(
            lambda factory: altered(
                factory.v2("queryInstance", {"instanceId": INSTANCE}), setting("signature", str.lower)
            )
        ),
        why="Samples of one year have upper-case hex, those of another lower-case.",
        advice="Compare the decoded bytes, or both in one case.",
    ),
    _REQUEST.case(
        "seconds",
        "timestamp in seconds",
        at(0, unit=1000),
        why="The Chinese page says milliseconds, the international one seconds.",
        advice="Take 10 digits as seconds and 13 as milliseconds; sign the text as it stands in the address.",
        advised=True,
    ),
    _REQUEST.case(
        "past",
        "sent 30 seconds ago",
        at(-30),
        why="A slow network or a clock a little off must not cost an order: the window is 60 seconds.",
        advice="Accept 60 seconds on both sides of now.",
    ),
    _REQUEST.case(
        "ahead",
        "sent by a clock that is 30 seconds ahead",
        at(30),
        why="Nobody's clock is exact: the window is 60 seconds.",
        advice="Accept 60 seconds on both sides of now.",
    ),
    _REQUEST.case("body-order", "the body's members stand in another order", bytes_of(unsorted)),
    _REQUEST.case("body-spaces", "the body has spaces and line breaks", bytes_of(spread)),
    _REQUEST.case(
        "body-chinese",
        "the body has Chinese in UTF-8",
        bytes_of(lambda members: compact(members, sort=True), **_CHINESE),
    ),
    _REQUEST.case("body-escapes", "the body has Chinese as escapes", bytes_of(escaped, **_CHINESE)),
    _REQUEST.case(
        "unknown-member",
        "members nobody has documented yet",
        v2("newInstance", lambda factory: {**purchase(factory), "futureField": {"nested": [1, 2.50]}}),
        why="The marketplace adds members. A strict parser breaks on that day.",
        advice="Ignore unknown members (in Jackson FAIL_ON_UNKNOWN_PROPERTIES=false).",
    ),
    _REQUEST.case(
        "empty-member",
        "optional members are empty or null",
        v2("releaseInstance", lambda _: {"instanceId": INSTANCE, "orderId": "", "orderLineId": None}),
        why="Serialisers write what is not there as an empty text or as null.",
        advice="Treat both as absent.",
    ),
    _REQUEST.case(
        "more-query",
        "the query has another order and one more parameter",
        calls(lambda factory: altered(factory.v2("newInstance", purchase(factory)), _more_query)),
        why="Gateways add parameters for tracing, and the marketplace may.",
        advice="Read signature, timestamp and nonce by their names and ignore the rest of the query.",
    ),
    _REQUEST.case(
        "again",
        "the very same call is sent twice",
        again,
        why="After a broken connection HTTP clients send a call again, and the order must not get lost by that.",
        advice="Remember the nonce with the signature: same nonce and same signature is the same call, so answer it "
        "as you did the first time.",
        advised=True,
    ),
)
