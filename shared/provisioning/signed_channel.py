"""Sends messages to one URL, signed after Standard Webhooks."""

from collections.abc import Mapping, Sequence

from shared.clock import Clock, Deadline
from shared.errors import ConfigurationError
from shared.http import HttpResponse
from shared.outbound import HttpClient, Reach, parse_url, shared_client
from shared.provisioning.standard_webhooks import read_secret, signed_headers

_NOT_ALLOWED = (401, 403)
_REFUSED = {
    "WEBHOOK": "the seller's backend refuses the webhook's signature",
    "EVENTS": "the receiver of events refuses the signature",
}


class SignedChannel:
    """Safe to share. ``setting``: ``WEBHOOK`` or ``EVENTS``, by whose settings errors are told.

    :raises ConfigurationError: URL or secrets are missing or unusable.
    """

    def __init__(
        self,
        setting: str,
        url: str,
        secrets: Sequence[str],
        *,
        allow_private: bool,
        clock: Clock,
        client: HttpClient | None = None,
    ) -> None:
        if parse_url(url).scheme == "http" and not allow_private:
            raise ConfigurationError(f"KOOGALLERY_{setting}_URL must be https")
        if not secrets:
            raise ConfigurationError(f"set KOOGALLERY_{setting}_SECRET")
        self._setting = setting
        self._url = url
        self._keys = [read_secret(secret) for secret in secrets]
        self._reach = Reach.PRIVATE if allow_private else Reach.PUBLIC
        self._clock = clock
        self._client = client or shared_client()

    def send(self, message_id: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpResponse:
        """The answer, whatever its status, unless that says that nobody there knows our secret.

        :raises ConfigurationError: the signature is not accepted, or the address is none that may be called.
        :raises Unavailable: no answer within ``seconds``.
        """

        def signed() -> Mapping[str, str]:
            signature = signed_headers(self._keys, message_id, self._clock.now(), body)
            return {"Content-Type": "application/json", "Accept": "application/json", **headers, **signature}

        answer = self._client.send(
            "POST",
            self._url,
            headers=signed,
            body=body,
            deadline=Deadline(self._clock, seconds),
            repeatable=True,  # the receiver knows the message by its id
            reach=self._reach,
        )
        if answer.status in _NOT_ALLOWED:
            check = f"check KOOGALLERY_{self._setting}_SECRET and both clocks"
            raise ConfigurationError(f"{_REFUSED[self._setting]} (HTTP {answer.status}): {check}")
        return answer
