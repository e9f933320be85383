"""Signs the checker's calls, with made-up buyers and orders."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from emulator.checks import Expected
from emulator.conformance.step import Step
from emulator.journey.life import LifeCall
from emulator.journey.ordering import Ordering
from emulator.keys import Keys, key_name
from emulator.openapi.order_query import Orders
from emulator.wire.calls import V2Calls, compact, time_stamp
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls, stamp
from shared.clock import Clock
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.choose import ORDER_NOTIFY
from shared.protocol.signing import sign_query


class CallFactory:
    """Makes steps for the server at ``path``. ``expected`` holds members of :class:`Expected`.

    :param orders: what the order query answers from; real orders of version 2 are put there.
    :param bits: size of the AES key that phone and mail are encrypted with.
    """

    def __init__(self, keys: Keys, clock: Clock, path: str, *, orders: Orders | None = None, bits: int = 256) -> None:
        self.keys = keys
        self.clock = clock
        self.ordering = Ordering(clock, orders or Orders(clock))
        self.bits = bits
        self.path = path
        self.v2_calls = V2Calls(keys.access_key, clock, path)
        self.notices = V2Calls(keys.notify_key, clock, path)
        below = path.rstrip("/")
        self.sync_calls: Mapping[Version, SyncV1Calls | SyncV2Calls] = {
            Version.V1: SyncV1Calls(keys.key, clock, below),
            Version.V2: SyncV2Calls(keys.sync_key, clock, below),
        }

    def debug(self, version: Version, activity: str, members: Mapping[str, Any], **expected: Any) -> Step:
        """A debug call: one with ``testFlag`` 1."""
        flag = 1 if version is Version.V1 else "1"
        return self._sent(version, activity, {**members, "testFlag": flag}, **expected)

    def real(self, call: LifeCall, *, setup: bool = False) -> Step:
        """A call as a buyer causes it."""
        return replace(self._sent(call.version, call.activity, call.members, **call.expected), setup=setup)

    def sync(
        self, version: Version, name: str, members: Mapping[str, Any], *, real: bool = False, **expected: Any
    ) -> Step:
        """A call of a sync interface, its members sorted and without spaces, which both readings of the rule sign
        alike; a debug call unless it is ``real``.
        """

        def make() -> HttpRequest:
            more = {"testFlag": 0 if real else 1, "timeStamp": stamp(self.clock.now())}
            return self.sync_calls[version].send(name, compact({**more, **members}, sort=True))

        return self.made(version, make, name, sync=True, **expected)

    def made(
        self, version: Version, make: Callable[[], HttpRequest], activity: str = "", *, sync: bool = False, **more: Any
    ) -> Step:
        """Any call; ``more``: what is expected."""
        key = getattr(self.keys, key_name(version, activity, sync=sync))
        return Step(make, Expected(version, activity, key, **more))

    def signed_v1(self, fields: Mapping[str, Any], *, plus: bool = False, ago: timedelta = timedelta()) -> HttpRequest:
        """A call of version 1 with these parameters but those that are ``None``, ``ago`` before now.

        Its token has a plus sign or has none, as ``plus`` says: a server that loses plus signs must fail where they are
        the matter, not at random. The time stamp moves by milliseconds until that is so.
        """
        texts = {name: str(value) for name, value in fields.items() if value is not None}
        start = self.clock.now() - ago
        requests = (self._stamped(texts, start + timedelta(milliseconds=number)) for number in count())
        return next(each for each in requests if ("+" in dict(each.query)["authToken"]) == plus)

    def _stamped(self, texts: Mapping[str, str], moment: datetime) -> HttpRequest:
        signed = {**texts, "timeStamp": time_stamp(moment)}
        token = sign_query(self.keys.key, signed)
        return HttpRequest("GET", self.path, (*sorted(signed.items()), ("authToken", token)))

    def _sent(self, version: Version, activity: str, members: Mapping[str, Any], **expected: Any) -> Step:
        """In version 2 members stand by name and without white space, so that a server that signs what it has parsed
        gets the same bytes.
        """
        named = {"activity": activity, **members}
        if version is Version.V1:
            return self.made(version, lambda: self.signed_v1(named), activity, **expected)
        body = compact(named, sort=True)
        calls = self.notices if activity == ORDER_NOTIFY else self.v2_calls
        return self.made(version, lambda: calls.send(body), activity, **expected)
