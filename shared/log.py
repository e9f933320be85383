"""One structured log line per thing that happened. Only fields on the list get out; others are a programming error."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from os import environ
from typing import Any, TextIO

from aws_lambda_powertools import Logger

from shared.errors import KooGalleryError
from shared.metrics.catalogue import embedded

FIELDS = frozenset(
    {
        # what happened, to what
        "activity", "attempt", "code", "count", "error", "instance_id", "interface", "milliseconds", "order_id",
        "parameters", "platform", "reason", "request_id", "result", "setting", "state", "test", "version",
        # how often, in a scheduled run
        "accepted", "busy", "calls", "completed", "dead", "duplicates", "failed_orders", "failing_days", "findings",
        "held", "left", "oldest_seconds", "open", "pending",
        "rejected", "replaced", "sealed", "sent", "settled", "stopped", "undone", "waiting_seconds",
    }
)  # fmt: skip
"""Ids and words of our own. No phone, mail, name, password, key, signature, token, URL, header or body."""


NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
"""Environment variable that says where CloudWatch keeps the metrics in the lines; without it they have none."""
_ears: list[Callable[[str, Mapping[str, Any]], None]] = []
_about: ContextVar[dict[str, Any]] = ContextVar("about")


@contextmanager
def about(**fields: Any) -> Iterator[None]:
    """Every line that is logged inside has these allow-listed ``fields`` too, also in threads that are begun there."""
    before = _about.set(_about.get({}) | _checked(fields))
    try:
        yield
    finally:
        _about.reset(before)


def occasion() -> str:
    """The request id of the call that is being answered; else the name of the job or command; else nothing."""
    fields = _about.get({})
    return str(fields.get("request_id") or fields.get("interface") or "")


@cache
def _logger() -> Logger:
    return Logger(service="koogallery", level=logging.INFO, location=None)


def write_to(stream: TextIO) -> None:
    """Write the lines to ``stream`` from now on, not to standard output, which is where platforms collect them."""
    for handler in _logger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.stream = stream  # setStream would flush the one before, which may be closed


def event(message: str, **fields: Any) -> None:
    """Log ``message`` with allow-listed ``fields``.

    :raises ValueError: a field is not on the list.
    """
    _logger().info(message, extra=_told("INFO", message, _allowed(fields)))


def alarm(message: str, **fields: Any) -> None:
    """Like :func:`event`, for what someone must look at; the alarms in the template count these lines."""
    _logger().error(message, extra=_told("ERROR", message, _allowed(fields)))


def failure(message: str, error: BaseException, **fields: Any) -> str:
    """An unforeseen error with its trace: where it happened, not what its text says, which may quote data. Only texts
    of this bundle's own errors are known to be clean.

    :returns: the place, ``file:line function``.
    """
    if isinstance(error, KooGalleryError):
        fields["reason"] = str(error)
    trace = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        trace.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    where = {"error": type(error).__name__, "trace": trace[-12:]}
    _logger().error(message, extra=_told("ERROR", message, _allowed(fields) | where))
    return trace[-1] if trace else "unknown"


def tell(ear: Callable[[str, Mapping[str, Any]], None]) -> None:
    """Let ``ear`` hear of each line from now on, its text and its fields, ``level`` among them."""
    _ears.append(ear)


def _told(level: str, message: str, fields: dict[str, Any]) -> dict[str, Any]:
    heard = {"level": level, **fields}
    for ear in _ears:
        ear(message, heard)
    namespace = environ.get(NAMESPACE)
    return fields | embedded(namespace, message, heard) if namespace else fields


def _allowed(fields: dict[str, Any]) -> dict[str, Any]:
    return _about.get({}) | _checked(fields)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - FIELDS:
        raise ValueError(f"not on the list of log fields: {', '.join(sorted(unknown))}")
    return fields
