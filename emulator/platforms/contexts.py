"""Contexts for running a handler outside its platform: time left, settings and function name, no credentials."""

import time
from collections.abc import Callable, Mapping
from uuid import uuid4


def _countdown(seconds: float, clock: Callable[[], float]) -> Callable[[], int]:
    """What is left of an invocation's time, in whole milliseconds, never negative."""
    end = clock() + seconds
    return lambda: max(0, int((end - clock()) * 1000))


class LocalLambdaContext:
    """Like the context AWS Lambda's Python runtime passes. Settings come from the environment."""

    def __init__(
        self, function: str = "gateway", *, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.function_name = function
        self.function_version = "$LATEST"
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function}"
        self.memory_limit_in_mb = "256"
        self.aws_request_id = str(uuid4())
        self.log_group_name = f"/aws/lambda/{function}"
        self.log_stream_name = f"local/[$LATEST]{uuid4().hex}"
        self.identity = None
        self.client_context = None
        self._countdown = _countdown(seconds, clock)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left, never negative."""
        return self._countdown()


class LocalFunctionGraphContext:
    """Like the context FunctionGraph's Python runtime passes. Settings are ``user_data``; there is no agency."""

    def __init__(
        self,
        function: str = "gateway",
        *,
        user_data: Mapping[str, str] | None = None,
        seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._function = function
        self._user_data = dict(user_data or {})
        self._request_id = str(uuid4())
        self._countdown = _countdown(seconds, clock)

    def getRequestID(self) -> str:  # noqa: N802 - the platform's spelling, here and below
        return self._request_id

    def getRemainingTimeInMilliSeconds(self) -> int:  # noqa: N802
        return self._countdown()

    def getUserData(self, key: str) -> str | None:  # noqa: N802
        """The user data under ``key``, ``None`` if there is none."""
        return self._user_data.get(key)

    def getSecurityAccessKey(self) -> str:  # noqa: N802
        return ""

    def getSecuritySecretKey(self) -> str:  # noqa: N802
        return ""

    def getSecurityToken(self) -> str:  # noqa: N802
        return ""

    def getFunctionName(self) -> str:  # noqa: N802
        return self._function
