"""Version 2: ways to sign a call wrongly, or to alter what was signed (production interfaces, section 4.4)."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

from emulator.conformance.call_factory import INSTANCE, CallFactory
from emulator.conformance.case import Play
from emulator.conformance.case_builders import NO_ENTRY, NO_ENTRY_OR_BAD, altered, calls, setting, without
from emulator.conformance.step import Step
from emulator.order_ids import business_id
from shared.clock import epoch_ms
from shared.http import HttpRequest
from shared.protocol.signing import sign_body


def query(factory: CallFactory) -> Step:
    return factory.v2("queryInstance", {"instanceId": INSTANCE})


def refused(alter: Callable[[HttpRequest], HttpRequest], codes: tuple[str, ...] = NO_ENTRY) -> Play:
    """A debug call, altered after it was signed."""
    return calls(lambda factory: altered(query(factory), alter, codes))


def signed(sign: Callable[[str, str, str, bytes], str], codes: tuple[str, ...] = NO_ENTRY) -> Play:
    """A debug call signed in another way: of key, nonce, timestamp and body."""

    def step(factory: CallFactory) -> Step:
        def resigned(request: HttpRequest) -> HttpRequest:
            nonce, timestamp = request.first("nonce") or "", request.first("timestamp") or ""
            signature = sign(factory.keys.access_key, nonce, timestamp, request.body)
            return setting("signature", lambda _: signature)(request)

        return altered(query(factory), resigned, codes)

    return calls(step)


def unkeyed(key: str, nonce: str, timestamp: str, body: bytes) -> str:
    """The whole signature without a keyed hash anywhere: what the page's formula says if read literally."""
    text = f"{key}{nonce}{timestamp}{hashlib.sha256(body).hexdigest()}"
    return hashlib.sha256(text.encode()).hexdigest().upper()


def half_keyed(key: str, nonce: str, timestamp: str, body: bytes) -> str:
    """The body's hash unkeyed, the rest right."""
    text = f"{key}{nonce}{timestamp}{hashlib.sha256(body).hexdigest()}"
    return hmac.digest(key.encode(), text.encode(), "sha256").hex().upper()


def other_body(request: HttpRequest) -> HttpRequest:
    """The call with another instance in its body."""
    return replace(request, body=request.body.replace(INSTANCE.encode(), b"another"))


def part_missing(name: str) -> Play:
    """A debug call without ``name``, rightly signed without it."""

    def step(factory: CallFactory) -> Step:
        def dropped(request: HttpRequest) -> HttpRequest:
            left = without(name)(request)
            nonce, timestamp = left.first("nonce") or "", left.first("timestamp") or ""
            right = sign_body(factory.keys.access_key, nonce, timestamp, left.body)
            return setting("signature", lambda _: right)(left)

        return altered(query(factory), dropped, NO_ENTRY_OR_BAD)

    return calls(step)


def digits(factory: CallFactory) -> tuple[str, str]:
    """A nonce and a time in seconds, now, that are signed as the same text as a nonce and a time in milliseconds."""
    milliseconds = epoch_ms(factory.clock.now())
    return f"{business_id()}-{milliseconds // 10**10}", str(milliseconds // 1000)


def moved_digits(factory: CallFactory) -> Step:
    """A call signed with a time in milliseconds, of which the last ten digits are now."""

    def make() -> HttpRequest:
        nonce, timestamp = digits(factory)
        return factory.v2_calls.send(query(factory).make().body, nonce=nonce, timestamp=timestamp)

    return factory.made_v2(make, "queryInstance", codes=NO_ENTRY_OR_BAD)
