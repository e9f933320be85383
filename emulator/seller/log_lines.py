"""What the bundle in this process logged, by the request that it is about; the newest only, and only of this run."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

from shared import log

REQUESTS = 5000
"""Requests whose lines are kept."""
LINES = 50
"""Lines kept of each."""


class LogLine(NamedTuple):
    """``fields`` without the request id."""

    text: str
    fields: Mapping[str, Any]


class RequestLog:
    """A ring: the request that has been silent for longest goes first."""

    def __init__(self, requests: int = REQUESTS) -> None:
        self._requests = requests
        self._kept: OrderedDict[str, list[LogLine]] = OrderedDict()
        self._lock = Lock()

    def hear(self, text: str, fields: Mapping[str, Any]) -> None:
        """Keep a line, if it is about a request."""
        more = dict(fields)
        request_id = more.pop("request_id", "")
        more.pop("level", None)
        if not request_id:
            return
        with self._lock:
            lines = self._kept.setdefault(request_id, [])
            self._kept.move_to_end(request_id)
            if len(lines) < LINES:
                lines.append(LogLine(text, more))
            while len(self._kept) > self._requests:
                self._kept.popitem(last=False)

    def of(self, request_id: str) -> Sequence[LogLine]:
        """The lines of a request, in their order."""
        with self._lock:
            return tuple(self._kept.get(request_id, ()))


@cache
def log_lines() -> RequestLog:
    """Those of this process, heard from the first time on that somebody asks."""
    lines = RequestLog()
    log.tell(lines.hear)
    return lines
