"""The seller's application before the bundle: usage intake and directory over HTTP, with the application token."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.client import NoAnswer, send
from emulator.market.sender import Target
from shared.http import HttpRequest

PAGE = "100"
TIMEOUT = 10.0


class BundleApplication:
    """Calls the bundle at ``target()``.

    :param token: ``KOOGALLERY_APP_TOKEN``.
    """

    def __init__(self, target: Callable[[], Target], token: str) -> None:
        self._target = target
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post_usage(self, events: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """``{"accepted", "duplicates", "rejected"}``.

        :raises ConnectionError: the bundle did not take the call.
        """
        return self._asked("POST", "/usage", body=json.dumps({"events": list(events)}).encode())

    def directory(self, tenant_id: str, kind: str) -> Sequence[Mapping[str, Any]]:
        """All ``departments`` or ``users`` of an enterprise, page by page.

        :raises ConnectionError: the bundle did not answer the call.
        """
        found, following = list[Mapping[str, Any]](), ""
        while True:
            query = (("limit", PAGE), ("next", following)) if following else (("limit", PAGE),)
            answer = self._asked("GET", f"/directory/{tenant_id}/{kind}", query)
            found += answer.get(kind, [])
            following = answer.get("next", "")
            if not following:
                return found

    def _asked(
        self, method: str, path: str, query: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> Mapping[str, Any]:
        target = self._target()
        request = HttpRequest(method, target.path.rstrip("/") + path, query, self._headers, body)
        reply = send(target.base, request, TIMEOUT)
        if isinstance(reply, NoAnswer):
            raise ConnectionError(reply.reason)
        document = _document(reply.body)
        if reply.status != 200:
            raise ConnectionError(f"HTTP {reply.status}: {document.get('error', '')}".removesuffix(": "))
        return document


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
