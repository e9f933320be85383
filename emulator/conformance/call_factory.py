"""Signs the checker's calls, with made-up buyers and orders."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from emulator.checks import Expected
from emulator.conformance.encoding import compact
from emulator.conformance.step import Step
from emulator.journey.life import LifeCall
from emulator.journey.ordering import Ordering
from emulator.keys import Keys
from emulator.openapi.order_query import Orders
from emulator.wire.calls import V2Calls, time_stamp
from emulator.wire.sync_calls import SyncV1Calls, SyncV2Calls
from shared.clock import Clock
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.signing import sign_query

ORDER, LINE = "CS1906666666ABCDE", "CS1906666666ABCDE-000001"
INSTANCE = "huaweitest123456"
"""What the seller console fills in (production interfaces, section 8)."""


class CallFactory:
    """Makes steps for the server at ``path``. Calls carry ``testFlag`` 1, those called real do not.

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
        self.sync_v1 = SyncV1Calls(keys.key, clock, path.rstrip("/"))
        self.sync_v2 = SyncV2Calls(keys.sync_key, clock, path.rstrip("/"))

    def v1(self, activity: str, fields: Mapping[str, Any], **expected: Any) -> Step:
        """A debug call of version 1. ``expected`` holds members of :class:`Expected`; ``None`` fields are not sent."""
        return self.real_v1(activity, {**fields, "testFlag": 1}, **expected)

    def real(self, call: LifeCall, *, setup: bool = False) -> Step:
        """A call as a buyer causes it."""
        made = self.real_v1 if call.version is Version.V1 else self.real_v2
        return replace(made(call.activity, call.members, **call.expected), setup=setup)

    def real_v1(self, activity: str, fields: Mapping[str, Any], **expected: Any) -> Step:
        """A call of version 1 as a buyer causes it."""
        return self.made_v1(lambda: self.signed_v1({"activity": activity, **fields}), activity, **expected)

    def signed_v1(self, fields: Mapping[str, Any], *, plus: bool = False, ago: timedelta = timedelta()) -> HttpRequest:
        """A call of version 1 with these parameters, ``ago`` before now.

        Its token has a plus sign or has none, as ``plus`` says: a server that loses plus signs must fail where they are
        the matter, not at random. The time stamp moves by milliseconds until that is so.
        """
        texts = {name: str(value) for name, value in fields.items() if value is not None}
        start = self.clock.now() - ago
        requests = (self._stamped(texts, start + timedelta(milliseconds=number)) for number in count())
        return next(each for each in requests if ("+" in dict(each.query)["authToken"]) == plus)

    def _stamped(self, texts: Mapping[str, str], moment: datetime) -> HttpRequest:
        signed = {**texts, "timeStamp": time_stamp(moment)}
        return HttpRequest(
            "GET", self.path, (*sorted(signed.items()), ("authToken", sign_query(self.keys.key, signed)))
        )

    def made_v1(self, make: Callable[[], HttpRequest], activity: str = "", **expected: Any) -> Step:
        """Any call of version 1."""
        return Step(make, replace(Expected(Version.V1, activity, self.keys.key), **expected))

    def v2(self, activity: str, members: Mapping[str, Any], **expected: Any) -> Step:
        """A debug call of version 2, its members in the order of their names and without white space, so that a server
        that signs what it has parsed gets the same bytes.
        """
        return self.real_v2(activity, {**members, "testFlag": "1"}, **expected)

    def real_v2(self, activity: str, members: Mapping[str, Any], **expected: Any) -> Step:
        """A call of version 2 as a buyer causes it."""
        body = sorted_body(activity, members)
        return self.made_v2(lambda: self.v2_calls.send(body), activity, **expected)

    def made_v2(self, make: Callable[[], HttpRequest], activity: str = "", **expected: Any) -> Step:
        """Any call of version 2."""
        return Step(make, replace(Expected(Version.V2, activity, self.keys.access_key), **expected))

    def notice(self, members: Mapping[str, Any]) -> Step:
        """An order notification, which has a key of its own."""
        body = sorted_body("orderNotify", members)
        return Step(lambda: self.notices.send(body), Expected(Version.V2, "orderNotify", self.keys.notify_key))


def sorted_body(activity: str, members: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, members by name."""
    return compact({"activity": activity, **members}, sort=True)
