"""Filters of the list that a reader keeps by name."""

from typing import Any
from urllib.parse import parse_qsl

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from emulator.console.calls.blueprint import page
from emulator.console.console_context import context
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.database import Document

LONGEST = 40
"""Characters of a name."""


class SavedView(Document):
    """``id`` is its name; ``filters`` those of :class:`Filter` that are not empty."""

    filters: dict[str, str]


@page.post("/calls/views")
def save_view() -> Response:
    """Keep the filters of ``query`` as ``name``, over those of that name; without any, forget them."""
    database, name = context().market.database, request.form.get("name", "").strip()[:LONGEST]
    pairs = parse_qsl(request.form.get("query", ""))
    filters: dict[str, Any] = {key: value for key, value in pairs if key in Filter.__dataclass_fields__}
    if name and filters:
        database.put(SavedView(id=name, filters=filters))
    return redirect(url_for("calls.index", **filters), 303)


@page.post("/calls/views/forget")
def forget_view() -> Response:
    context().market.database.drop(SavedView, request.form.get("name", ""))
    return redirect(url_for("calls.index"), 303)
