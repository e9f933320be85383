"""The bundle as it is deployed: a call becomes a platform's event, a module's real handler answers it, and the gateway
sends the answer on.
"""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from functions.gateway import MODULES, SYNC_MODULES
from shared.clock import Clock
from shared.http import HttpRequest, HttpResponse
from tests.events import RUNTIMES, Platform
from tests.world import World

Handler = Callable[[Any, Any], Any]


class Entry(NamedTuple):
    """How calls come in: on a platform, through the gateway's handler or each interface's own."""

    platform: Platform
    gateway: bool

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.platform.name}-{'gateway' if self.gateway else 'own'}"


THROUGH_GATEWAY = [Entry(platform, gateway=True) for platform in RUNTIMES]
ENTRIES = [*THROUGH_GATEWAY, *(Entry(platform, gateway=False) for platform in RUNTIMES)]
PAIRINGS = [Entry(platform, gateway=number % 2 == 0) for number, platform in enumerate(RUNTIMES)]
"""Each platform once, half of them through the gateway: for whatever does not depend on how a call comes in."""


class Deployed(World):
    """A world whose calls all come in by one entry."""

    def __init__(
        self, folder: Path, entry: Entry, settings: Mapping[str, str] | None = None, clock: Clock | None = None
    ) -> None:
        self.entry = entry
        super().__init__(folder, settings, clock)

    def hurry(self, seconds: float = 0.2) -> None:
        """From now on an answer is due after so many seconds."""
        self.values["KOOGALLERY_DEADLINE"] = str(seconds)

    def raw(self, request: HttpRequest) -> HttpResponse:
        module = "gateway" if self.entry.gateway else (MODULES | SYNC_MODULES).get(activity_of(request), "gateway")
        return handled(self.entry.platform, handler_of(module), request)


def handler_of(module: str) -> Handler:
    """The handler of ``functions/<module>.py``."""
    handler: Handler = import_module(f"functions.{module}").handler
    return handler


def handled(platform: Platform, handler: Handler, request: HttpRequest) -> HttpResponse:
    """What the client receives; ``Body-Sign`` leaves the function spelt as the marketplace insists."""
    raw = handler(platform.make_event(request), platform.make_context())
    assert [name for name in raw["headers"] if name.lower() == "body-sign"] == ["Body-Sign"]
    return platform.read_answer(raw)


def activity_of(request: HttpRequest) -> str:
    """The activity a call names, for choosing whom to send it to; empty if it cannot be read."""
    if "/produceAPI/" in request.path:
        return request.path.rpartition("/")[2]
    if request.method == "GET":
        return request.first("activity") or ""
    try:
        activity = json.loads(request.body)["activity"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return activity if isinstance(activity, str) else ""
