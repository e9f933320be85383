"""The way from the webhook provisioner to the seller's backend: signed messages there, screened answers back."""

from collections.abc import Sequence
from urllib.parse import quote

from shared.clock import Clock
from shared.errors import Unavailable
from shared.http import HttpResponse
from shared.outbound import HttpClient
from shared.provisioning.occasion import request_id
from shared.provisioning.signed_channel import SignedChannel
from shared.provisioning.webhook_answers import read_problem

REQUEST_ID = "X-Request-Id"
"""On whose behalf, for the backend's log: not signed, and no part of the message."""
OK, ACCEPTED, NOTHING_TO_SAY = 200, 202, 204

_REFUSALS = (404, 409, 410, 422)
_UNKNOWN = (400, 404, 405, 406, 409, 410, 415, 422, 501)


class NotUnderstood(Unavailable):
    """The backend is there, but says in no code of its own that it does not take the message."""


class WebhookChannel:
    """Sends messages to one URL. Safe to share."""

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        *,
        allow_private: bool,
        clock: Clock,
        client: HttpClient | None = None,
    ) -> None:
        self._channel = SignedChannel("WEBHOOK", url, secrets, allow_private=allow_private, clock=clock, client=client)

    def send(self, message_id: str, body: bytes, headers: dict[str, str], seconds: float) -> HttpResponse:
        """The answer, whose status is 200, 202 or 204.

        :raises ProvisioningError: the backend refuses with one of the codes it may use.
        :raises ConfigurationError: it does not accept the signature, or its address is none that may be called.
        :raises NotUnderstood: it does not take such a message.
        :raises Unavailable: anything else, or nothing within ``seconds``.
        """
        about = {REQUEST_ID: quote(occasion)} if (occasion := request_id()) else {}
        return _screened(self._channel.send(message_id, body, headers | about, seconds))


def _screened(response: HttpResponse) -> HttpResponse:
    if response.status in (OK, ACCEPTED, NOTHING_TO_SAY):
        return response
    if response.status in _REFUSALS and (problem := read_problem(response)):
        raise problem
    kind = NotUnderstood if response.status in _UNKNOWN else Unavailable
    raise kind(f"the seller's backend answered HTTP {response.status}")
