"""A stack becomes what its template says, or stays what it was and says why."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.session import Session

from emulator.deployment.aws import choices
from emulator.deployment.aws.artifacts import Bucket
from emulator.deployment.aws.stack import DeploymentFailed, Stack
from emulator.platforms import engines

pytestmark = pytest.mark.engines


class Cloud:
    """An account, and templates in its bucket."""

    def __init__(self) -> None:
        self._session = Session()
        self.bucket = Bucket(self.client("s3"), "000000000000", "eu-west-1")

    def client(self, service: str) -> Any:
        return self._session.client(service)  # type: ignore[call-overload]

    def template(self, *queues: str, **more: Any) -> str:
        parameters = {name: {"Type": "String", "Default": "none"} for name in ("Color", "Size")}
        resources = {name: {"Type": "AWS::SQS::Queue"} for name in queues} | more
        outputs = {"Color": {"Value": {"Ref": "Color"}}, "Size": {"Value": {"Ref": "Size"}}}
        text = json.dumps({"Parameters": parameters, "Resources": resources, "Outputs": outputs})
        return self.bucket.url(self.bucket.put(text.encode(), ".json"))

    def stack(self) -> Stack:
        return Stack(self.client("cloudformation"), "some", pause=0.05)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with engines.aws() as url:
        for name, value in {**engines.ENVIRONMENT, "AWS_ENDPOINT_URL": url}.items():
            monkeypatch.setenv(name, value)
        yield Cloud()


def test_it_is_made_changed_and_left_alone(cloud: Cloud) -> None:
    stack = cloud.stack()
    assert (stack.described(), stack.outputs(), stack.has("One")) == (None, {}, False)

    assert stack.apply(cloud.template("One"), {"Color": "red", "Size": "small"})
    assert stack.outputs() == {"Color": "red", "Size": "small"}
    assert stack.has("One")

    assert stack.apply(cloud.template("One", "Two"), {"Color": "blue"})
    assert stack.outputs() == {"Color": "blue", "Size": "small"}, "what is not named stays"
    assert not stack.apply(cloud.template("One", "Two"), {"Color": "blue"})


def test_what_failed_first_is_said(cloud: Cloud) -> None:
    broken = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": []}}
    with pytest.raises(DeploymentFailed, match="some: Broken: "):
        cloud.stack().apply(cloud.template("One", Broken=broken), {})


def test_tables_and_log_role_that_exist_are_taken(cloud: Cloud) -> None:
    stack, dynamodb, gateway = cloud.stack(), cloud.client("dynamodb"), cloud.client("apigateway")
    assert choices.tables(stack, dynamodb, "mine-") == "made"
    assert choices.log_role(stack, gateway) == "made"

    key = {"AttributeName": "pk", "AttributeType": "S"}
    dynamodb.create_table(
        TableName="mine-instances",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = "arn:aws:iam::000000000000:role/logs"
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    assert choices.tables(stack, dynamodb, "mine-") == "existing"
    assert choices.log_role(stack, gateway) == "existing"

    stack.apply(cloud.template("TablesStack", "ApiAccount"), {})
    assert choices.tables(stack, dynamodb, "mine-") == "made"
    assert choices.log_role(stack, gateway) == "made"
