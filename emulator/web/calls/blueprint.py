"""The blueprint that the page's modules hang their routes on."""

from flask import Blueprint, abort

from emulator.market.call import Call
from emulator.web.state import state

page = Blueprint("calls", __name__)


def found(number: int) -> Call:
    """The call with that number, or 404."""
    call = state().market.timeline.get(number)
    if call is None:
        abort(404)
    return call
