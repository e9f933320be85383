"""Platforms: read a request from an event and its context, and write the answer in the platform's format.

Each platform is one module that satisfies :class:`Runtime`; only the one in use is imported.
"""

from collections.abc import Callable
from typing import Any, Protocol

from shared.http import HttpRequest, HttpResponse


class Runtime(Protocol):
    """A platform that calls a function with an event and a context."""

    name: str

    def read(self, event: Any, context: Any) -> HttpRequest:
        """The call an HTTP event describes.

        :raises shared.runtimes.wire.EventError: if the event is not an HTTP event of this platform.
        """

    def write(self, response: HttpResponse, event: Any) -> Any:
        """``response`` as the gateway that sent ``event`` wants it. Never fails because of ``event``."""

    def lookup(self, context: Any) -> Callable[[str], str | None]:
        """A function from a setting's name to its raw value, read when it is called; ``None`` if not set."""

    def seconds_left(self, context: Any) -> float:
        """Seconds until the platform ends this invocation, never negative."""

    def request_id(self, context: Any) -> str:
        """The platform's id of this invocation, as it stands in the platform's own logs."""


def detect(context: Any) -> Runtime:
    """The runtime that made ``context``. Nothing a caller sends takes part in the choice.

    :raises TypeError: if no known platform makes such a context.
    """
    if _has(context, "get_remaining_time_in_millis", "aws_request_id"):
        from shared.runtimes import aws_lambda

        return aws_lambda
    if _has(context, "getRemainingTimeInMilliSeconds", "getRequestID", "getUserData"):
        from shared.runtimes import functiongraph

        return functiongraph
    raise TypeError(f"neither an AWS Lambda nor a FunctionGraph context: {type(context).__name__}")


def _has(context: object, *names: str) -> bool:
    return all(hasattr(context, name) for name in names)
