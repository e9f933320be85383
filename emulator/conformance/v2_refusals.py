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

_REFUSED = CaseGroup(
    "v2",
    "refused",
    "access_key",
    sources.SIGNATURE,
    "Anybody can reach the address. Only the signature tells the marketplace from others.",
    "Compute the signature over the bytes received and compare in constant time; answer 000001 if it differs.",
    says=Says(),
)
_BAD = _REFUSED._replace(
    source=sources.CODES,
    why="A call that cannot be done must not look done: the order would count as delivered.",
    advice="Answer 000002 with HTTP 200; name the member in resultMsg.",
)


def used_nonce(factory: CallFactory) -> Generator[Step, Reading, str | None]:
    """A nonce, and the same nonce with another call."""
    nonce = business_id()
    bodies = [query(factory).make().body, factory.v2("queryInstance", {"instanceId": "another"}).make().body]
    yield factory.made_v2(lambda: factory.v2_calls.send(bodies[0], nonce=nonce), "queryInstance")
    yield factory.made_v2(lambda: factory.v2_calls.send(bodies[1], nonce=nonce), "queryInstance", codes=NO_ENTRY)
    return None


def _lacking(activity: str, **members: Any) -> Play:
    return v2(activity, lambda _: members, codes=BAD_CALL)


def _bytes(body: bytes, codes: tuple[str, ...] = BAD_CALL) -> Play:
    return calls(lambda factory: factory.made_v2(lambda: factory.v2_calls.send(body), codes=codes))


V2_REFUSALS: tuple[Case, ...] = (
    _REFUSED.case("wrong-signature", "signature is wrong", refused(setting("signature", spoilt))),
    _REFUSED.case("no-signature", "signature is missing", refused(without("signature"), NO_ENTRY_OR_BAD)),
    _REFUSED.case("other-key", "signed with another key", signed(lambda key, *rest: sign_body(f"{key}x", *rest))),
    _REFUSED.case(
        "empty-key",
        "signed with no key at all",
        signed(lambda _, *rest: sign_body("", *rest)),
        why="A server whose key is not set would accept what anybody can sign.",
        advice="Refuse every call while no key is set.",
    ),
    _REFUSED.case(
        "unkeyed-body",
        "the body is hashed without the key",
        signed(half_keyed),
        why="The page writes the inner hash without its key; the marketplace signs with the key in both places.",
        advice="Use HMAC-SHA256 with the access key for the body's hash, not plain SHA-256.",
    ),
    _REFUSED.case(
        "unkeyed",
        "signed with plain SHA-256",
        signed(unkeyed),
        why="A plain hash over key and text can be extended by strangers.",
        advice="Use HMAC-SHA256 with the access key in both places, not plain SHA-256.",
    ),
    _REFUSED.case(
        "changed",
        "the body was changed after signing",
        refused(other_body),
        advice="The signature covers the body: sign the bytes received, not only nonce and timestamp.",
    ),
    _REFUSED.case(
        "old",
        "two minutes old",
        at(-OLD, codes=NO_ENTRY),
        why="Who records a call could send it again at any time.",
        advice="Refuse with 000001 what is more than 60 seconds old.",
    ),
    _REFUSED.case(
        "future",
        "two minutes ahead",
        at(OLD, codes=NO_ENTRY),
        why="A call from the future stays good for longer than a nonce is remembered.",
        advice="Compare the absolute difference: refuse what is more than 60 seconds ahead, too.",
    ),
    _REFUSED.case("no-time", "timestamp is missing", part_missing("timestamp")),
    _REFUSED.case(
        "bad-time",
        "timestamp is no number",
        calls(
            lambda factory: factory.made_v2(
                lambda: factory.v2_calls.send(query(factory).make().body, timestamp="now"), codes=NO_ENTRY_OR_BAD
            )
        ),
        advice="A timestamp that is no number is outside the window: answer 000001.",
    ),
    _REFUSED.case("no-nonce", "nonce is missing", part_missing("nonce")),
    _REFUSED.case(
        "used-nonce",
        "a nonce comes again with another call",
        used_nonce,
        why="The nonce is there so that nothing can be sent twice; it works only if it is remembered.",
        advice="Keep each nonce for two minutes in a store that all your processes share; refuse it with 000001 when "
        "it comes with another signature.",
    ),
    _REFUSED.case(
        "moved-digits",
        "digits of the timestamp were moved into the nonce",
        calls(moved_digits),
        why="Both are signed as one text: the last ten digits of a time in milliseconds come to be the present again.",
        advice="Take 13 digits, or ten only if the nonce does not end in three digits.",
    ),
    _BAD.case("unknown-activity", "an activity that does not exist", _lacking("conformanceCheck")),
    _BAD.case("no-activity", "activity is missing", _bytes(b'{"instanceId":"any","testFlag":"1"}')),
    _BAD.case("no-order", "newInstance without orderId", _lacking("newInstance", orderLineId=LINE, businessId="1")),
    _BAD.case("no-instance", "releaseInstance without instanceId", _lacking("releaseInstance", orderId="CS1")),
    _BAD.case(
        "bad-status",
        "status is neither FREEZE nor UNFREEZE",
        _lacking("updateInstanceStatus", instanceId=INSTANCE, status="THAW"),
    ),
    _BAD.case(
        "bad-scene",
        "scene is none of the documented ones",
        v2("refreshInstance", lambda factory: renewal(factory, scene="BIRTHDAY"), codes=BAD_CALL),
    ),
    _BAD.case("not-json", "the body is no JSON", _bytes(b"activity=newInstance&testFlag=1")),
    _BAD.case("no-object", "the body is a JSON array", _bytes(b'["newInstance"]')),
    _BAD.case("no-body", "the body is empty", _bytes(b"", NO_ENTRY_OR_BAD)),
)
