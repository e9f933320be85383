"""What the bundle logs, as the platform would collect it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from shared import log


class LogLines:
    """Log lines so far: ``text`` as written, a call gives them as objects."""

    def __init__(self) -> None:
        self._stream = StringIO()

    @property
    def stream(self) -> StringIO:
        """Where the logger writes."""
        return self._stream

    @property
    def text(self) -> str:
        """Everything that was written."""
        return self._stream.getvalue()

    def __call__(self, message: str | None = None) -> list[dict[str, Any]]:
        """All lines, or those with this message."""
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if message in (None, line["message"])]


@contextmanager
def captured() -> Iterator[LogLines]:
    """Collect what is logged in the block, from any thread."""
    log.event("capturing")  # the logger makes its handler at its first use
    lines = LogLines()
    handlers = [each for each in logging.getLogger("koogallery").handlers if isinstance(each, logging.StreamHandler)]
    before = [handler.stream for handler in handlers]
    assert handlers
    for handler in handlers:
        handler.stream = lines.stream  # not setStream(), which flushes what an earlier test may have closed
    try:
        yield lines
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            handler.stream = stream
