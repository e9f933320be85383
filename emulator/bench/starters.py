"""What is started cold: the reference, the bare handler and every handler of the bundle, as code for ``python -c``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import functions
from emulator.bench.market import KEYS, Market1
from emulator.platforms.event_shapes import Event, api_gateway_rest
from emulator.samples.calls import samples
from shared.clock import Clock

CLIENT = 'boto3.client("dynamodb")'
REFERENCE = "reference"
BARE = "bare handler"
_HANDLER = re.compile(r"^(handler = |def handler\()", re.MULTILINE)
SCHEDULED = ("metering", "sweep")

_CALL = """
class Context:
    aws_request_id = "bench"
    def get_remaining_time_in_millis(self):
        return 30000
answer = handler({event!r}, Context())
"""


@dataclass(frozen=True)
class Starter:
    """Code that ends with everything imported, and code for a first answer then, with and without need of a store.

    The latter is made just before it is used, because signatures age; a right answer holds ``proof``.
    """

    name: str
    importing: str
    storeless: Callable[[], str] | None = None
    stored: Callable[[], str] | None = None
    proof: str = "000000"


def handler_names() -> set[str]:
    """Modules of ``functions`` that have a handler, with dots."""
    folder = Path(functions.__file__).parent
    files = {".".join(file.relative_to(folder).with_suffix("").parts): file for file in folder.rglob("*.py")}
    return {name.removesuffix(".__init__") for name, file in files.items() if _HANDLER.search(file.read_text())}


def starters(clock: Clock) -> list[Starter]:
    """All of them, the reference first. Every module of ``functions`` with a handler is one."""
    names = sorted(handler_names(), key=lambda name: (name != "gateway", name))
    bare = f"import boto3\nfrom emulator.bench.bare import bare_handler\nhandler = bare_handler({CLIENT})"
    return [
        Starter(REFERENCE, f"import boto3\n{CLIENT}"),
        Starter(BARE, bare, stored=lambda: _CALL.format(event=_purchase(clock, test=False))),
        *(_starter(name, clock) for name in names),
    ]


def _starter(name: str, clock: Clock) -> Starter:
    importing = f"from functions.{name} import handler"
    if name in SCHEDULED:
        return Starter(name, importing, stored=lambda: _CALL.format(event={"shard": 0}), proof="{")
    first, second = (f"{'purchase' if name == 'gateway' else name}-{version}" for version in ("v1", "v2"))
    known = _debug_calls(clock)
    return Starter(
        name,
        importing,
        storeless=(lambda: _CALL.format(event=_debug_calls(clock)[first])) if first in known else None,
        stored=(lambda: _CALL.format(event=_debug_calls(clock)[second])) if second in known else None,
    )


def _debug_calls(clock: Clock) -> Mapping[str, Event]:
    """By name of the sample. A debug call of version 2 stores its nonce, one of version 1 stores nothing."""
    calls = {sample.name: api_gateway_rest(sample.request) for sample in samples(KEYS, clock)}
    return calls | {"purchase-v1": _purchase(clock, test=True)}


def _purchase(clock: Clock, *, test: bool) -> Event:
    return api_gateway_rest(Market1(clock).purchase("CSCOLD", test=test))
