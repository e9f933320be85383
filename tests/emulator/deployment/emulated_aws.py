"""AWS on this machine, with IAM on, and what is deployed there as its callers see it."""

import json
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from boto3.session import Session

from emulator.deployment.aws import keys
from emulator.deployment.aws.artifacts import build
from emulator.deployment.aws.command import StackOrder, deployed
from emulator.deployment.aws.stack import Stack
from emulator.packaging.artifacts import BuildTarget
from emulator.platforms import engines
from emulator.wire.calls import V1Calls, members_of
from emulator.wire.client import Answer, send
from shared.clock import SystemClock
from shared.http import HttpRequest

CONSOLE = {
    "KOOGALLERY_KEY": "key-of-version-1-in-this-test",
    "KOOGALLERY_ACCESS_KEY": "access-key-of-this-test",
    "KOOGALLERY_SYNC_ACCESS_KEY": "sync-access-key-of-this-test",
    "KOOGALLERY_USAGE_KEY": "usage-key-of-this-test",
    "KOOGALLERY_AK": "AKOFTHISTEST",
    "KOOGALLERY_SK": "sk-of-this-test",
}
"""What a seller copies from the console."""
HERE = BuildTarget(f"{sys.version_info[0]}.{sys.version_info[1]}", f"manylinux2014_{platform.machine()}")
"""The emulator runs functions in its own Python, on this processor."""
SECONDS = 30.0


@contextmanager
def emulated_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator["Aws"]:
    """ministack, which asks IAM before each call of a function's role."""
    if sys.platform != "linux":
        pytest.skip("the artifacts are for Linux")
    with engines.aws(AUTH="true") as url:
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}
        for name, value in {"AWS_ENDPOINT_URL": url, **credentials}.items():
            monkeypatch.setenv(name, value)
        yield Aws(url)


class Aws:
    """The account of whoever deploys; what is deployed there is built once."""

    def __init__(self, url: str) -> None:
        self.url, self._session = url, Session()
        self._archives = cache(lambda _architecture: build(HERE))

    def client(self, service: str) -> Any:
        return self._session.client(service)  # type: ignore[call-overload]

    def deploy(self, name: str, **parameters: str) -> "Deployment":
        """What the command does, but for CodeDeploy, which the emulator has not, and the host name."""
        given = {"TablePrefix": f"{name}-", "Provisioner": "demo", "Shards": "1", "Gradual": "false", **parameters}
        order = StackOrder(name, None, list(map("=".join, given.items())), no_check=True)
        assert deployed(order, CONSOLE, self._archives) == 0
        return Deployment(self, name)


class Deployment:
    """One stack."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws, self.name = aws, name
        self.stack = Stack(aws.client("cloudformation"), name)
        self.base = f"{aws.url}/restapis/{self.stack.outputs()['ApiId']}/production/_user_request_"
        self.address = f"{self.base}/saas"

    @property
    def keys(self) -> Mapping[str, str]:
        return keys.read(self.aws.client("secretsmanager"), self.name)[0]

    def call(self, activity: str, **parameters: Any) -> Mapping[str, Any]:
        """A call of version 1, signed now; the answer's members."""
        request = V1Calls(CONSOLE["KOOGALLERY_KEY"], SystemClock()).call(activity, **parameters)
        return self.answer(request)

    def answer(self, request: HttpRequest) -> Mapping[str, Any]:
        reply = send(self.base, request)
        assert isinstance(reply, Answer), reply
        return dict(members_of(reply.body))

    def ask(self, method: str, path: str, members: Mapping[str, Any] | None = None) -> Any:
        """A call of the seller's application."""
        headers = {"authorization": f"Bearer {self.keys['app_token']}", "content-type": "application/json"}
        body = json.dumps(members).encode() if members else b""
        reply = send(self.base, HttpRequest(method, path, headers=headers, body=body))
        assert isinstance(reply, Answer), reply
        return json.loads(reply.body)

    def fire(self, schedule: str) -> Any:
        """What EventBridge would do when the time has come; what the function returns."""
        target = self.aws.client("scheduler").get_schedule(Name=f"{self.name}-{schedule}")["Target"]
        assert f":function:{self.name}-" in target["Arn"], "each stack has schedules of its own"
        assert target["Arn"].endswith(":live")
        done = self.aws.client("lambda").invoke(FunctionName=target["Arn"], Payload=target.get("Input", "{}"))
        result = json.loads(done["Payload"].read())
        assert "FunctionError" not in done, result
        return result

    def environment(self, function: str) -> Mapping[str, str]:
        """That of the version which callers reach."""
        functions = self.aws.client("lambda")
        names = [each["FunctionName"] for each in functions.list_functions()["Functions"]]
        (name,) = [each for each in names if each.startswith(f"{self.name}-{function}-")]
        found = functions.get_function_configuration(FunctionName=name, Qualifier="live")
        return dict(found["Environment"]["Variables"])

    def mend_queues(self) -> None:
        """The emulator wants a permission to send a batch, which AWS does not know; and it takes a number that stands
        in a parameter for text, of which its poller ends.
        """
        statement = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam = self.aws.client("iam")
        iam.put_role_policy(RoleName=self.role("MeteringFunctionRole"), PolicyName="batch", PolicyDocument=document)
        mappings = self.aws.client("lambda")
        for each in mappings.list_event_source_mappings()["EventSourceMappings"]:
            if f":{self.name}-" in each["FunctionArn"]:
                mappings.update_event_source_mapping(UUID=each["UUID"], ScalingConfig={"MaximumConcurrency": 2})

    def delete(self) -> None:
        cloudformation = self.aws.client("cloudformation")
        cloudformation.delete_stack(StackName=self.name)
        eventually(lambda: self.stack.described() is None)

    def role(self, logical: str) -> str:
        """The name of a role that the template calls ``logical``."""
        roles = self.aws.client("iam").list_roles()["Roles"]
        (name,) = [each["RoleName"] for each in roles if each["RoleName"].startswith(f"{self.name}-{logical}-")]
        return str(name)

    def forbid(self, role: str) -> None:
        """Take a function's own policy from its role."""
        iam, name = self.aws.client("iam"), self.role(role)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)


def eventually(there: Any) -> None:
    """Wait until ``there()`` is true."""
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.2)
