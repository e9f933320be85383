"""The conformance checker as a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.datastructures import MultiDict

from emulator.conformance.case import CaseVerdict, Result
from emulator.conformance.report import Report
from emulator.conformance.report_html import as_html
from emulator.conformance.report_junit import as_junit
from emulator.console.attached import attached
from emulator.console.check.run import CheckRefused, CheckRuns, Run, WishedCheck, host_of
from emulator.console.console_context import EXTENSION
from emulator.console.forms import FormRefused, Redirect, refused, taken
from emulator.console.language import language, text
from emulator.texts import speaking

page = Blueprint("check", __name__)

RUNS = "console-check-runs"
FORMS = {
    "html": ("text/html", as_html),
    "xml": ("application/xml", as_junit),
    "json": ("application/json", Report.as_json),
}
_FIELDS = {"only": "only", "keys": "version", "remote": "remote"}
"""Which field is to blame for a refusal."""
_ORDER = (CaseVerdict.FAILED, CaseVerdict.WARNING, CaseVerdict.SKIPPED, CaseVerdict.PASSED)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The cases of one interface; ``name`` is the beginning of their ids."""

    name: str
    results: Sequence[Result]

    @property
    def worst(self) -> int:
        """Lower is worse. Passed and skipped are the same: such groups stay where they are."""
        return min(_ORDER.index(result.verdict) if result.verdict in _ORDER[:2] else 2 for result in self.results)

    def count(self, verdict: str) -> int:
        return sum(result.verdict == verdict for result in self.results)


@page.record
def _own_runs(setup: BlueprintSetupState) -> None:
    setup.app.extensions[RUNS] = CheckRuns(setup.app.extensions[EXTENSION].market)


def runs() -> CheckRuns:
    """Of the application that answers the request."""
    return cast("CheckRuns", current_app.extensions[RUNS])


@page.get("/check")
def index() -> str:
    """What can be checked, what is being checked, and what was found."""
    return render_template("check/index.html", **_found())


@page.post("/check")
def start() -> Redirect:
    try:
        runs().start(_wish(request.form))
    except CheckRefused as refusal:
        raise _refused(refusal) from None
    return taken("check.index")


@page.post("/check/again")
def again() -> Redirect:
    """One case alone; what is asked of every answer with the calls that showed it."""
    run, name = runs().latest, request.form.get("case", "")
    result = run.results.get(name) if run else None
    shown = (exchange.case for exchange in result.exchanges) if result else ()
    try:
        runs().again({name, *shown})
    except CheckRefused as refusal:
        raise _refused(refusal) from None
    return taken("check.index", _anchor=name)


@page.get("/check/progress")
def progress() -> Response | str:
    """How far the run is; at its end the page is loaded anew."""
    run = runs().latest
    if run is None or not run.going:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("check/progress.html", run=run)


@page.get("/check/report.<form>")
def report(form: str) -> Response:
    run = runs().latest
    if form not in FORMS or run is None or run.report is None:
        abort(404)
    kind, write = FORMS[form]
    name = f"conformance-{host_of(run.url)}.{form}"
    with speaking(language()):
        content = write(run.report)
    return attached(content, name, kind)


def _wish(form: MultiDict[str, str]) -> WishedCheck:
    return WishedCheck(
        versions=tuple(version for version in ("v1", "v2") if version in form.getlist("version")),
        only=tuple(form.get("only", "").replace(",", " ").split()),
        sync="sync" in form,
        real="real" in form,
        remote="remote" in form,
    )


def _refused(refusal: CheckRefused) -> FormRefused:
    problem = {_FIELDS.get(refusal.reason, ""): text(f"check.refused.{refusal.reason}")}
    return FormRefused(url_for("check.index"), problem)


def _found() -> dict[str, object]:
    run, checks, form = runs().latest, runs(), refused(url_for("check.start"))
    sent = _wish(MultiDict(form.entered)) if form else None
    shown = request.args.get("show", "")
    return {
        "run": run,
        "url": checks.url,
        "local": checks.local,
        "wish": sent or (run.wish if run else WishedCheck()),
        "form": form,
        "groups": _groups(run, shown) if run and run.report else (),
        "show": shown,
        "verdicts": tuple(verdict.value for verdict in _ORDER),
        "said": _said,
    }


def _groups(run: Run, shown: str) -> Sequence[ShownGroup]:
    results: Iterable[Result] = run.report.results if run.report else ()
    kept = [result for result in results if shown in ("", result.verdict)]
    by_name: dict[str, list[Result]] = {}
    for result in sorted(kept, key=lambda result: _ORDER.index(result.verdict)):
        by_name.setdefault(result.case.id.rpartition(".")[0], []).append(result)
    groups = [ShownGroup(name, by_name[name]) for name in _names(run) if name in by_name]
    return sorted(groups, key=lambda group: group.worst)


def _names(run: Run) -> Iterable[str]:
    """The groups in the order of the cases."""
    return dict.fromkeys(case.id.rpartition(".")[0] for case in run.cases)


def _said(result: Result) -> tuple[str, str]:
    """The seller console's own words and the language they are in: the reader's if a page tells them in it."""
    says = result.case.says
    words = {"zh": says.chinese, "en": says.english}
    first = language()
    other = "en" if first == "zh" else "zh"
    return (words[first], first) if words[first] else (words[other], other)
