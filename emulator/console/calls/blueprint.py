"""The blueprint that the page's modules hang their routes on."""

from flask import Blueprint, abort

from emulator.console.console_context import context
from emulator.marketplace.delivery.call import RecordedCall
from emulator.wire.signature.doctor import mends

page = Blueprint("calls", __name__)


@page.app_context_processor
def _mends() -> dict[str, object]:
    """Right code, wherever a signature is explained."""
    return {"mend": mends.mend, "mend_code": mends.code, "mend_languages": mends.MEND_LANGUAGES}


def found(number: int) -> RecordedCall:
    """The call with that number, or 404."""
    return context().market.timeline.get(number) or abort(404)
