"""Metrics come from log lines: on Lambda in the line itself, on a server as counts of all its processes."""

import json
import re
import time
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from shared import log
from shared.metrics.catalogue import METRICS, MetricKind, embedded, measured
from shared.metrics.counts import BELIEVED, Counts
from shared.server.metrics import with_metrics
from tests.pages import Page, both, named, names_in
from tests.test_template import read, resources
from tests.world import World

ROOT = Path(__file__).parents[3]
NAMES = {each.name for each in METRICS}
TOKEN = "t" * 32


def values(message: str, **fields: Any) -> dict[str, float]:
    return {metric.name: value for metric, value in measured(message, fields)}


def test_calls_and_those_that_failed() -> None:
    good = {"interface": "purchase", "milliseconds": 12, "test": False}
    assert values("answered", result="000000", **good) == {"Calls": 1, "AnswerMilliseconds": 12}
    assert values("answered", result="000005", **good) == {"Calls": 1, "AnswerMilliseconds": 12, "FailedCalls": 1}
    assert values("answered", result="000005", test=True) == {"Calls": 1, "FailedProbes": 1}
    assert values("a line that nobody counts") == {}


def test_every_metric_is_of_a_line_that_is_logged() -> None:
    code = "".join(path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))
    assert [line for each in METRICS for line in each.lines if f'"{line}' not in code] == []
    assert {each.field for each in METRICS if each.field} | {each.label for each in METRICS if each.label} <= log.FIELDS
    assert {each.kind for each in METRICS} == set(MetricKind)


def test_a_line_has_its_metrics_in_cloudwatchs_format(world: World, log_lines: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv(log.NAMESPACE, "KooGallery/stack")
    world.buy()
    (line,) = log_lines("answered")
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("KooGallery/stack", [[]])
    assert {each["Name"]: each["Unit"] for each in directive["Metrics"]} == {
        "Calls": "Count",
        "AnswerMilliseconds": "Milliseconds",
    }
    assert line["Calls"] == 1
    assert line["AnswerMilliseconds"] == line["milliseconds"]


def test_without_a_namespace_lines_stay_as_they_are(world: World, log_lines: Any) -> None:
    world.buy()
    assert "_aws" not in log_lines("answered")[0]
    assert embedded("n", "unknown", {}) == {}


def test_processes_are_counted_together_and_outlived(tmp_path: Path) -> None:
    one, other = Counts(tmp_path), Counts(tmp_path)
    for counts, interface in ((one, "purchase"), (other, "purchase"), (other, 'a"b')):
        counts.line("answered", {"interface": interface, "result": "000005", "milliseconds": 10})
    other.line("risk", {"failed_orders": 3, "failing_days": 0, "open": 1, "findings": 2})
    other.write()
    text = one.text()
    assert 'koogallery_calls_total{interface="purchase"} 2' in text
    assert 'koogallery_calls_total{interface="a\\"b"} 1' in text
    assert 'koogallery_answer_milliseconds_sum{interface="purchase"} 20' in text
    assert "koogallery_failed_orders 3" in text
    assert set(re.findall(r"# TYPE (\S+)", text)) == {each.series for each in METRICS}
    one.line("risk", {"failed_orders": 1})
    assert "koogallery_failed_orders 1" in one.text()


@pytest.mark.parametrize(
    ("tokens", "environ", "status"),
    [
        ((), {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ((), {"REMOTE_ADDR": "203.0.113.9"}, 404),
        ((), {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ((TOKEN,), {"REMOTE_ADDR": "127.0.0.1"}, 404),
        ((TOKEN,), {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ((TOKEN,), {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer other"}, 404),
    ],
)
def test_who_may_read_them(tmp_path: Path, tokens: tuple[str, ...], environ: dict[str, str], status: int) -> None:
    asked: dict[str, Any] = {"PATH_INFO": "/metrics", "wsgi.input": BytesIO()}
    setup_testing_defaults(asked)
    told: list[str] = []
    front = with_metrics(Counts(tmp_path), tokens, lambda _environ, _start: [])
    body = b"".join(front(asked | environ, lambda line, _headers, *_: told.append(line)))  # type: ignore[arg-type]
    assert [int(line[:3]) for line in told] == [status]
    assert (b"koogallery_calls_total" in body) is (status == 200)


def test_the_template_lets_lines_have_metrics_and_its_alarms_watch_those_of_the_catalogue() -> None:
    variables = read()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables[log.NAMESPACE] == {"Sub": "KooGallery/${AWS::StackName}"}
    filters = resources("AWS::Logs::MetricFilter").values()
    filtered = {made["MetricName"] for one in filters for made in one["MetricTransformations"]}
    own = [
        alarm["MetricName"]
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == variables[log.NAMESPACE]
    ]
    assert set(own) <= NAMES | filtered
    assert {"FailedOrders", "FailingProbeDays", "RefusedCalls", "OpenMessages"} <= set(own)


def test_the_dashboards_show_every_metric_of_the_catalogue_and_no_other() -> None:
    grafana = json.loads((ROOT / "deploy/server/grafana.json").read_text())
    shown = {target["expr"] for panel in grafana["panels"] for target in panel["targets"]}
    series = {name for expression in shown for name in re.findall(r"koogallery_\w+", expression)}
    assert {re.sub(r"_(sum|count)$", "", name) for name in series} == {each.series for each in METRICS}
    body = resources("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Sub"]
    widgets = json.loads(body.replace("${AWS::StackName}", "stack").replace("${AWS::Region}", "region"))["widgets"]
    assert {metric[1] for widget in widgets for metric in widget["properties"]["metrics"]} == NAMES


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/metrics"), ids=named)
def test_the_page_has_the_catalogue(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`Calls`"]
    catalogue = [[m.name, m.series, *([m.label] if m.label else []), m.unit, *m.lines] for m in METRICS]
    assert [names_in(" ".join(row[:4])) for row in rows] == catalogue
    assert {name for row in rows for name in names_in(row[5])} <= set(resources("AWS::CloudWatch::Alarm"))


def test_what_somebody_must_look_at_is_counted_whatever_it_says(tmp_path: Path, monkeypatch: Any) -> None:
    counts = Counts(tmp_path)
    monkeypatch.setattr(log, "_ears", [counts.line])
    log.event("refused", reason="signature")
    assert "koogallery_error_lines_total 0" in counts.text(), "Prometheus sees no step that begins at nothing"
    log.alarm("a line that nothing else counts")
    log.failure("a scheduled run failed", ValueError("x"), interface="sweep")
    assert "koogallery_error_lines_total 2" in counts.text()
    assert 'koogallery_failed_runs_total{interface="sweep"} 1' in counts.text()


def test_what_was_seen_long_ago_is_not_believed_for_ever(tmp_path: Path, monkeypatch: Any) -> None:
    counts = Counts(tmp_path)
    counts.line("risk", {"failed_orders": 3})
    assert "koogallery_failed_orders 3" in counts.text()
    later = time.time() + BELIEVED + 1
    monkeypatch.setattr("shared.metrics.counts.time.time", lambda: later)
    assert "koogallery_failed_orders 3" not in counts.text()
    counts.line("risk", {"failed_orders": 2})
    assert "koogallery_failed_orders 2" in counts.text()


def test_a_run_that_ended_well_says_that_none_failed(tmp_path: Path) -> None:
    counts = Counts(tmp_path)
    counts.line("run", {"interface": "metering"})
    assert 'koogallery_failed_runs_total{interface="metering"} 0' in counts.text()
