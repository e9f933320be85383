"""What template.yaml says about the functions must be what the functions are and do."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions import sweep
from shared.clock import Deadline
from shared.http import HttpRequest
from tests.world import World

ROOT = Path(__file__).parent.parent
ACTIONS = {
    "get": {"GetItem"},
    "get_many": {"BatchGetItem"},
    "create": {"PutItem", "GetItem"},
    "replace": {"PutItem"},
    "delete": {"DeleteItem"},
    "query": {"Query"},
}
"""DynamoDB actions behind a method of the Table port; ``create`` may have to read what is there."""
INSTANCE_V1, INSTANCE_V2 = {"instanceId": "business-1"}, {"instanceId": "business-2"}
ORDER = {"orderId": "CS9", "orderLineId": "CS9-000001"}


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as ``{tag: value}``."""


def _short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {tag: loader.construct_sequence(node, deep=True)}


Loader.add_multi_constructor("!", _short_form)


@cache
def resources(kind: str) -> dict[str, Mapping[str, Any]]:
    """Properties of all resources of a type, by logical id."""
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)  # noqa: S506 - a SafeLoader
    return {name: each.get("Properties", {}) for name, each in template["Resources"].items() if each["Type"] == kind}


def functions() -> dict[str, Mapping[str, Any]]:
    """Properties of each function, by the module of ``functions`` it runs."""
    found = resources("AWS::Serverless::Function").values()
    return {function["Handler"].split(".")[1]: function for function in found}


def allowed(function: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The (table, action) pairs a function's own policy allows."""
    statements = [statement for policy in function["Policies"] for statement in policy.get("Statement", ())]
    return {
        (statement["Resource"]["GetAtt"].removesuffix("Table.Arn").lower(), action.removeprefix("dynamodb:"))
        for statement in statements
        for action in statement["Action"]
    }


def modules() -> set[str]:
    """The modules of ``functions`` that have a handler."""
    return {path.stem for path in (ROOT / "functions").glob("*.py") if "\nhandler = " in path.read_text()}


def test_each_handler_is_deployed() -> None:
    assert set(functions()) == modules()


def test_only_the_gateway_has_an_address() -> None:
    routes = {
        module: {
            (event["Properties"]["Method"], event["Properties"]["Path"])
            for event in function.get("Events", {}).values()
            if event["Type"] == "Api"
        }
        for module, function in functions().items()
    }
    assert {module: found for module, found in routes.items() if found} == {
        "gateway": {("GET", "/saas"), ("POST", "/saas")}
    }


def test_each_function_writes_to_a_log_of_its_own_that_ends() -> None:
    logs = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions().values()]

    assert len(set(logs)) == len(logs)
    assert set(logs) == set(resources("AWS::Logs::LogGroup"))
    assert all(log["RetentionInDays"] for log in resources("AWS::Logs::LogGroup").values())


def test_tables_are_protected() -> None:
    tables = resources("AWS::DynamoDB::Table")

    assert set(tables) == {"InstancesTable", "IdempotencyTable", "AgendaTable"}
    for table in tables.values():
        assert table["DeletionProtectionEnabled"]
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_no_policy_has_a_wildcard() -> None:
    policies = [policy for function in functions().values() for policy in function["Policies"]]
    policies += [policy["PolicyDocument"] for policy in resources("AWS::IAM::ManagedPolicy").values()]
    statements = [statement for policy in policies for statement in policy.get("Statement", ())]

    assert statements
    assert not [statement for statement in statements if "*" in str(statement)]


def _calls(world: World) -> list[tuple[str, HttpRequest]]:
    """For each interface, calls that find something to do; each is sent twice."""
    v1, v2 = world.v1.call, world.v2.call
    change: dict[str, Any] = {"productInfo": {"productId": "OFFI1", "skuCode": "sku-1", "linearValue": 20}}
    renewal = ORDER | INSTANCE_V2 | {"scene": "RENEWAL", "expireTime": "20281120235959"}
    upgrade = {"orderId": "CS8", "productId": "OFFI1", "skuCode": "sku-2"}
    return [
        ("purchase", world.purchase("CS3", "business-3")),
        ("purchase", world.purchase_v2("CS4", "business-4")),
        ("renew", v1("refreshInstance", orderId="CS9", expireTime="20281120235959", **INSTANCE_V1)),
        ("renew", v2("refreshInstance", **renewal)),
        ("upgrade", v1("upgrade", **INSTANCE_V1, **upgrade)),
        ("upgrade", v2("upgradeInstance", **INSTANCE_V2, orderId="CS10", orderLineId="CS10-000001")),
        ("status", v1("instanceStatus", instanceStatus="FREEZE", **INSTANCE_V1)),
        ("status", v2("updateInstanceStatus", status="FREEZE", **INSTANCE_V2)),
        ("expire", v1("expireInstance", **INSTANCE_V1)),
        ("query", v1("queryInstance", **INSTANCE_V1)),
        ("query", v2("queryInstance", **INSTANCE_V2)),
        ("change_check", v2("changeInstanceCheck", **INSTANCE_V2, **change)),
        ("order_notify", world.notify.call("orderNotify", **ORDER)),
        ("release", v1("releaseInstance", **INSTANCE_V1)),
        ("release", v2("releaseInstance", **INSTANCE_V2)),
    ]


@pytest.mark.parametrize("pending", [False, True], ids=["created at once", "created later"])
def test_each_function_may_do_what_it_does(tmp_path: Path, pending: bool) -> None:
    world = World(tmp_path)
    world.provisioner.pending = pending
    world.buy()
    world.buy_v2()
    used: dict[str, set[tuple[str, str]]] = {}
    for module, request in _calls(world):
        world.tables.reset()
        for _ in range(2):
            assert world.raw(request).status == 200
        used.setdefault(module, set()).update(_actions(world))
    world.tables.reset()
    sweep.sweep(world.app, {}, Deadline(world.clock, 60))
    used["sweep"] = _actions(world)

    granted = {module: allowed(function) for module, function in functions().items()}
    assert set(used) == set(granted) - {"gateway"}
    assert {module: actions - granted[module] for module, actions in used.items()} == {module: set() for module in used}
    through_gateway = set().union(*(actions for module, actions in used.items() if module != "sweep"))
    assert through_gateway <= granted["gateway"]


def _actions(world: World) -> set[tuple[str, str]]:
    return {(table, action) for table, method in world.tables.calls for action in ACTIONS[method]}
