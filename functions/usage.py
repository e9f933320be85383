"""Usage intake: ``POST {base path}/usage`` of the seller's application, or messages of a queue.

Over HTTP: ``{"events": [{"id", "instanceId", "time", "value", "package"?}]}``, at most 1,000, answered with
``{"accepted", "duplicates", "rejected": [{"id", "reason"}]}``. From SQS the same in a message, or one event alone.
"""

from collections.abc import Mapping
from typing import Any

from shared.app import App, bootstrap
from shared.http import HttpRequest
from shared.json_object import read_object
from shared.metering.intake import take_in
from shared.metering.queue import events_of, from_queue
from shared.pipelines.application import ApplicationRoute, application_endpoint
from shared.runtimes import detect

__all__ = ["handler"]


def usage(app: App, request: HttpRequest) -> Mapping[str, Any]:
    """Take in the events of one call."""
    intake = take_in(app, events_of(read_object(request.body)))
    intake.tell()
    return intake.members()


ROUTE = ApplicationRoute("usage", "POST", usage)
over_http = application_endpoint(ROUTE)


def handler(event: Any, context: Any) -> Any:
    """An HTTP call, or a batch of SQS messages with a partial batch response. Only a platform can make either."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        return over_http(event, context)
    app = bootstrap(detect(context).lookup(context))
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in from_queue(app, records)]}
