"""The part of the seller's application that the console stands in for: posts usage, reads the bundle's directory."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.organisation.comparison import SellerDirectory
from emulator.wire.calls import json_or_none
from emulator.wire.client import Answer, send
from shared.http import HttpRequest

PAGE = "1000"
_OK = 200


def usage_event(event_id: str, instance_id: str, at: datetime, value: Decimal, package: str = "") -> Mapping[str, str]:
    """A usage event as the bundle's intake takes it."""
    event = {"id": event_id, "instanceId": instance_id, "time": at.isoformat(), "value": format(value, "f")}
    return event | ({"package": package} if package else {})


@dataclass(frozen=True, slots=True)
class SellerApplication:
    """Has the application token of the bundle at ``target``. Each method raises ``ConnectionError`` if the bundle does
    not answer as it should; the text says what it did.
    """

    target: Target
    token: str = field(repr=False)

    def post_usage(self, events: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:
        """Post usage events; the answer's members."""
        return self._members("POST", "usage", body=json.dumps({"events": list(events)}).encode())

    def session(self, cookie: str) -> Mapping[str, Any] | None:
        """Who is logged in with a browser's ``Cookie`` header; ``None`` if nobody is."""
        told = self._members("POST", "session", headers={"cookie": cookie}) if cookie else {}
        return told if told.get("active") else None

    def directory(self, tenant_id: str) -> SellerDirectory:
        """All departments and users of a tenant that the bundle has."""
        return SellerDirectory(*(list(self._all(tenant_id, what)) for what in ("departments", "users")))

    def _all(self, tenant_id: str, what: str) -> Iterator[Mapping[str, Any]]:
        query: tuple[tuple[str, str], ...] = (("limit", PAGE),)
        while query:
            page = self._members("GET", f"directory/{quote(tenant_id, safe='')}/{what}", query)
            yield from page[what]
            query = (("limit", PAGE), ("next", page["next"])) if "next" in page else ()

    def _members(
        self,
        method: str,
        name: str,
        query: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        kind = {"content-type": "application/json"} if body else {}
        headers = {**headers, "authorization": f"Bearer {self.token}", **kind}
        path = f"{self.target.path.rstrip('/')}/{name}"
        reply = send(self.target.base, HttpRequest(method, path, query, headers, body))
        what = f"{name.rpartition('/')[2]}: " if method == "GET" else ""
        if not isinstance(reply, Answer):
            raise ConnectionError(f"{what}{reply.reason}")
        members = json_or_none(reply.body)
        if reply.status != _OK or not isinstance(members, dict):
            raise ConnectionError(f"{what or 'HTTP '}status {reply.status}")
        return members
