"""Filters of the list that a reader keeps by name."""

from urllib.parse import parse_qsl, urlencode

from flask import request, url_for

from emulator.console.calls.blueprint import page
from emulator.console.console_context import context
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import text
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.database import Document

LONGEST = 40
"""Characters of a name."""


class SavedView(Document):
    """``id`` is its name; ``filters`` those of :class:`Filter` that are not empty."""

    filters: dict[str, str]


@page.post("/calls/views")
def save_view() -> Redirect:
    """Keep the filters of ``query`` as ``name``, over those of that name."""
    database, name = context().market.database, request.form.get("name", "").strip()[:LONGEST]
    pairs = parse_qsl(request.form.get("query", ""))
    filters = Filter.of(dict(pairs)).chosen
    address = f"{url_for('calls.index')}?{urlencode(filters)}" if filters else url_for("calls.index")
    if not name:
        raise FormRefused(address, {"name": text("calls.views.no-name")})
    if not filters:
        raise FormRefused(address, {"": text("calls.views.no-filter")})
    database.put(SavedView(id=name, filters=dict(filters)))
    return taken("calls.index", **filters)


@page.post("/calls/views/forget")
def forget_view() -> Redirect:
    context().market.database.drop(SavedView, request.form.get("name", ""))
    return taken("calls.index")
