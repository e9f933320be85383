"""The conformance checker as a page."""

from collections.abc import Iterable, Sequence
from typing import cast

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from emulator.conformance.case import CaseVerdict, Result
from emulator.conformance.report import Report
from emulator.conformance.report_html import as_html
from emulator.conformance.report_junit import as_junit
from emulator.console.attached import attached
from emulator.console.check.run import CheckRefused, CheckRuns, Run, WishedCheck, host_of
from emulator.console.forms import FormRefused, Redirect, refused, taken
from emulator.console.language import language, text
from emulator.texts import speaking

page = Blueprint("check", __name__)

RUNS = "koogallery.check-runs"
"""Where a console's own stand in the environment of a request."""
FORMS = {
    "html": ("text/html", as_html),
    "xml": ("application/xml", as_junit),
    "json": ("application/json", Report.as_json),
}
_FIELDS = {"only": "only", "keys": "version", "remote": "remote"}
"""Which field is to blame for a refusal."""
_ORDER = (CaseVerdict.FAILED, CaseVerdict.WARNING, CaseVerdict.SKIPPED, CaseVerdict.PASSED)


def runs() -> CheckRuns:
    """Of the console that was asked."""
    return cast("CheckRuns", request.environ[RUNS])


@page.get("/check")
def index() -> str:
    """What can be checked, what is being checked, and what was found."""
    run, checks, form = runs().latest, runs(), refused(url_for("check.start"))
    sent = _wish(MultiDict(form.entered)) if form else None
    shown = request.args.get("show", "")
    return render_template(
        "check/index.html",
        run=run,
        url=checks.url,
        local=checks.local,
        wish=sent or (run.wish if run else WishedCheck()),
        form=form,
        groups=_groups(run, shown) if run and run.report else (),
        show=shown,
        verdicts=tuple(verdict.value for verdict in _ORDER),
        said=_said,
    )


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


def _groups(run: Run, shown: str) -> Sequence[tuple[str, Sequence[Result]]]:
    """The results of each interface, by the beginning of its cases' ids: in their order, but what is at fault first."""
    found: dict[str, list[Result]] = {_interface(case.id): [] for case in run.cases}
    results: Iterable[Result] = run.report.results if run.report else ()
    for result in sorted(results, key=lambda result: _ORDER.index(result.verdict)):
        if shown in ("", result.verdict):
            found[_interface(result.case.id)].append(result)
    groups = ((name, results) for name, results in found.items() if results)
    # The first of a group is its worst. Passed and skipped are the same: such groups stay where they are.
    return sorted(groups, key=lambda group: min(_ORDER.index(group[1][0].verdict), 2))


def _interface(case_id: str) -> str:
    return case_id.rpartition(".")[0]


def _said(result: Result) -> tuple[str, str]:
    """The seller console's own words and the language they are in: the reader's if a page tells them in it."""
    says = result.case.says
    words = {"zh": says.chinese, "en": says.english}
    first = language()
    other = "en" if first == "zh" else "zh"
    return (words[first], first) if words[first] else (words[other], other)
