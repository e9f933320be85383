"""``make invoke``: one handler once, as its platform would call it."""

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeAlias

import functions
from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from emulator.platforms.event_shapes import Event, api_gateway_http, api_gateway_rest, functiongraph
from emulator.samples.files import DIRECTORY, SCHEDULED
from emulator.seller.local_bundle import Local, local_app, local_settings
from emulator.wire.resign import resigned
from shared import log
from shared.app import install
from shared.errors import KooGalleryError
from shared.http import HttpRequest
from shared.pipelines import schedule as job
from shared.runtimes import detect

Context: TypeAlias = LocalLambdaContext | LocalFunctionGraphContext

SECONDS = 60.0
"""Time an invocation is given."""


class UsageError(Exception):
    """What was asked for cannot be run; the text says what can."""


def invoke(environ: Mapping[str, str], function: str, event_file: str | None, *, sign: bool | None) -> int:
    """Run the handler of ``functions.<function>`` on an event and print its answer as JSON; logs go to standard error.

    The settings, the store and the clock are those of ``make serve``.

    :param event_file: ``None`` for a timer event (scheduled functions) or the first sample in ``events/aws``.
    :param sign: sign an HTTP event anew; ``None``: only samples.
    :returns: 0, 1 if the handler raises, 2 if there is no such function or event.
    """
    log.write_to(sys.stderr)
    local = local_settings(environ)
    try:
        handler = _handler(function)
        path = _event_path(function, event_file, handler)
        event = _event(path)
        context = context_for(event, function)
        if sign or (sign is None and path is not None and path.is_relative_to(DIRECTORY)):
            event = _signed(event, context, local)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    install(local_app(local))
    try:
        answer = handler(event, context)
    except Exception:  # noqa: BLE001 - whatever the handler raises is what is to be shown
        traceback.print_exc()
        return 1
    finally:
        install(None)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def names() -> list[str]:
    return sorted(module.name for module in iter_modules(functions.__path__))


def context_for(event: Any, function: str) -> Context:
    """The context of the platform whose event this is. REST API's events have ``resource``, APIG's do not."""
    members = event if isinstance(event, dict) else {}
    apig = "httpMethod" in members and "resource" not in members
    if apig or "trigger_type" in members:
        return LocalFunctionGraphContext(function, seconds=SECONDS)
    return LocalLambdaContext(function, seconds=SECONDS)


def _handler(function: str) -> Callable[[Any, Any], Any]:
    name = function.replace("-", "_")
    if name not in names():
        raise UsageError(f"no such function; there are: {', '.join(names())}")
    handler: Callable[[Any, Any], Any] = import_module(f"functions.{name}").handler
    return handler


def _event_path(function: str, event_file: str | None, handler: Callable[[Any, Any], Any]) -> Path | None:
    """The event's file; ``None`` for the timer event."""
    if event_file is not None:
        return Path(event_file).resolve()
    if handler.__module__ == job.__name__:
        return None
    samples = sorted((DIRECTORY / "aws").glob(f"{function.replace('-', '_')}*.json"))
    if not samples:
        raise UsageError(f"{function} needs an event: EVENT=file.json")
    return samples[0]


def _event(path: Path | None) -> Any:
    if path is None:
        return SCHEDULED["aws"]
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path.name}: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path.name} is not JSON") from None


def _signed(event: Any, context: Context, local: Local) -> Any:
    try:
        request = detect(context).read(event, context)
    except KooGalleryError:
        return event  # no HTTP event, so nothing in it is signed
    return _shape(event)(resigned(request, local.settings, local.clock))


def _shape(event: Event) -> Callable[[HttpRequest], Event]:
    if "httpMethod" not in event:
        return api_gateway_http
    return api_gateway_rest if "resource" in event else functiongraph
