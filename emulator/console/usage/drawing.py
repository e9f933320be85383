"""What ``chart.js`` draws of some slots: it knows neither zones nor languages, and its bars are rounded."""

from collections.abc import Mapping, Sequence

from emulator.console.language import text
from emulator.console.times import beijing, utc
from emulator.console.usage.amounts import exact
from emulator.console.usage.chart import KINDS, Span
from emulator.console.usage.days import UsedTime


def drawing(shown: Sequence[UsedTime], span: Span) -> Mapping[str, object]:
    """For JSON. ``rows``: what may stand below each slot; it does where the slot's index and ``phase`` make a multiple
    of a step. ``said``: what each slot is, in words and exactly. ``bars``: the heights by kind.
    """
    return {
        "rows": [[beijing(each.begin, "%m-%d") for each in shown]]
        if span.name == "day"
        else [[form(each.begin, "%m-%d %H:%M") for each in shown] for form in (utc, beijing)],
        "phase": 1 - span.slots if span.name == "day" else shown[0].begin.hour,
        "steps": span.steps,
        "bars": {kind: [float(getattr(each, kind)) for each in shown] for kind in KINDS},
        "said": [_said(each, span) for each in shown],
    }


def _said(slot: UsedTime, span: Span) -> str:
    moments = {"utc": utc(slot.begin, "%m-%d %H:%M"), "beijing": beijing(slot.begin, "%m-%d %H:%M")}
    amounts = {name: exact(getattr(slot, name)) for name in ("used", "accepted", "billed", "refused")}
    when = text(f"usage.chart.when.{span.name}", day=beijing(slot.begin, "%Y-%m-%d"), **moments)
    return text("usage.chart.said", when=when, **amounts)
