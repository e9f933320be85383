"""Version 1: calls that are right, in forms that a careless reader of the query gets wrong (section 4.1)."""

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, CallFactory
from emulator.conformance.case import Case
from emulator.conformance.case_builders import CaseGroup, altered, calls, v1
from emulator.conformance.encoding import bare, encoded, percent, plus
from emulator.conformance.step import Step
from emulator.conformance.v1_fields import yearly
from emulator.wire.calls import pairs_of
from shared.http import HttpRequest

_REQUEST = CaseGroup("v1", "request", "key", sources.TOKEN)
QUERY = {"activity": "queryInstance", "instanceId": INSTANCE, "testFlag": 1}
_SPACED, _CHINESE, _RESERVED = "Co and Sons", "测试用户", "A&B=C%2B+D"


def named(name: str) -> Mapping[str, Any]:
    """A parameter with free text."""
    return {"customerName": name}


def spaced(factory: CallFactory) -> Step:
    """A purchase whose buyer has spaces in the name."""
    return factory.v1("newInstance", yearly(factory, **named(_SPACED)))


def with_plus(factory: CallFactory) -> HttpRequest:
    """A call whose token has a plus sign."""
    return factory.signed_v1(QUERY, plus=True)


def twice(request: HttpRequest) -> HttpRequest:
    """The same with a second ``customerName`` at the end, which counts for nothing."""
    return replace(request, query=(*request.query, ("customerName", "second")))


def backwards(request: HttpRequest) -> HttpRequest:
    """The same with its parameters in another order."""
    return encoded(request, pairs=tuple(reversed(pairs_of(request))))


def yesterday(factory: CallFactory) -> HttpRequest:
    """A debug call signed a day ago."""
    return factory.signed_v1(QUERY, ago=timedelta(days=1))


def again(factory: CallFactory) -> Generator[Step, Reading, None]:
    """The very same address, twice."""
    request = factory.v1("newInstance", yearly(factory)).make()
    for _ in range(2):
        yield factory.made_v1(lambda: request, "newInstance")


V1_REQUESTS: tuple[Case, ...] = (
    _REQUEST.case("genuine", v1("queryInstance", lambda _: {"instanceId": INSTANCE})),
    _REQUEST.case(
        "plus-space", calls(lambda factory: altered(spaced(factory), lambda request: encoded(request, plus)))
    ),
    _REQUEST.case(
        "percent-space", calls(lambda factory: altered(spaced(factory), lambda request: encoded(request, percent)))
    ),
    _REQUEST.case(
        "token-plus",
        calls(lambda factory: factory.made_v1(lambda: encoded(with_plus(factory)), "queryInstance")),
        source=sources.FAQ,
    ),
    _REQUEST.case(
        "token-raw-plus",
        calls(lambda factory: factory.made_v1(lambda: encoded(with_plus(factory), token=bare), "queryInstance")),
        advised=True,
    ),
    _REQUEST.case("reserved", v1("newInstance", lambda factory: yearly(factory, **named(_RESERVED)))),
    _REQUEST.case("chinese", v1("newInstance", lambda factory: yearly(factory, **named(_CHINESE)))),
    _REQUEST.case(
        "unknown", v1("newInstance", lambda factory: yearly(factory, futureField="new", Zone="upper-case-first"))
    ),
    _REQUEST.case("empty", v1("newInstance", lambda factory: yearly(factory, trialFlag="", userName=""))),
    _REQUEST.case("order", calls(lambda factory: altered(factory.v1("newInstance", yearly(factory)), backwards))),
    _REQUEST.case(
        "first-of-two", calls(lambda factory: altered(factory.v1("newInstance", yearly(factory)), twice)), advised=True
    ),
    _REQUEST.case("again", again, source=sources.DEBUGGING),
    _REQUEST.case(
        "yesterday", calls(lambda factory: factory.made_v1(lambda: yesterday(factory), "queryInstance")), advised=True
    ),
)
