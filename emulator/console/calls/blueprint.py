"""The blueprint that the page's modules hang their routes on."""

from flask import Blueprint, abort

from emulator.console.console_context import context
from emulator.marketplace.delivery.call import RecordedCall

page = Blueprint("calls", __name__)


def found(number: int) -> RecordedCall:
    """The call with that number, or 404."""
    call = context().market.timeline.get(number)
    if call is None:
        abort(404)
    return call
