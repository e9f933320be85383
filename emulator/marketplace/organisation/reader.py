"""Reads a tenant's directory from a server that has the bundle's routes for it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from emulator.marketplace.delivery.sender import Target
from emulator.marketplace.organisation.comparison import SellerDirectory
from emulator.wire.client import Answer, send
from shared.http import HttpRequest

PAGE = 1000
_OK = 200


class NotReadable(Exception):
    """The server did not answer with a page of the directory; the text says what it did."""


def read_directory(target: Target, token: str, tenant_id: str) -> SellerDirectory:
    """All departments and users of a tenant.

    :param token: the seller's application token.
    :raises NotReadable: there is no such page there.
    """
    return SellerDirectory(
        list(_all(target, token, tenant_id, "departments")), list(_all(target, token, tenant_id, "users"))
    )


def _all(target: Target, token: str, tenant_id: str, what: str) -> Iterator[Mapping[str, Any]]:
    path = f"{target.path.rstrip('/')}/directory/{quote(tenant_id, safe='')}/{what}"
    query: tuple[tuple[str, str], ...] = (("limit", str(PAGE)),)
    while query:
        page = _page(target, HttpRequest("GET", path, query, {"authorization": f"Bearer {token}"}))
        yield from page[what]
        query = (("limit", str(PAGE)), ("next", page["next"])) if "next" in page else ()


def _page(target: Target, request: HttpRequest) -> Mapping[str, Any]:
    reply = send(target.base, request)
    what = request.path.rpartition("/")[2]
    if not isinstance(reply, Answer):
        raise NotReadable(f"{what}: {reply.reason}")
    try:
        page = json.loads(reply.body)
    except ValueError:
        page = None
    if reply.status != _OK or not isinstance(page, dict) or not isinstance(page.get(what), list):
        raise NotReadable(f"{what}: status {reply.status}")
    return page
