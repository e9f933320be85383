"""``koogallery deploy aws``: keys, build, stack, what to enter in the seller console, and a check.

May be repeated: what is there already stays, what has changed is brought up to date. The marketplace's keys come from
the environment (``KOOGALLERY_KEY`` …), so that they show in no list of processes, or are asked for at a terminal.
"""

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.conformance.report_table import show
from emulator.deployment.aws import choices, keys
from emulator.deployment.aws.address import checked
from emulator.deployment.aws.artifacts import Archives, Bucket, build, publish
from emulator.deployment.aws.stack import Stack
from emulator.packaging.artifacts import TARGETS
from emulator.texts import Text
from emulator.wire.client_secret import public_half

PREFIX = "koogallery-"
CHOSEN = {"Gradual": "true"}
"""Parameters that a deployment by this command has, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class StackOrder:
    """What is to be deployed: the name of the stack and of its secrets, parameters of the template (``NAME=VALUE``)."""

    stack_name: str
    region: str | None
    parameters: Sequence[str]
    no_check: bool


def for_lambda(architecture: str) -> Archives:
    """Made now, for Lambda on that processor."""
    return build(TARGETS[architecture])


def deployed(order: StackOrder, environ: Mapping[str, str], archives: Callable[[str], Archives] = for_lambda) -> int:
    """Every step, in order; 0 if the address was checked and is right, or is not to be, 1 if not.

    :param archives: gives what is deployed, by the processor.
    :raises DeploymentFailed: the deployment did.
    :raises ValueError: a parameter is none.
    """
    from boto3.session import Session

    session = Session(region_name=order.region)
    stack = Stack(session.client("cloudformation"), order.stack_name)
    given = dict(_pair(text) for text in order.parameters)
    values = _keys(session, stack.name, given, environ)
    architecture = given.get("Architecture") or stack.parameters().get("Architecture", "x86_64")
    print(Text("running.building", architecture=architecture), flush=True)
    parameters = _parameters(session, stack, given)
    url = _published(session, archives(architecture), stack.parameters() | parameters)
    changed = stack.apply(url, parameters)
    print(Text(f"running.stack.{'changed' if changed else 'same'}", name=stack.name))
    outputs = stack.outputs()
    _tell(stack.name, outputs, values)
    return 0 if order.no_check else _check(outputs["ProductionAddress"], values)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--parameter {text}: NAME=VALUE expected")
    return name, value


def _keys(session: Any, name: str, given: Mapping[str, str], environ: Mapping[str, str]) -> keys.Values:
    manager = session.client("secretsmanager")
    known, there = keys.read(manager, name)
    members = [*keys.GIVEN, *keys.MADE]
    told = {member: value for member in members if (value := environ.get(keys.setting(member), ""))}
    values = keys.settled(known, told, _ask)
    if values != known or there != keys.GROUPS.keys():
        keys.write(manager, name, values, there, given.get("KmsKeyArn", ""))
    return values


def _ask(setting: str) -> str:
    """A key from the terminal, unseen; empty where nobody is there, or there is none yet."""
    return getpass.getpass(str(Text("running.ask", setting=setting))).strip() if sys.stdin.isatty() else ""


def _published(session: Any, archives: Archives, parameters: Mapping[str, str]) -> str:
    account = session.client("sts").get_caller_identity()["Account"]
    return publish(Bucket(session.client("s3"), account, session.region_name), archives, parameters)


def _parameters(session: Any, stack: Stack, given: Mapping[str, str]) -> dict[str, str]:
    prefix = given.get("TablePrefix") or stack.parameters().get("TablePrefix", PREFIX)
    found = {
        "Tables": choices.tables(stack, session.client("dynamodb"), prefix),
        "ApiLogRole": choices.log_role(stack, session.client("apigateway")),
    }
    return (CHOSEN if stack.described() is None else {}) | found | dict(given)


def _tell(name: str, outputs: Mapping[str, str], values: keys.Values) -> None:
    """What the seller enters where. No secret is among it."""
    address = outputs["ProductionAddress"]
    places = {"address": address, "public": public_half(values["rsa_private_key"]), "usage": outputs["UsageAddress"]}
    print(Text("running.deployed", stack=name, **places))
    if waiting := keys.missing(values):
        print(f"\n{Text('running.waiting')}")
        print("\n".join(f"  {keys.setting(each)}" for each in waiting))


def _check(address: str, values: keys.Values) -> int:
    report = checked(address, values)
    if report is None:
        print(f"\n{Text('running.not-checked')}")
        return 0
    show(report)
    return 0 if report.passed else 1
