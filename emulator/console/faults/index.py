"""The faults as switches: how often each happens, what it does, and what the seller must do about it."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for

from emulator.console.console_context import context
from emulator.console.faults.advice import ADVICE
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import text
from emulator.marketplace.faults.switches import Switches, Where

page = Blueprint("faults", __name__)

USUAL = 20
"""Percent, where none was set before."""


@page.app_context_processor
def _header() -> dict[str, Any]:
    """How many are switched on, for the header of every page, and how many readings."""
    return {"faults_on": len(context().market.switches.on()), "readings_on": len(context().market.readings.on())}


@page.get("/faults")
def index() -> str:
    """All of them, by what they are done to."""
    switches = context().market.switches
    groups = {where: [each for each in switches.known.values() if each.where is where] for where in Where}
    return render_template(
        "faults/index.html",
        groups=groups,
        percents=percents(switches),
        advice=ADVICE,
        usual=USUAL,
    )


@page.post("/faults/off")
def all_off() -> Redirect:
    context().market.switches.all_off()
    return taken("faults.index")


@page.post("/faults/<fault>")
def change(fault: str) -> Redirect:
    """On at a rate, off, or to the next call for certain."""
    switches = context().market.switches
    if fault not in switches.known:
        abort(404)
    if request.form.get("act") == "once":
        switches.inject(fault, 1)
        flash(text("faults.ordered", what=text(f"faults.what.{fault}")), "warn")
    else:
        set_rate(switches, fault, url_for("faults.index"))
    return taken("faults.index", _anchor=fault)


def set_rate(switches: Switches, name: str, page: str) -> None:
    """How often it happens, as the form on ``page`` says: never, or in so many percent."""
    percent = "0" if request.form.get("act") == "off" else request.form.get("percent", "")
    try:
        switches.set(name, float(percent) / 100)
    except ValueError:
        raise FormRefused(page, {"percent": text("faults.no-rate")}) from None


def percents(switches: Switches) -> dict[str, float]:
    """How often each happens."""
    return {name: round(switches.rate(name) * 100, 1) for name in switches.known}
