"""What CloudFormation makes of template.yaml: SAM's own transform, with parameters that a test has set."""

from collections.abc import Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from tests.test_template import functions, read

SHORT = {"And", "Equals", "GetAtt", "If", "Not", "Or", "Select", "Sub"}
ANSWERING = {"gateway", "sync", "login", "directory", "usage"}


def spelt_out(value: Any) -> Any:
    """CloudFormation's short forms as its long ones."""
    match value:
        case dict() if len(value) == 1 and (name := next(iter(value))) in SHORT:
            content = spelt_out(value[name])
            return {f"Fn::{name}": content.split(".") if name == "GetAtt" else content}
        case dict():
            return {name: spelt_out(each) for name, each in value.items()}
        case list():
            return [spelt_out(each) for each in value]
    return "s3://bucket/key" if value == "functions/" else value


@pytest.fixture
def expand(monkeypatch: pytest.MonkeyPatch) -> Any:
    from samtranslator.translator.transform import transform

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    def expanded(template: Any = None, **parameters: str) -> Mapping[str, Any]:
        template = spelt_out(template or read())
        made: Mapping[str, Any] = transform(template, parameters, SimpleNamespace(load=dict))["Resources"]
        return made

    return expanded


def kind(resources: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    return {key: each for key, each in resources.items() if each["Type"] == name}


def test_calls_schedules_and_queues_reach_an_alias(expand: Any) -> None:
    resources = expand()
    aliases = kind(resources, "AWS::Lambda::Alias")

    assert set(aliases) == {f"{name}Aliaslive" for name in kind(resources, "AWS::Lambda::Function")}
    targets = [each["Properties"]["Target"]["Arn"] for each in kind(resources, "AWS::Scheduler::Schedule").values()]
    targets += [
        each["Properties"]["FunctionName"] for each in kind(resources, "AWS::Lambda::EventSourceMapping").values()
    ]
    assert len(targets) == 5
    assert [target for target in targets if target["Ref"] not in aliases] == []
    assert not kind(resources, "AWS::CodeDeploy::DeploymentGroup")


def test_a_gradual_deployment_goes_back_on_alarms_where_somebody_waits_for_an_answer(expand: Any) -> None:
    groups = kind(expand(Gradual="true"), "AWS::CodeDeploy::DeploymentGroup")

    assert set(groups) == {f"{name.title()}FunctionDeploymentGroup" for name in ANSWERING}
    for name in ANSWERING:
        properties = groups[f"{name.title()}FunctionDeploymentGroup"]["Properties"]
        alarms = {each["Name"]["Ref"] for each in properties["AlarmConfiguration"]["Alarms"]}
        assert alarms == {f"{name.title()}ErrorsAlarm", "Api5xxAlarm"}
        assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]
        assert "Canary10Percent5Minutes" in str(properties["DeploymentConfigName"])


@pytest.mark.parametrize(
    "change",
    [
        lambda template: template["Globals"]["Function"]["Tags"].update(parameters="others"),
        lambda template: template["Globals"]["Function"].update(CodeUri="s3://bucket/new"),
        lambda template: template["Resources"]["Dependencies"]["Properties"].update(ContentUri="s3://bucket/new"),
    ],
    ids=["parameters", "code", "dependencies"],
)
def test_whatever_changes_makes_a_new_version(expand: Any, change: Any) -> None:
    changed = deepcopy(read())
    change(changed)
    before, after = (set(kind(expand(template), "AWS::Lambda::Version")) for template in (read(), changed))

    assert len(before) == len(after) == len(functions())
    assert not before & after


def test_traces_and_the_right_to_send_them_are_there_only_when_asked_for(expand: Any) -> None:
    def traced(**parameters: str) -> int:
        return str(expand(**parameters)).lower().count("xray")

    assert traced() == 0
    assert traced(Tracing="Active") == len(functions())


def test_a_snapshot_is_kept_only_when_asked_for(expand: Any) -> None:
    for chosen in ("None", "PublishedVersions"):
        found = kind(expand(SnapStart=chosen), "AWS::Lambda::Function").values()
        assert all(each["Properties"]["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}} for each in found)
