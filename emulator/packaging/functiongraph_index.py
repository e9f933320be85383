"""FunctionGraph's entry point, packed as ``index.py``: one handler per interface, such as ``index.gateway``."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent)
PREPARED = (
    "gateway",
    "purchase",
    "renew",
    "expire",
    "release",
    "upgrade",
    "status",
    "query",
    "change_check",
    "order_notify",
    "login",
    "directory",
)
"""Modules of ``functions`` that have an initializer."""
UNPREPARED = ("sweep", "relay", "usage", "metering")


def _prefer_own_libraries() -> None:
    """FunctionGraph brings urllib3 and typing-extensions that are too old for boto3 and pydantic; ours must win."""
    sys.path[:] = [ROOT, *(path for path in sys.path if path != ROOT)]
    for name in ("six", "typing_extensions", "urllib3"):
        loaded = sys.modules.get(name)
        if loaded is not None and not str(loaded.__file__).startswith(ROOT):
            for part in [part for part in sys.modules if part == name or part.startswith(f"{name}.")]:
                del sys.modules[part]


def _initializer(interface: str) -> Callable[[Any], None]:
    """Makes everything ready before the first call; FunctionGraph waits for it without the time limit of a call."""

    def initialize(context: Any) -> None:
        import_module(f"functions.{interface}").handler.initialize(context)

    return initialize


def _entry(interface: str) -> Callable[[Any, Any], Any]:
    def handler(event: Any, context: Any) -> Any:
        return import_module(f"functions.{interface}").handler(event, context)

    return handler


_prefer_own_libraries()
globals().update({name: _entry(name) for name in (*PREPARED, *UNPREPARED)})
globals().update({f"{name}_initializer": _initializer(name) for name in PREPARED})
