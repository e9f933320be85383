"""The pipeline of scheduled functions: no request, a JSON summary instead of an answer."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from shared import log
from shared.app import App, bootstrap
from shared.clock import Deadline
from shared.errors import KooGalleryError
from shared.runtimes import detect

Run: TypeAlias = Callable[[App, Mapping[str, Any], Deadline], Mapping[str, Any]]
MARGIN = 5.0
"""Seconds kept back from the platform's time-out, so that a run ends by itself."""


class RunFailed(Exception):
    """A scheduled run ended early. Says which and where, and has no cause: platforms write down what is raised, and
    the text of an unforeseen error may quote data.
    """


def job(name: str, run: Run) -> Callable[[Any, Any], Mapping[str, Any]]:
    """The handler function of a scheduled ``run(app, event, deadline)``; what it returns is logged as counts and
    returned.

    ``event`` is what the schedule was given to hand over, if that is a JSON object; anything else is a plain start.

    :raises RunFailed: (the handler) so that the platform counts the invocation as failed and may retry it.
    """

    def handler(event: Any, context: Any) -> Mapping[str, Any]:
        runtime = detect(context)
        app = bootstrap(runtime.lookup(context))
        deadline = Deadline(app.clock, max(runtime.seconds_left(context) - MARGIN, 0.0))
        return carry_out(name, run, app, _handed_over(event), deadline)

    return handler


def carry_out(name: str, run: Run, app: App, event: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
    """One scheduled run, which is logged; what it returns.

    :raises RunFailed: it ended early.
    """
    try:
        with log.about(interface=name):
            summary = run(app, event, deadline)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told below
        place = log.failure("a scheduled run failed", error, interface=name)
        known = isinstance(error, KooGalleryError)
        failed = RunFailed(f"{name}: {type(error).__name__}{f': {error}' if known else f' at {place}'}")
    else:
        log.event("run", interface=name, **summary)
        return summary
    raise failed


def _handed_over(event: Any) -> Mapping[str, Any]:
    """On FunctionGraph a timer's note is the text ``user_event``; elsewhere the event itself."""
    if isinstance(event, Mapping) and "user_event" in event:
        try:
            event = json.loads(event["user_event"])
        except (TypeError, ValueError, RecursionError):
            event = {}
    return event if isinstance(event, Mapping) else {}
