"""The function a platform calls: from its event and context to the answer its gateway wants.

No exception leaves it. A gateway answers one by itself, which the marketplace takes for a wrong signature, and the
platform's log would have its text.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from shared import log
from shared.app import App, bootstrap
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.pipelines.preload import Needs, preload, preload_at_start
from shared.runtimes import Runtime, detect

Respond: TypeAlias = Callable[[App, HttpRequest, float], HttpResponse]


class PlatformHandler:
    """A handler function that answers each event with ``respond(app, request, seconds left)``, which must not raise.

    An event that describes no call is answered as an empty one would be, which no signature and no token fits.

    :param broken: the answer where the settings forbid to run at all.
    :param needs: what is made ready before the first call.
    """

    def __init__(self, respond: Respond, broken: Callable[[], HttpResponse], needs: Needs) -> None:
        self._respond, self._broken, self._needs = respond, broken, needs
        preload_at_start(needs)

    def __call__(self, event: Any, context: Any) -> Any:
        runtime = detect(context)
        try:
            app = bootstrap(runtime.lookup(context))
        except ConfigurationError as error:
            log.alarm(str(error), request_id=runtime.request_id(context))
            return runtime.write(self._broken(), event)
        request = _read(runtime, event, context)
        return runtime.write(self._respond(app, request, runtime.seconds_left(context)), event)

    def initialize(self, context: Any) -> None:
        """For platforms that call an initializer first."""
        preload(self._needs, detect(context).lookup(context))


def _read(runtime: Runtime, event: Any, context: Any) -> HttpRequest:
    try:
        return runtime.read(event, context)
    except Exception as error:  # noqa: BLE001 - whatever somebody typed into a console as a test event
        request_id = runtime.request_id(context)
        log.failure("the event cannot be read", error, request_id=request_id)
        return HttpRequest("", "/", request_id=request_id)
