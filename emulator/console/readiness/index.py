"""What is to be mended before the product goes live: the causes of the latest check, ranked."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for

from emulator.conformance.case import CaseVerdict
from emulator.conformance.causes import Cause
from emulator.console.check.index import runs
from emulator.console.check.run import CheckRefused, Run, WishedCheck
from emulator.console.forms import FormRefused, Redirect, taken
from emulator.console.language import language, text
from emulator.texts import speaking

page = Blueprint("readiness", __name__)


@page.get("/readiness")
def index() -> str:
    """Ranked causes, what was not proven, and what to do when nothing was checked yet."""
    run = runs().latest
    with speaking(language()):
        unproven = run.report.unproven if run and run.report else []
    mended = run.report.causes if run and run.report else []
    failed = [cause for cause in mended if cause.verdict is CaseVerdict.FAILED]
    return render_template(
        "readiness/index.html",
        run=run,
        url=runs().url,
        failed=failed,
        advised=[cause for cause in mended if cause not in failed],
        unproven=unproven,
        number_of=_number_of(run),
    )


@page.post("/readiness")
def check() -> Redirect:
    """Check everything that needs no confirmation, or one cause alone."""
    try:
        _start(request.form.get("cause", ""))
    except CheckRefused as refusal:
        raise FormRefused(url_for("readiness.index"), {"": text(f"check.refused.{refusal.reason}")}) from None
    return taken("readiness.index")


def _start(cause_id: str) -> None:
    if not cause_id:
        runs().start(WishedCheck(sync=True))
        return
    run = runs().latest
    mended = run.report.causes if run and run.report else []
    runs().again(next((cause.tried for cause in mended if cause.id == cause_id), frozenset()))


def _number_of(run: Run | None) -> Callable[[Cause], int | None]:
    """Finds the call, by its number in the list, that shows a cause."""

    def number(cause: Cause) -> int | None:
        numbers = run.calls.get(cause.exchange.case, []) if run and cause.exchange else []
        return numbers[-1] if numbers else None

    return number
