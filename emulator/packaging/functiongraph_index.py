"""FunctionGraph's entry point, packed as ``index.py``: one handler per interface, such as ``index.gateway``."""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent)


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

gateway = _entry("gateway")
purchase = _entry("purchase")
renew = _entry("renew")
expire = _entry("expire")
release = _entry("release")
upgrade = _entry("upgrade")
status = _entry("status")
query = _entry("query")
change_check = _entry("change_check")
order_notify = _entry("order_notify")
sweep = _entry("sweep")
relay = _entry("relay")
usage = _entry("usage")
metering = _entry("metering")
login = _entry("login")
directory = _entry("directory")

gateway_initializer = _initializer("gateway")
purchase_initializer = _initializer("purchase")
renew_initializer = _initializer("renew")
expire_initializer = _initializer("expire")
release_initializer = _initializer("release")
upgrade_initializer = _initializer("upgrade")
status_initializer = _initializer("status")
query_initializer = _initializer("query")
change_check_initializer = _initializer("change_check")
order_notify_initializer = _initializer("order_notify")
login_initializer = _initializer("login")
directory_initializer = _initializer("directory")
