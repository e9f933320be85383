"""The journey that is played at the start, step by step."""

from flask import Blueprint, Response, render_template

from emulator.console.console_context import context
from emulator.journey.row import JourneyRow

page = Blueprint("journey", __name__)


@page.get("/journey")
def index() -> str:
    """The table so far; it grows until the journey has ended."""
    return render_template("journey/index.html", **_played())


@page.get("/journey/table")
def table() -> Response | str:
    """The table alone; once more as a whole page at the end."""
    played = _played()
    if played["finished"]:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("journey/table.html", **played)


def _played() -> dict[str, object]:
    finished, rows = context().finished, tuple(context().rows)
    passed = sum(row.passed for row in rows)
    return {
        "rows": rows,
        "finished": finished,
        "passed": passed,
        "failed": len(rows) - passed,
        "about": _about,
    }


def _about(row: JourneyRow) -> str:
    """The id under which its calls stand in the timeline."""
    return str(row.sent.get("orderId") or row.sent.get("instanceId") or "")
