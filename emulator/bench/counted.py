"""Requests to the store's API, counted where they leave."""

from typing import Any

from shared.aws.service import Service
from shared.http import HttpResponse
from shared.outbound import Headers, HttpClient, aws_client, made
from shared.store.dynamodb.client import DYNAMODB, SignedClient


def counted_client(endpoint: str, sent: list[str]) -> SignedClient:
    """A client of DynamoDB's API at ``endpoint`` that appends the operation of each request, repeated ones too."""
    return SignedClient(Service(DYNAMODB, endpoint, http=_Counted(sent)))


class _Counted:
    def __init__(self, sent: list[str]) -> None:
        self._sent = sent
        self._client: HttpClient = aws_client()

    def send(self, method: str, url: str, *, headers: Headers, **options: Any) -> HttpResponse:
        def counting() -> Any:
            ready = made(headers)
            self._sent.append(ready["X-Amz-Target"])
            return ready

        return self._client.send(method, url, headers=counting, **options)
