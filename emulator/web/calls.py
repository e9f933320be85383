"""The calls, newest first."""

from flask import Blueprint, render_template

from emulator.web.state import state

page = Blueprint("calls", __name__)


@page.get("/")
@page.get("/calls")
def index() -> str:
    """The list."""
    return render_template("calls/index.html", lines=state().market.timeline.lines())
