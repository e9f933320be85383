"""The part of the seller's application that the console stands in for: posts usage, reads the bundle's directory."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.organisation.reader import NotReadable, read_directory
from emulator.wire.client import Answer, send
from shared.http import HttpRequest

_OK = 200


class SellerApplication:
    """Has the application token of the bundle at ``target``."""

    def __init__(self, target: Target, token: str) -> None:
        self._target = target
        self._token = token

    def post_usage(self, events: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """Post usage events; the answer's members.

        :raises ConnectionError: they were not taken; the text says why.
        """
        target = self._target
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        body = json.dumps({"events": list(events)}).encode()
        reply = send(target.base, HttpRequest("POST", f"{target.path.rstrip('/')}/usage", (), headers, body))
        if not isinstance(reply, Answer):
            raise ConnectionError(reply.reason)
        if reply.status != _OK:
            raise ConnectionError(f"HTTP status {reply.status}")
        members: Mapping[str, Any] = json.loads(reply.body)
        return members

    def directory(self, tenant_id: str, kind: str) -> Sequence[Mapping[str, Any]]:
        """All ``departments`` or ``users`` that the bundle has of an enterprise.

        :raises ConnectionError: it does not tell; the text says why.
        """
        try:
            found = read_directory(self._target, self._token, tenant_id)
        except NotReadable as error:
            raise ConnectionError(str(error)) from error
        return found.departments if kind == "departments" else found.users
