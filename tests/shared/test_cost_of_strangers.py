"""What a stranger's body may cost, counted in calls: it is parsed once or not at all, whatever its shape and address.

``make bench`` times the same bodies.
"""

import sys
from json import JSONDecoder
from types import FrameType
from typing import Any

import pytest

from emulator.bench.strangers import SHAPES, calls_with
from functions import gateway
from shared.clock import epoch_ms
from shared.http import HttpRequest
from shared.pipelines.marketplace import MAX_SYNC_BODY, answer
from shared.protocol.answer import code_of
from shared.protocol.sync.lenient_json import MOST_PARTS
from tests.enterprise_calls import sync_settings

PARSES = JSONDecoder.raw_decode.__code__
LOG_LINE = 10_000
"""Characters; the logger parses its texts, too."""
UNPARSED = 2_000
"""Calls of a request that is refused before its body is parsed."""


def work(world: Any, request: HttpRequest) -> tuple[int, int, str]:
    """Calls made, how often JSON was parsed, and the result code."""
    calls = parsed = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls, parsed
        if event == "c_call":
            calls += 1
        elif event == "call":
            calls += 1
            if frame.f_code is PARSES:
                parsed += len(frame.f_locals["s"]) > LOG_LINE

    sys.setprofile(count)
    try:
        response = answer(world.app, request, gateway.find)
    finally:
        sys.setprofile(None)
    return calls, parsed, code_of(response)


@pytest.mark.sweep
@pytest.mark.parametrize("shape", SHAPES)
def test_a_stranger_costs_little(world, shape):
    world.values.update(sync_settings())
    make, parsed = SHAPES[shape]
    body = make()
    assert len(body) <= MAX_SYNC_BODY
    for request in calls_with(b"{}", str(epoch_ms(world.clock.now()))):
        work(world, request)  # so that everything is imported
    for request in calls_with(body, str(epoch_ms(world.clock.now()))):
        calls, times, code = work(world, request)
        assert code in ("000001", "000002")
        is_sync = "/produceAPI/" in request.path
        assert times <= (parsed and is_sync)
        assert calls < (10 * MOST_PARTS if times else UNPARSED)
