"""Version 2: calls that must be refused, each with its code and HTTP 200 (sections 4.4 and 5)."""

from collections.abc import Generator
from typing import Any

from emulator.checks import Reading
from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, LINE, CallFactory
from emulator.conformance.case import Case, Play, Says
from emulator.conformance.case_builders import (
    BAD_CALL,
    NO_ENTRY,
    NO_ENTRY_OR_BAD,
    CaseGroup,
    calls,
    setting,
    v2,
    without,
)
from emulator.conformance.step import Step
from emulator.conformance.v2_interfaces import renewal
from emulator.conformance.v2_requests import at
from emulator.conformance.v2_signatures import (
    half_keyed,
    moved_digits,
    other_body,
    part_missing,
    query,
    refused,
    signed,
    unkeyed,
)
from emulator.order_ids import business_id
from emulator.wire.calls import spoilt
from shared.protocol.signing import sign_body

OLD = 120.0
"""Seconds: well out of the window of 60, whatever the network does."""

_REFUSED = CaseGroup("v2", "refused", "access_key", sources.SIGNATURE, says=Says())
_BAD = _REFUSED._replace(source=sources.CODES, kind="bad")


def used_nonce(factory: CallFactory) -> Generator[Step, Reading, None]:
    """A nonce, and the same nonce with another call."""
    nonce = business_id()
    bodies = [query(factory).make().body, factory.v2("queryInstance", {"instanceId": "another"}).make().body]
    yield factory.made_v2(lambda: factory.v2_calls.send(bodies[0], nonce=nonce), "queryInstance")
    yield factory.made_v2(lambda: factory.v2_calls.send(bodies[1], nonce=nonce), "queryInstance", codes=NO_ENTRY)


def _lacking(activity: str, **members: Any) -> Play:
    return v2(activity, lambda _: members, codes=BAD_CALL)


def _bytes(body: bytes, codes: tuple[str, ...] = BAD_CALL) -> Play:
    return calls(lambda factory: factory.made_v2(lambda: factory.v2_calls.send(body), codes=codes))


V2_REFUSALS: tuple[Case, ...] = (
    _REFUSED.case("wrong-signature", refused(setting("signature", spoilt))),
    _REFUSED.case("no-signature", refused(without("signature"), NO_ENTRY_OR_BAD)),
    _REFUSED.case("other-key", signed(lambda key, *rest: sign_body(f"{key}x", *rest))),
    _REFUSED.case("empty-key", signed(lambda _, *rest: sign_body("", *rest))),
    _REFUSED.case("unkeyed-body", signed(half_keyed)),
    _REFUSED.case("unkeyed", signed(unkeyed)),
    _REFUSED.case("changed", refused(other_body)),
    _REFUSED.case("old", at(-OLD, codes=NO_ENTRY)),
    _REFUSED.case("future", at(OLD, codes=NO_ENTRY)),
    _REFUSED.case("no-time", part_missing("timestamp")),
    _REFUSED.case(
        "bad-time",
        calls(
            lambda factory: factory.made_v2(
                lambda: factory.v2_calls.send(query(factory).make().body, timestamp="now"), codes=NO_ENTRY_OR_BAD
            )
        ),
    ),
    _REFUSED.case("no-nonce", part_missing("nonce")),
    _REFUSED.case("used-nonce", used_nonce),
    _REFUSED.case("moved-digits", calls(moved_digits)),
    _BAD.case("unknown-activity", _lacking("conformanceCheck")),
    _BAD.case("no-activity", _bytes(b'{"instanceId":"any","testFlag":"1"}')),
    _BAD.case("no-order", _lacking("newInstance", orderLineId=LINE, businessId="1")),
    _BAD.case("no-instance", _lacking("releaseInstance", orderId="CS1")),
    _BAD.case("bad-status", _lacking("updateInstanceStatus", instanceId=INSTANCE, status="THAW")),
    _BAD.case("bad-scene", v2("refreshInstance", lambda factory: renewal(factory, scene="BIRTHDAY"), codes=BAD_CALL)),
    _BAD.case("not-json", _bytes(b"activity=newInstance&testFlag=1")),
    _BAD.case("no-object", _bytes(b'["newInstance"]')),
    _BAD.case("no-body", _bytes(b"", NO_ENTRY_OR_BAD)),
)
