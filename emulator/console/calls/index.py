"""The list, newest first: it grows at its top by itself, and at its end when that comes into sight."""

from urllib.parse import urlencode

from flask import Response, render_template, request

from emulator.composer.interfaces import SYNC
from emulator.console.calls import compare, detail, resend
from emulator.console.calls.blueprint import found, page
from emulator.console.calls.saved_views import SavedView
from emulator.console.calls.view import View
from emulator.console.console_context import context, number
from emulator.marketplace.delivery.call import Direction, Family
from emulator.marketplace.delivery.message_payloads import ACTIVITIES
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.storage.call_lines import CallsFound

__all__ = ["compare", "detail", "page", "resend"]

PAGE = 50
"""Rows of a page."""
BURST = 100
"""More new calls at once, and the list is shown anew instead of growing."""
GROWTH = 500
"""So many calls since the page was opened, too."""

CHOICES = {
    "direction": tuple(Direction),
    "family": tuple(Family),
    "verdict": ("passed", "failed", "injected"),
}
SOURCES = (
    *("attempt", "is-it-open", "again-later", "journey", "check", "debugging", "probe", "after-a-repair"),
    *("built", "replay-of", "resend-of", "edit-of", "forged", "seller"),
)
"""What made a call, as :attr:`RecordedCall.source` names it."""
FURTHER = ("code", "source", "slower", "begin", "end", "header", "text")
"""Filters that are not always in sight."""


@page.get("/calls")
def index() -> str:
    """The newest calls, or those before ``before``; ``call`` is open beside them."""
    timeline, chosen, before = context().market.timeline, Filter.of(request.args), number("before") or None
    newest = timeline.latest()
    found_calls = timeline.page(chosen, before=before, limit=PAGE)
    opened = number("call")
    return render_template(
        "calls/index.html",
        **_list(found_calls, chosen),
        views=context().market.database.all(SavedView),
        sources=SOURCES,
        further_chosen=[name for name in FURTHER if getattr(chosen, name)],
        shown=View(found(opened)) if opened else None,
        choices=CHOICES,
        activities=sorted({name for names in ACTIVITIES.values() for name in names.values()} | {*SYNC}),
        live=before is None,
        cursor=newest,
        since=newest,
    )


@page.get("/calls/older")
def older() -> str:
    """The rows before ``before``, to be put at the end."""
    chosen = Filter.of(request.args)
    found_calls = context().market.timeline.page(chosen, before=number("before") or None, limit=PAGE)
    return render_template("calls/older.html", **_list(found_calls, chosen))


@page.get("/calls/newer")
def newer() -> Response | tuple[str, int]:
    """The rows after ``after``, to be put at the top; 204 without any."""
    timeline, chosen = context().market.timeline, Filter.of(request.args)
    after, since = number("after"), number("since")
    newest = timeline.latest()
    if newest == after:
        return "", 204
    lines = timeline.lines(chosen, after=after, limit=BURST + 1)
    if newest < after or len(lines) > BURST or (lines and newest - since > GROWTH):
        return Response(headers={"HX-Refresh": "true"})
    text = render_template("calls/newer.html", **_list(CallsFound(lines), chosen), cursor=newest, since=since)
    return Response(text)


def _list(found_calls: CallsFound, chosen: Filter) -> dict[str, object]:
    return {**found_calls._asdict(), "chosen": chosen, "filters": chosen.chosen, "query": urlencode(chosen.chosen)}
