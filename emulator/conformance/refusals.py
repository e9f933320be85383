"""Calls that must be refused, each with its code, HTTP 200 and a signed answer (sections 4.1, 4.4 and 5)."""

from dataclasses import replace
from functools import partial

from emulator.conformance import alterations, sources
from emulator.conformance.alterations import added, part_missing, put, setting, with_key, without
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import BAD_CALL, NO_ENTRY, NO_ENTRY_OR_BAD, CaseGroup, calls
from emulator.conformance.fields import of, only, renewal_v2, yearly
from emulator.conformance.requests import at
from emulator.conformance.step import Step
from emulator.wire.calls import spoilt
from emulator.wire.debug_fields import INSTANCE, LINE, ORDER
from shared.commands import Version
from shared.http import HttpRequest

OLD = 120.0
"""Seconds: well out of the window of 60, whatever the network does."""

_V1 = CaseGroup(Version.V1, "refused", sources.TOKEN, says=Says())
_V2 = replace(_V1, version=Version.V2, source=sources.SIGNATURE)
_V1_BAD, _V2_BAD = (replace(group, source=sources.CODES, kind="bad") for group in (_V1, _V2))


def swallowed(request: HttpRequest) -> HttpRequest:
    """The call with ``orderId`` moved into the value before it, which leaves what is signed as it was."""
    return setting("instanceId", lambda value: f"{value}&orderId={ORDER}")(without("orderId")(request))


def other_body(request: HttpRequest) -> HttpRequest:
    """The call with another instance in its body."""
    return replace(request, body=request.body.replace(INSTANCE.encode(), b"another"))


def body(content: bytes, codes: tuple[str, ...] = BAD_CALL) -> Play:
    """A call of version 2 with this body."""
    return calls(lambda factory: factory.made(Version.V2, lambda: factory.v2_calls.send(content), codes=codes))


def no_activity(factory: CallFactory) -> Step:
    """A call of version 1 without an activity."""
    make = partial(factory.signed_v1, {"instanceId": INSTANCE, "testFlag": 1})
    return factory.made(Version.V1, make, codes=BAD_CALL)


_v1, _v2 = (partial(each.debug, activity="queryInstance", fields=of(), codes=NO_ENTRY) for each in (_V1, _V2))
_v1_bad, _v2_bad = (partial(each.debug, codes=BAD_CALL) for each in (_V1_BAD, _V2_BAD))
_OTHER = _V2.call("queryInstance", of(instanceId="another"), codes=NO_ENTRY)

V1_REFUSALS: tuple[Case, ...] = (
    _v1("wrong-token", alter=setting("authToken", spoilt)),
    _v1("no-token", alter=without("authToken")),
    _v1("no-time", alter=without("timeStamp"), codes=NO_ENTRY_OR_BAD),
    _v1("other-key", sign=with_key(lambda key: f"{key}x")),
    _v1("empty-key", sign=with_key(lambda _: "")),
    _v1("letter-case", alter=setting("authToken", str.swapcase)),
    _v1("changed", alter=put("instanceId", "another")),
    _v1("added", alter=added("amount", "1000")),
    _v1("swallowed", fields=of(orderId=ORDER), alter=swallowed, codes=NO_ENTRY_OR_BAD),
    _v1_bad("unknown-activity", "conformanceCheck", only()),
    _V1_BAD.case("no-activity", calls(no_activity)),
    _v1_bad("no-order", "newInstance", partial(yearly, orderId=None)),
    _v1_bad("no-instance", "releaseInstance", only(orderId="CS1")),
    _v1_bad("bad-status", "instanceStatus", of(instanceStatus="THAW")),
)

V2_REFUSALS: tuple[Case, ...] = (
    _v2("wrong-signature", alter=setting("signature", spoilt)),
    _v2("no-signature", alter=without("signature"), codes=NO_ENTRY_OR_BAD),
    _v2("other-key", sign=with_key(lambda key: f"{key}x")),
    _v2("empty-key", sign=with_key(lambda _: "")),
    _v2("unkeyed-body", sign=alterations.half_keyed),
    _v2("unkeyed", sign=alterations.unkeyed),
    _v2("changed", alter=other_body),
    _V2.case("old", at(-OLD, codes=NO_ENTRY)),
    _V2.case("future", at(OLD, codes=NO_ENTRY)),
    _v2("no-time", sign=part_missing("timestamp"), codes=NO_ENTRY_OR_BAD),
    _v2("bad-time", sign=alterations.marked(timestamp="now"), codes=NO_ENTRY_OR_BAD),
    _v2("no-nonce", sign=part_missing("nonce"), codes=NO_ENTRY_OR_BAD),
    _V2.case("used-nonce", alterations.used_nonce(_V2.call("queryInstance", of()), _OTHER)),
    _V2.case("moved-digits", alterations.moved_digits(_V2.call("queryInstance", of(), codes=NO_ENTRY_OR_BAD))),
    _v2_bad("unknown-activity", "conformanceCheck", only()),
    _V2_BAD.case("no-activity", body(b'{"instanceId":"any","testFlag":"1"}')),
    _v2_bad("no-order", "newInstance", only(orderLineId=LINE, businessId="1")),
    _v2_bad("no-instance", "releaseInstance", only(orderId="CS1")),
    _v2_bad("bad-status", "updateInstanceStatus", of(status="THAW")),
    _v2_bad("bad-scene", "refreshInstance", partial(renewal_v2, scene="BIRTHDAY")),
    _V2_BAD.case("not-json", body(b"activity=newInstance&testFlag=1")),
    _V2_BAD.case("no-object", body(b'["newInstance"]')),
    _V2_BAD.case("no-body", body(b"", NO_ENTRY_OR_BAD)),
)
