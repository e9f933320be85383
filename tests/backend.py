"""A seller's backend behind the webhook: small, in memory, and independent of the code that calls it."""

import json
from collections.abc import Callable
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from shared.http import HttpRequest, HttpResponse

Answer = tuple[int, Any]


class Backend:
    """Verifies with the reference library of Standard Webhooks, remembers answers by ``Idempotency-Key``.

    Creation is pending until it has been asked about ``slow`` times. ``messages`` has what came in, ``rows`` what
    exists, listed two a page unless ``listing`` is answered. Messages of types it does not know get 204.
    """

    def __init__(self, secret: str, slow: int = 0, *, listing: Answer | None = None) -> None:
        self._webhook = Webhook(secret)
        self._slow, self._listing = slow, listing
        self._done: dict[str, Answer] = {}
        self.messages: list[dict[str, Any]] = []
        self.rows: dict[str, dict[str, Any]] = {}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to one message."""
        try:
            message = self._webhook.verify(request.body, dict(request.headers))
        except WebhookVerificationError:
            return HttpResponse(401, {}, b"")
        self.messages.append(message)
        key = request.headers.get("idempotency-key")
        if key in self._done:
            return _response(self._done[key])
        handler = self._handlers().get(message["type"])
        done = handler(message["data"]) if handler else (204, None)
        if key is not None and done[0] != 202:
            self._done[key] = done
        return _response(done)

    def _handlers(self) -> dict[str, Callable[[dict[str, Any]], Answer]]:
        return {
            "instance.create": self._create,
            "instance.describe": lambda data: self._access(data["instance"]["instanceId"]),
            "instance.renew": lambda data: self._update(data, expires=data["renewal"]["expiresAt"]),
            "instance.change": lambda data: self._update(data, quantity=data["specification"]["quantity"]),
            "instance.can_change": self._can_change,
            "instance.freeze": lambda data: self._update(data, frozen=True),
            "instance.unfreeze": lambda data: self._update(data, frozen=False),
            "instance.release": self._release,
            "instance.list": self._page,
            "instance.usage": lambda data: (200, {"usage": [{"value": "1.5", "measuredAt": "2026-11-20T08:00:00Z"}]}),
        }

    def _create(self, data: dict[str, Any]) -> Answer:
        name = data["instance"]["instanceId"]
        self.rows.setdefault(name, {"asked": 0, "frozen": False})
        return self._access(name)

    def _access(self, name: str) -> Answer:
        row = self.rows.get(name)
        if row is None:
            return 404, {"code": "000003", "message": "unknown instance"}
        row["asked"] += 1
        if row["asked"] <= self._slow:
            return 202, None
        url = f"https://{name}.example.com"
        return 200, {
            "access": {"frontEndUrl": url, "adminUrl": None, "userName": "admin", "password": f"pw-{name[:8]}"}
        }

    def _update(self, data: dict[str, Any], **changes: Any) -> Answer:
        row = self.rows.get(data["instance"]["instanceId"])
        if row is None:
            return 404, {"code": "000003", "message": "unknown instance"}
        row.update(changes)
        return 204, None

    def _can_change(self, data: dict[str, Any]) -> Answer:
        if data["specification"]["quantity"] < 5:
            return 200, {"refusal": {"reason": "5 seats are in use"}}
        return 204, None

    def _page(self, data: dict[str, Any]) -> Answer:
        ids = sorted(name for name in self.rows if name > (data["after"] or ""))
        return self._listing or (200, {"instances": ids[:2], "next": ids[1] if len(ids) > 2 else None})

    def _release(self, data: dict[str, Any]) -> Answer:
        if self.rows.pop(data["instance"]["instanceId"], None) is None:
            return 404, {"code": "000003", "message": "unknown instance"}
        return 204, None


def _response(answer: Answer) -> HttpResponse:
    status, document = answer
    return HttpResponse(
        status, {"Content-Type": "application/json"}, json.dumps(document).encode() if document else b""
    )
