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

_REQUEST = CaseGroup(
    "v1",
    "request",
    "key",
    sources.TOKEN,
    "The signature is made of the decoded values. A server that decodes otherwise refuses genuine calls.",
    "Decode the query once, sign name=value of every parameter but authToken, sorted by name, joined with &.",
)
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


def again(factory: CallFactory) -> Generator[Step, Reading, str | None]:
    """The very same address, twice."""
    request = factory.v1("newInstance", yearly(factory)).make()
    for _ in range(2):
        yield factory.made_v1(lambda: request, "newInstance")
    return None


V1_REQUESTS: tuple[Case, ...] = (
    _REQUEST.case(
        "genuine",
        "a plain call is accepted",
        v1("queryInstance", lambda _: {"instanceId": INSTANCE}),
        why="If this fails, every call does: the keys differ, or the signature is computed in another way.",
        advice="Compare the key with 商家信息 > Key值, then the signature piece by piece with your log (--calls).",
    ),
    _REQUEST.case(
        "plus-space",
        "a space comes as +",
        calls(lambda factory: altered(spaced(factory), lambda request: encoded(request, plus))),
        why="Java's URLEncoder writes a space as +; who takes it for a plus sign, signs another text.",
        advice="Decode the query as a form (application/x-www-form-urlencoded): + is a space, %2B a plus sign.",
    ),
    _REQUEST.case(
        "percent-space",
        "a space comes as %20",
        calls(lambda factory: altered(spaced(factory), lambda request: encoded(request, percent))),
    ),
    _REQUEST.case(
        "token-plus",
        "authToken has a plus sign, sent as %2B",
        calls(lambda factory: factory.made_v1(lambda: encoded(with_plus(factory)), "queryInstance")),
        why="If + became a space, something decoded twice: about half of all tokens then fail, at random.",
        advice="Decode authToken exactly once; frameworks have done so already. Then compare.",
        source=sources.FAQ,
    ),
    _REQUEST.case(
        "token-raw-plus",
        "authToken has a plus sign, sent as +",
        calls(lambda factory: factory.made_v1(lambda: encoded(with_plus(factory), token=bare), "queryInstance")),
        why="Older samples of the marketplace send base64 with its + as it is, which decodes to a space.",
        advice="Turn spaces in authToken (and in mobilePhone, email, saasExtendParams) back into + before comparing.",
        advised=True,
    ),
    _REQUEST.case(
        "reserved",
        "a value has &, =, % and +",
        v1("newInstance", lambda factory: yearly(factory, **named(_RESERVED))),
        advice="Sign decoded values as they are: no escaping, no second decoding.",
    ),
    _REQUEST.case(
        "chinese",
        "a value is Chinese",
        v1("newInstance", lambda factory: yearly(factory, **named(_CHINESE))),
        advice="Decode the query as UTF-8, and sign the UTF-8 bytes. In Java name the charset: the default may differ.",
    ),
    _REQUEST.case(
        "unknown",
        "parameters nobody has documented yet",
        v1("newInstance", lambda factory: yearly(factory, futureField="new", Zone="upper-case-first")),
        why="The marketplace adds parameters, and signs them too. A fixed list of names breaks on that day.",
        advice="Sign all parameters received, sorted by character code (upper case first), and ignore unknown ones.",
    ),
    _REQUEST.case(
        "empty",
        "a parameter is there but empty",
        v1("newInstance", lambda factory: yearly(factory, trialFlag="", userName="")),
        advice="Sign an empty value as name= and otherwise treat it as absent.",
    ),
    _REQUEST.case(
        "order",
        "the parameters come in another order",
        calls(lambda factory: altered(factory.v1("newInstance", yearly(factory)), backwards)),
        advice="Sort the names before signing; do not rely on the order received.",
    ),
    _REQUEST.case(
        "first-of-two",
        "a name comes twice: the first counts",
        calls(lambda factory: altered(factory.v1("newInstance", yearly(factory)), twice)),
        why="The marketplace's own sample takes the first value. Gateways that keep the last one break the signature.",
        advice="Take the first value of a repeated name, or read the query from the address yourself.",
        advised=True,
    ),
    _REQUEST.case(
        "again",
        "the very same address is called twice",
        again,
        why="Saved cases are run again and again, and the console may send what it signed once.",
        advice="Version 1 knows no nonce: answer a repeated call as you did the first time.",
        source=sources.DEBUGGING,
    ),
    _REQUEST.case(
        "yesterday",
        "timeStamp is of yesterday",
        calls(lambda factory: factory.made_v1(lambda: yesterday(factory), "queryInstance")),
        why="No page of version 1 names a time window, and a saved case may be sent as it was signed.",
        advice="Accept old time stamps in version 1, or make the window longer than a day.",
        advised=True,
    ),
)
