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
from shared.runtimes import Runtime, detect

Handler: TypeAlias = Callable[[Any, Any], Any]
Respond: TypeAlias = Callable[[App, HttpRequest, float], HttpResponse]


def platform_handler(respond: Respond, broken: Callable[[], HttpResponse]) -> Handler:
    """A handler function that answers each event with ``respond(app, request, seconds left)``, which must not raise.

    An event that describes no call is answered as an empty one would be, which no signature and no token fits.

    :param broken: the answer where the settings forbid to run at all.
    """

    def handler(event: Any, context: Any) -> Any:
        runtime = detect(context)
        try:
            app = bootstrap(runtime.lookup(context))
        except ConfigurationError as error:
            log.alarm(str(error), request_id=runtime.request_id(context))
            return runtime.write(broken(), event)
        request = _read(runtime, event, context)
        return runtime.write(respond(app, request, runtime.seconds_left(context)), event)

    return handler


def _read(runtime: Runtime, event: Any, context: Any) -> HttpRequest:
    try:
        return runtime.read(event, context)
    except Exception as error:  # noqa: BLE001 - whatever somebody typed into a console as a test event
        request_id = runtime.request_id(context)
        log.failure("the event cannot be read", error, request_id=request_id)
        return HttpRequest("", "/", request_id=request_id)
