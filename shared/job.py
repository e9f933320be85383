"""The pipeline of scheduled functions: no request, a JSON summary instead of an answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from shared import log
from shared.app import App, bootstrap
from shared.clock import Deadline
from shared.runtimes import detect

Run: TypeAlias = Callable[[App, Mapping[str, Any], Deadline], Mapping[str, Any]]
MARGIN = 5.0
"""Seconds kept back from the platform's time-out, so that a run ends by itself."""


def job(name: str, run: Run) -> Callable[[Any, Any], Mapping[str, Any]]:
    """The handler function of a scheduled ``run(app, event, deadline)``; what it returns is logged as counts and
    returned.

    An error is logged and raised again, so that the platform counts the invocation as failed and may retry it.
    """

    def handler(event: Any, context: Any) -> Mapping[str, Any]:
        runtime = detect(context)
        app = bootstrap(runtime.lookup(context))
        deadline = Deadline(app.clock, max(runtime.seconds_left(context) - MARGIN, 0.0))
        try:
            summary = run(app, event if isinstance(event, Mapping) else {}, deadline)
        except Exception as error:
            log.failure("a scheduled run failed", error, interface=name)
            raise
        log.event("run", interface=name, **summary)
        return summary

    return handler
