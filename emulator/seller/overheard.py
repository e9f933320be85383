"""What the webhook provisioner says to the seller's backend, as far as the bundle is in this process."""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from emulator.marketplace.delivery.call import Direction, Family, ReceivedAnswer, RecordedCall, SentRequest
from emulator.marketplace.storage.timeline import Timeline
from emulator.texts import Text
from shared.app import App
from shared.clock import Clock, Deadline
from shared.http import HttpRequest, HttpResponse
from shared.outbound import Headers, HttpClient, Reach, made, parse_url, shared_client
from shared.provisioning.webhook import WebhookProvisioner


def overhear(app: App, timeline: Timeline, clock: Clock) -> None:
    """Let every message of the built-in webhook provisioner stand among the calls, if the app has that."""
    provisioner = app.provisioner
    if app.settings.provisioner == "webhook" and isinstance(provisioner, WebhookProvisioner):
        client = OverheardClient(shared_client(), timeline, clock)
        app.__dict__["provisioner"] = type(provisioner).from_settings(app.settings, app.clock, client=client)


class OverheardClient:
    """An :class:`HttpClient` whose calls are kept, whatever becomes of them."""

    def __init__(self, client: HttpClient, timeline: Timeline, clock: Clock) -> None:
        self._client, self._timeline, self._clock = client, timeline, clock

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers,
        deadline: Deadline,
        body: bytes = b"",
        repeatable: bool = False,
        reach: Reach = Reach.ANYWHERE,
    ) -> HttpResponse:
        """See :meth:`HttpClient.send`."""
        at, started, sent = self._clock.now(), time.monotonic(), dict[str, str]()

        def noted() -> Mapping[str, str]:
            sent.clear()
            sent.update(made(headers))
            return sent

        received = ReceivedAnswer(problem=Text("reasons.unanswered"))
        try:
            response = self._client.send(
                method, url, headers=noted, deadline=deadline, body=body, repeatable=repeatable, reach=reach
            )
            pairs = tuple(response.headers.items())
            received = ReceivedAnswer(status=response.status, headers=pairs, body=response.body)
            return response
        finally:
            took = round((time.monotonic() - started) * 1000, 2)
            address = parse_url(url)
            query = tuple(parse_qsl(address.query, keep_blank_values=True))
            request = HttpRequest(method, address.path or "/", query, {"host": address.netloc, **sent}, body)
            self._timeline.add(_call(request, received.model_copy(update={"milliseconds": took}), at))


def _call(request: HttpRequest, received: ReceivedAnswer, at: datetime) -> RecordedCall:
    message = json.loads(request.body)
    instance = message["data"].get("instance") or {}
    return RecordedCall(
        at=at,
        direction=Direction.BACKEND,
        family=Family.WEBHOOK,
        activity=message["type"],
        order_id=str(instance.get("orderId") or ""),
        instance_id=str(instance.get("instanceId") or ""),
        sent=SentRequest.of(request),
        received=received,
    )
