"""The marketplace's part: makes a call, sends it over HTTP, checks the answer, writes the row."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from emulator.checks import CHECKS, CheckResult, Expected, Reading, examine, first_failure
from emulator.checks.reading import at
from emulator.journey.life import Life, LifeCall
from emulator.journey.ordering import Ordering
from emulator.journey.row import JourneyRow
from emulator.openapi.order_query import Orders
from emulator.texts import Parameter, Text
from emulator.wire.calls import V1Calls, V2Calls
from emulator.wire.client import Answer, Reply, send
from shared.clock import Clock
from shared.commands import Version
from shared.config import Settings
from shared.errors import ResultCode
from shared.http import HttpRequest
from shared.protocol.choose import ORDER_NOTIFY

SHOWN = ("orderId", "instanceId", "productId", "scene", "status", "instanceStatus", "testFlag")
"""What a row tells of a call: no personal data; a ``testFlag`` of 0 says nothing."""


PATIENCE, PAUSE = 60.0, 0.5
"""Seconds a step waits for a slow instance, and between two questions; the marketplace waits for hours. Once one has
waited in vain, none waits any more.
"""


class PlayedCall(NamedTuple):
    """A call of the journey and its answer; ``at``: when it was made, UTC."""

    request: HttpRequest
    reading: Reading
    step: Text
    at: datetime


class Player:
    """Plays the marketplace against the bundle at ``base``.

    :param settings: those of the bundle: its keys and its path.
    :param clock: that of the bundle.
    :param orders: what the order query answers from.

    ``on_row`` is told each row as soon as it is there, ``on_call`` each call, ``on_wait`` each step that waits for the
    seller; what they raise ends the journey.
    """

    def __init__(self, base: str, settings: Settings, clock: Clock, orders: Orders) -> None:
        self.base = base
        self.clock = clock
        self.settings = settings
        self.ordering = Ordering(clock, orders, settings.v1_zone)
        self.calls_v1 = V1Calls(settings.key[0], clock, settings.base_path)
        self.calls_v2 = V2Calls(settings.access_key[0], clock, settings.base_path)
        self.calls: Mapping[Version, V1Calls | V2Calls] = {Version.V1: self.calls_v1, Version.V2: self.calls_v2}
        self.notices = V2Calls(settings.notify_access_key[0], clock, settings.base_path)
        self.rows: list[JourneyRow] = []
        self.chapter = Text("journey.title")
        self._patience = PATIENCE
        self.on_row: Callable[[JourneyRow], None] = lambda _row: None
        self.on_call: Callable[[PlayedCall], None] = lambda _played: None
        self.on_wait: Callable[[Text], None] = lambda _step: None

    def live(self, life: Life, *names: str) -> None:
        """The steps of a life that have these names."""
        for name, call in life.told(*names):
            self.play(name, call, life)

    def play(self, step: str, call: LifeCall, life: Life | None = None) -> Reading:
        """One step; ``life`` learns from the answer. ``None`` members are not sent."""
        calls = self.calls[call.version] if call.activity != ORDER_NOTIFY else self.notices
        expected = Expected(call.version, call.activity, calls.key, **call.expected)
        reading = self.step(step, lambda: calls.call(call.activity, **call.members), call.members, expected)
        if life:
            life.learn(call, reading)
        return reading

    def step(self, name: str, call: Callable[[], HttpRequest], shown: Mapping[str, Any], expected: Expected) -> Reading:
        """One step with any call. As long as the answer is that the work goes on, it is made again for a while.

        :param name: the end of the text ``journey.steps.…``.
        """
        title = Text(f"journey.steps.{name}")
        reading = self._sent(call(), expected, title)
        left = self._patience
        if left and in_process(reading):
            self.on_wait(title)
        while in_process(reading) and left > 0:
            self.clock.sleep(PAUSE)
            left -= PAUSE
            reading = self._sent(call(), expected, title)
        if in_process(reading):
            self._patience = 0.0
        self._record(title, reading, shown)
        return reading

    def _sent(self, request: HttpRequest, expected: Expected, title: Text) -> Reading:
        at = self.clock.now()
        reading = Reading(send(self.base, request), expected)
        self.on_call(PlayedCall(request, reading, title, at))
        return reading

    def _record(self, step: Text, reading: Reading, shown: Mapping[str, Any]) -> None:
        failure = first_failure(examine(reading.reply, reading.expected, CHECKS))
        sent = {name: str(shown[name]) for name in SHOWN if shown.get(name) not in (None, "0")}
        self.add(step, sent, failure, reading.reply, code=reading.code, version=reading.expected.version)

    def add(
        self,
        step: Text,
        sent: Mapping[str, Parameter],
        failure: CheckResult | None,
        reply: Reply | None = None,
        *,
        code: str = "",
        version: str = "",
        milliseconds: float = 0.0,
    ) -> None:
        """Write down a step, however it was made; without ``reply`` it took so many ``milliseconds``."""
        request_id = reply.request_id if isinstance(reply, Answer) else ""
        took = reply.milliseconds if reply else milliseconds
        row = JourneyRow(self.chapter, step, version, sent, request_id, code, took, failure)
        self.rows.append(row)
        self.on_row(row)


def in_process(reading: Reading) -> bool:
    """Does the answer say "later" where more was asked for?"""
    unready = reading.expected.access and None in (value for _, value in at(reading.members, "info[].appInfo"))
    later = reading.code == ResultCode.IN_PROCESS and reading.code not in reading.expected.codes
    return bool(later or unready)
