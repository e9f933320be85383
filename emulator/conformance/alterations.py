"""Ways to alter a call after it was signed, or to sign it wrongly (production interfaces, section 4.4)."""

import hashlib
import hmac
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from typing import Any

from emulator.checks import Reading
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import Play
from emulator.conformance.case_builders import Make, calls
from emulator.conformance.step import Step
from emulator.order_ids import business_id
from emulator.wire.calls import compact, members_of
from emulator.wire.resign import signed
from shared.clock import SystemClock, epoch_ms
from shared.http import HttpRequest

Alter = Callable[[HttpRequest], HttpRequest]
Sign = Callable[[HttpRequest, str], HttpRequest]
_CLOCK = SystemClock()


def setting(name: str, change: Callable[[str], str | None]) -> Alter:
    """Changes the value of a query parameter, or of a header; ``None`` leaves it out."""

    def changed(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        found = ((each, change(value) if each == name else value) for each, value in pairs)
        return [(each, value) for each, value in found if value is not None]

    return lambda request: replace(
        request, query=tuple(changed(request.query)), headers=dict(changed(request.headers.items()))
    )


def put(name: str, value: str | None) -> Alter:
    """Gives a query parameter or a header another value; ``None`` leaves it out."""
    return setting(name, lambda _: value)


def without(name: str) -> Alter:
    """Leaves a query parameter or a header out."""
    return put(name, None)


def added(name: str, value: str) -> Alter:
    """Appends a query parameter."""
    return lambda request: replace(request, query=(*request.query, (name, value)))


def unsorted(members: Mapping[str, Any]) -> bytes:
    """Members from Z to A."""
    return compact(dict(sorted(members.items(), reverse=True)))


def again(request: HttpRequest, key: str) -> HttpRequest:
    """Signed with a key, its time and nonce as they are."""
    return signed(request, key, _CLOCK, fresh=False)


def written(write: Callable[[Mapping[str, Any]], bytes]) -> Sign:
    """The body written so."""
    return lambda request, key: again(replace(request, body=write(members_of(request.body))), key)


def with_key(change: Callable[[str], str]) -> Sign:
    """Signed with another key."""
    return lambda request, key: again(request, change(key))


def part_missing(name: str) -> Sign:
    """Without ``name``, rightly signed without it."""
    return lambda request, key: again(without(name)(request), key)


def marked(**marks: str) -> Sign:
    """With another ``nonce`` or ``timestamp``, which the sync interfaces have in headers."""

    def sign(request: HttpRequest, key: str) -> HttpRequest:
        for name, mark in marks.items():
            request = put(f"x-{name}", mark)(put(name, mark)(request))
        return again(request, key)

    return sign


def unkeyed(request: HttpRequest, key: str) -> HttpRequest:
    """The whole signature without a keyed hash anywhere: what the page's formula says if read literally."""
    digest = hashlib.sha256(_with_plain_digest(request, key)).hexdigest()
    return put("signature", digest.upper())(request)


def half_keyed(request: HttpRequest, key: str) -> HttpRequest:
    """The body's hash unkeyed, the rest right."""
    digest = hmac.digest(key.encode(), _with_plain_digest(request, key), "sha256").hex()
    return put("signature", digest.upper())(request)


def _with_plain_digest(request: HttpRequest, key: str) -> bytes:
    nonce, timestamp = request.first("nonce"), request.first("timestamp")
    return f"{key}{nonce}{timestamp}{hashlib.sha256(request.body).hexdigest()}".encode()


def moved_digits(make: Make) -> Play:
    """The call signed with a time in milliseconds, of which the last ten digits are now: a nonce and a time in seconds
    that are signed as the same text.
    """

    def made(factory: CallFactory) -> Step:
        now = epoch_ms(factory.clock.now())
        return make(factory).resigned(marked(nonce=f"{business_id()}-{now // 10**10}", timestamp=str(now // 1000)))

    return calls(made)


def used_nonce(first: Make, second: Make) -> Play:
    """A nonce, and the same nonce with another call."""

    def play(factory: CallFactory) -> Generator[Step, Reading, None]:
        nonce = business_id()
        for make in (first, second):
            yield make(factory).resigned(marked(nonce=nonce))

    return play
