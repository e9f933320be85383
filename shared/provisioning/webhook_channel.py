"""The way from the webhook provisioner to the seller's backend: signed messages there, screened answers back."""

from collections.abc import Mapping, Sequence

from shared.clock import Clock, Deadline
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpResponse
from shared.outbound import HttpClient, Reach, parse_url, shared_client
from shared.provisioning.standard_webhooks import read_secret, signed_headers
from shared.provisioning.webhook_answers import read_problem

OK, ACCEPTED, NOTHING_TO_SAY = 200, 202, 204

_NOT_ALLOWED = (401, 403)
_REFUSALS = (404, 409, 410, 422)


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
        if parse_url(url).scheme == "http" and not allow_private:
            raise ConfigurationError("KOOGALLERY_WEBHOOK_URL must be https")
        if not secrets:
            raise ConfigurationError("set KOOGALLERY_WEBHOOK_SECRET")
        self._url = url
        self._keys = [read_secret(secret) for secret in secrets]
        self._reach = Reach.PRIVATE if allow_private else Reach.PUBLIC
        self._clock = clock
        self._client = client or shared_client()

    def send(self, message_id: str, body: bytes, headers: dict[str, str], seconds: float) -> HttpResponse:
        """The answer, whose status is 200, 202 or 204.

        :raises ProvisioningError: the backend refuses with one of the codes it may use.
        :raises ConfigurationError: it does not accept the signature, or its address is none that may be called.
        :raises Unavailable: anything else, or nothing within ``seconds``.
        """

        def signed() -> Mapping[str, str]:
            signature = signed_headers(self._keys, message_id, self._clock.now(), body)
            return {"Content-Type": "application/json", "Accept": "application/json", **headers, **signature}

        return _screened(
            self._client.send(
                "POST",
                self._url,
                headers=signed,
                body=body,
                deadline=Deadline(self._clock, seconds),
                repeatable=True,  # the backend knows the message by its id
                reach=self._reach,
            )
        )


def _screened(response: HttpResponse) -> HttpResponse:
    if response.status in (OK, ACCEPTED, NOTHING_TO_SAY):
        return response
    if response.status in _NOT_ALLOWED:
        raise ConfigurationError(
            f"the seller's backend refuses the webhook's signature (HTTP {response.status}): "
            "check KOOGALLERY_WEBHOOK_SECRET and both clocks"
        )
    if response.status in _REFUSALS and (problem := read_problem(response)):
        raise problem
    raise Unavailable(f"the seller's backend answered HTTP {response.status}")
