"""Calls that are right, in forms that a careless reader of the query or the body gets wrong (sections 4.1 and 4.4)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from emulator.checks.reading import SUCCESS
from emulator.conformance import sources
from emulator.conformance.alterations import added, marked, setting, unsorted, written
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play
from emulator.conformance.case_builders import CaseGroup, calls, twice
from emulator.conformance.encoding import bare, encoded, escaped, plus, spread
from emulator.conformance.fields import of, purchase_v2, yearly
from emulator.conformance.step import Step
from emulator.order_ids import business_id
from emulator.wire.calls import compact, pairs_of
from emulator.wire.debug_fields import INSTANCE
from shared.clock import epoch_ms
from shared.commands import Version
from shared.http import HttpRequest

_V1 = CaseGroup(Version.V1, "request", sources.TOKEN)
_V2 = CaseGroup(Version.V2, "request", sources.SIGNATURE)
_SPACED = partial(yearly, customerName="Co and Sons")
_CHINESE = partial(purchase_v2, note="测试用户")


def query(make: Callable[[CallFactory], HttpRequest]) -> Play:
    """A query of version 1 that is made so."""
    return calls(lambda factory: factory.made(Version.V1, lambda: make(factory), "queryInstance"))


def signed_query(factory: CallFactory, *, plus: bool = False, ago: timedelta = timedelta()) -> HttpRequest:
    """The query, signed as :meth:`CallFactory.signed_v1` says."""
    return factory.signed_v1({"activity": "queryInstance", "instanceId": INSTANCE, "testFlag": 1}, plus=plus, ago=ago)


def backwards(request: HttpRequest) -> HttpRequest:
    """The same with its parameters in another order."""
    return encoded(request, pairs=tuple(reversed(pairs_of(request))))


def more_query(request: HttpRequest) -> HttpRequest:
    """The same with its query in another order, and one parameter more."""
    return replace(request, query=(("traceId", json.dumps({"a": 1})), *reversed(request.query)))


def at(seconds: float, *, unit: int = 1, codes: tuple[str, ...] = SUCCESS) -> Play:
    """A query of version 2 sent so many seconds from now, its time in units of ``unit`` milliseconds."""

    def step(factory: CallFactory) -> Step:
        moment = epoch_ms(factory.clock.now() + timedelta(seconds=seconds)) // unit
        # A nonce without digits at its end, behind which ten digits could be the end of thirteen.
        sign = marked(timestamp=str(moment), nonce=f"{business_id()}-x")
        return _V2.call("queryInstance", of(), codes=codes)(factory).resigned(sign)

    return calls(step)


V1_REQUESTS: tuple[Case, ...] = (
    _V1.debug("genuine", "queryInstance", of()),
    _V1.debug("plus-space", "newInstance", _SPACED, alter=partial(encoded, encode=plus)),
    _V1.debug("percent-space", "newInstance", _SPACED, alter=encoded),
    _V1.case("token-plus", query(lambda factory: encoded(signed_query(factory, plus=True))), source=sources.FAQ),
    _V1.case(
        "token-raw-plus", query(lambda factory: encoded(signed_query(factory, plus=True), token=bare)), advised=True
    ),
    _V1.debug("reserved", "newInstance", partial(yearly, customerName="A&B=C%2B+D")),
    _V1.debug("chinese", "newInstance", partial(yearly, customerName="测试用户")),
    _V1.debug("unknown", "newInstance", partial(yearly, futureField="new", Zone="upper-case-first")),
    _V1.debug("empty", "newInstance", partial(yearly, trialFlag="", userName="")),
    _V1.debug("order", "newInstance", yearly, alter=backwards),
    _V1.debug("first-of-two", "newInstance", yearly, alter=added("customerName", "second"), advised=True),
    _V1.case("again", twice(_V1.call("newInstance", yearly)), source=sources.DEBUGGING),
    _V1.case("yesterday", query(partial(signed_query, ago=timedelta(days=1))), advised=True),
)

V2_REQUESTS: tuple[Case, ...] = (
    _V2.debug("genuine", "queryInstance", of()),
    _V2.debug("lower-case", "queryInstance", of(), alter=setting("signature", str.lower)),
    _V2.case("seconds", at(0, unit=1000), advised=True),
    _V2.case("past", at(-30)),
    _V2.case("ahead", at(30)),
    _V2.debug("body-order", "newInstance", purchase_v2, sign=written(unsorted)),
    _V2.debug("body-spaces", "newInstance", purchase_v2, sign=written(spread)),
    _V2.debug("body-chinese", "newInstance", _CHINESE, sign=written(partial(compact, sort=True))),
    _V2.debug("body-escapes", "newInstance", _CHINESE, sign=written(escaped)),
    _V2.debug("unknown-member", "newInstance", partial(purchase_v2, futureField={"nested": [1, 2.50]})),
    _V2.debug("empty-member", "releaseInstance", of(orderId="", orderLineId=None)),
    _V2.debug("more-query", "newInstance", purchase_v2, alter=more_query),
    _V2.case("again", twice(_V2.call("newInstance", purchase_v2)), advised=True),
)
