"""What a body of 4 MiB costs that a stranger sends: CPU time until it is refused, by shape and address."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from emulator.bench.market import measured_app
from emulator.bench.timing import BenchError, Track
from functions import gateway
from shared.app import App
from shared.clock import SystemClock, epoch_ms
from shared.http import HttpRequest
from shared.pipelines.marketplace import MAX_SYNC_BODY, answer
from shared.protocol.sync.lenient_json import MOST_PARTS

LIMIT = 200.0
"""Milliseconds of CPU time that a stranger may cost."""
ADDRESSES = {
    "V1": ("GET", "/saas"),
    "V2": ("POST", "/saas"),
    "sync V1": ("POST", "/saas/produceAPI/authSync"),
    "sync V2": ("POST", "/saas/produceAPI/v2/authSync"),
}


@dataclass(frozen=True)
class StrangerFigures:
    """The dearest address of a shape."""

    shape: str
    address: str
    milliseconds: float


def _filled(head: str, piece: str, tail: str = "") -> Callable[[], bytes]:
    def make() -> bytes:
        first, some, last = (text.encode() for text in (head, piece, tail))
        return first + some * ((MAX_SYNC_BODY - len(first) - len(last)) // len(some)) + last

    return make


def _just_below(piece: str, parts: int) -> Callable[[], bytes]:
    """As many pieces, of so many ``parts`` each, as may be in a body, and a long text behind them."""

    def make() -> bytes:
        pieces = ",".join(piece.format(n=n) for n in range(MOST_PARTS // parts - 2))
        return _filled(f'{{"x":[{pieces}],"y":"', "a", '"}')()

    return make


SHAPES: Mapping[str, tuple[Callable[[], bytes], bool]] = {
    "bare names": (_filled("[", "{a:1},", "]"), False),
    "objects": (_filled('{"x":[', "{},", "{}]}"), False),
    "open brackets": (_filled("", "["), False),
    "closing brackets": (_filled("", "]"), True),
    "nested objects": (_filled("", '{"a":'), False),
    "members": (_filled("{", '"a":1,', '"b":1}'), False),
    "empty texts": (_filled('{"x":[', '"",', '""]}'), False),
    "commas": (_filled('{"x":1', ",", "}"), False),
    "quotes": (_filled('{"x":', '"', "}"), True),
    "escaped quotes": (_filled('{"x":"', '\\"', '"}'), True),
    "backslashes": (_filled('{"x":"', "\\\\", '"}'), True),
    "digits": (_filled('{"x":', "1", "}"), True),
    "exponent": (_filled('{"x":1e', "9", "}"), True),
    "blanks": (_filled("{", " ", "}"), True),
    "words": (_filled("{", "abc ", "}"), True),
    "one text": (_filled('{"timeStamp":"1","x":"', "a", '"}'), True),
    "hidden members": (_filled('{"timeStamp":"1","x":"', "&flag=", '"}'), True),
    "controls": (_filled('{"x":"', "\x01", '"}'), False),
    "escaped controls": (_filled('{"x":"', "\\u0001", '"}'), False),
    "escaped Chinese": (_filled('{"timeStamp":"1","x":"', "\\u4e2d", '"}'), True),
    "Chinese": (_filled('{"timeStamp":"1","x":"', "中", '"}'), True),
    "emoji": (_filled('{"x":"', "😀", '"}'), False),
    "just as many numbers": (_just_below("1.5", 1), True),
    "just as many texts": (_just_below('"v{n}"', 1), True),
    "just as many objects": (_just_below('{{"n{n}":"v{n}"}}', 2), True),
}
"""How to make each, and whether it is parsed: few enough parts for that."""


def calls_with(body: bytes, timestamp: str) -> Iterator[HttpRequest]:
    """A call of each address whose signature has the right form, and is wrong."""
    headers = {"x-sign": "0" * 64, "x-timestamp": timestamp, "x-nonce": "n", "authtoken": f"{'A' * 43}="}
    query = (("signature", "0" * 64), ("timestamp", timestamp), ("nonce", "n"))
    for method, path in ADDRESSES.values():
        yield HttpRequest(method, path, query, {**headers, "content-type": "application/json"}, body)


def measure(rounds: int, track: Track) -> list[StrangerFigures]:
    """A row for each shape, the least of ``rounds`` attempts.

    :raises BenchError: one costs more than :data:`LIMIT`, each time.
    """
    app = measured_app(clock=SystemClock())
    rows = [_row(app, shape, SHAPES[shape][0](), rounds) for shape in track(list(SHAPES), "strangers")]
    if dear := [row for row in rows if row.milliseconds > LIMIT]:
        raise BenchError(f"{dear[0].shape} to {dear[0].address} cost {dear[0].milliseconds:.0f} ms of CPU time")
    return rows


def _row(app: App, shape: str, body: bytes, rounds: int) -> StrangerFigures:
    requests = calls_with(body, str(epoch_ms(app.clock.now())))
    costs = {address: _least(app, request, rounds) for address, request in zip(ADDRESSES, requests, strict=True)}
    dearest = max(costs, key=lambda address: costs[address])
    return StrangerFigures(shape, dearest, costs[dearest])


def _least(app: App, request: HttpRequest, rounds: int) -> float:
    """Tried again where it is too much: the machine may have been busy."""
    least = min(_cost(app, request) for _ in range(rounds))
    return least if least <= LIMIT else min(_cost(app, request) for _ in range(3))


def _cost(app: App, request: HttpRequest) -> float:
    started = time.process_time()
    answer(app, request, gateway.find)
    return 1000 * (time.process_time() - started)
