"""The readings as switches: what the documents leave open, how often it is read in the other way, and its source."""

from flask import Blueprint, abort, render_template, url_for

from emulator.console.console_context import context
from emulator.console.faults.index import percents, set_rate
from emulator.console.forms import Redirect, taken

page = Blueprint("readings", __name__)


@page.get("/readings")
def index() -> str:
    readings = context().market.readings
    return render_template(
        "readings/index.html",
        readings=readings.known.values(),
        percents=percents(readings),
    )


@page.post("/readings/off")
def all_off() -> Redirect:
    """Every one as the emulator reads it by itself."""
    context().market.readings.all_off()
    return taken("readings.index")


@page.post("/readings/<reading>")
def change(reading: str) -> Redirect:
    """So often, of those that it can hold for."""
    readings = context().market.readings
    if reading not in readings.known:
        abort(404)
    set_rate(readings, reading, url_for("readings.index"))
    return taken("readings.index", _anchor=reading)
