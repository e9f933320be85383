"""The same alarms on AWS, on a server and on Huawei Cloud: what a way has not is listed with the reason, and each alarm
has its row with what to do.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from emulator.packaging.huawei.module import MODULE, read_module
from shared.metrics.catalogue import METRICS, MetricKind
from tests.pages import ROOT, Page, both, named, names_in
from tests.test_template import resources

MADE_ON_HUAWEI = re.compile(r'^ +(?:\{ )?(?:for .* : )?"?((?:\$\{[^}]+\}|[a-z0-9-])+)"? +=>? \{', re.MULTILINE)
NUMBER = re.compile(r'([a-z-]+) += \{ .*line = "([^"]+)", field = "(\w+)", least = (\d+)')
WAYS = {"AWS": "AWS", "a server": "server", "服务器": "server", "Huawei Cloud": "Huawei", "华为云": "Huawei"}


@cache
def on_aws() -> dict[str, Mapping[str, Any]]:
    return resources("AWS::CloudWatch::Alarm")


@cache
def on_a_server() -> dict[str, str]:
    rules = yaml.safe_load((ROOT / "deploy/server/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    return {rule["alert"]: rule["expr"] for rule in rules}


def on_huawei() -> set[str]:
    text = "".join(
        file.read_text("utf-8")
        for folder in ("watch", "functions", "machines")
        for file in (MODULE / folder).glob("*.tf")
    )
    return {re.sub(r"\$\{[^}]+\}", "…", name) for name in MADE_ON_HUAWEI.findall(text) if "-" in name}


def rows(each: Page, first: str) -> list[list[str]]:
    """The rows of the table that begins with ``first``."""
    (found,) = [table[1:] for table in each.tables if table[1][0].startswith(first)]
    return found


def meant(names: Iterable[str]) -> set[str]:
    """The alarms on AWS with these names; ``…`` stands for the one word that a family differs in."""
    patterns = [name.replace("…", "[A-Z][a-z]+") for name in names]
    return {name for name in on_aws() if any(re.fullmatch(pattern, name) for pattern in patterns)}


@pytest.mark.docs
@pytest.mark.parametrize(("huawei", "metrics"), list(zip(both("docs/huawei"), both("docs/metrics"), strict=True)))
def test_what_a_way_has_not_is_listed_with_the_reason(huawei: Page, metrics: Page) -> None:
    told = rows(huawei, "`…-error-lines`")
    there = {"server": set(on_a_server()), "Huawei": meant(name for row in told for name in names_in(row[3]))}
    absent: dict[str, set[str]] = {"AWS": set(), "server": set(), "Huawei": set()}
    for row in rows(metrics, "`…ReadThrottlesAlarm`"):
        for way in re.split(", |、", row[1]):
            absent[WAYS[way]] |= meant(names_in(row[0])) or set(names_in(row[0]))
        assert row[2], row
    alone = {name for row in told for name in names_in(row[0]) if row[3] == "–"}

    assert there["server"] <= on_aws().keys()
    assert absent["server"] - alone == on_aws().keys() - there["server"]
    assert absent["Huawei"] == on_aws().keys() - there["Huawei"]
    assert absent["AWS"] == alone == absent["server"] - on_aws().keys()


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/huawei"), ids=named)
def test_alarms_of_huawei_cloud_are_listed(each: Page) -> None:
    assert {name for row in rows(each, "`…-error-lines`") for name in names_in(row[0])} == on_huawei()


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/operations"), ids=named)
def test_what_to_do_about_every_alarm_is_said(each: Page) -> None:
    told = rows(each, "`ErrorLineAlarm`")
    on_huawei_alone = {"machine-…-busy", "machine-does-not-answer"}

    assert {name for row in told for name in names_in(row[0])} == on_aws().keys() | on_huawei_alone
    assert all(row[2] for row in told)


def test_rules_for_prometheus_are_those_of_the_metrics_and_their_series_exist() -> None:
    named_there = {name for row in rows(both("docs/metrics")[0], "`Calls`") for name in names_in(row[5])}
    series = {name for rule in on_a_server().values() for name in re.findall(r"koogallery_\w+", rule)}

    assert set(on_a_server()) == named_there
    assert {re.sub(r"_(sum|count)$", "", name) for name in series} <= {each.series for each in METRICS}


def test_thresholds_for_prometheus_are_those_of_aws() -> None:
    least = {name: rule.rpartition(" >= ")[2] for name, rule in on_a_server().items() if " >= " in rule}

    assert len(least) > 10
    for name in least.keys() - {"GatewayDurationAlarm"}:
        assert float(least[name]) == on_aws()[name]["Threshold"], name


def test_numbers_that_huawei_cloud_asks_for_are_metrics_and_their_thresholds_those_of_aws() -> None:
    asked = NUMBER.findall((MODULE / "watch/numbers.tf").read_text("utf-8"))
    known = {(line, each.field) for each in METRICS if each.kind is not MetricKind.COUNTER for line in each.lines}
    called = {
        name: "".join(names_in(row[3])) for row in rows(both("docs/huawei")[0], "`…-er") for name in names_in(row[0])
    }

    assert len(asked) > 4
    assert {(line, field) for _, line, field, _ in asked} <= known
    for name, *_, least in asked:
        assert float(least) == on_aws()[called[name]]["Threshold"], name


def test_the_dashboard_of_huawei_cloud_draws_what_functions_and_machines_hand_it() -> None:
    root = read_module(MODULE)
    drawn = {
        folder: set(re.findall(r'"(\w+)"$', (MODULE / folder / "charts.tf").read_text(), re.MULTILINE))
        for folder in ("functions", "machines")
    }

    assert "module.functions[*].charts" in root.calls["dashboard"]["charts"]
    assert "module.machines[*].charts" in root.calls["dashboard"]["charts"]
    assert drawn["functions"] >= {"count", "duration", "failcount", "rejectcount", "concurrency", "error_5xx"}
    assert drawn["machines"] >= {"mb_l7_qps", "mf_l7_http_5xx", "m14_l7_rt"}
