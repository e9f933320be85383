"""What template.yaml says about the functions must be what the functions are and do."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.deployment.aws.keys import GROUPS
from emulator.packaging.artifacts import TARGETS
from emulator.platforms.contexts import LocalLambdaContext
from functions import directory, login, relay, sweep, usage
from shared.clock import Deadline
from shared.http import HttpRequest
from shared.log import FIELDS
from shared.metering.events import SETTLE
from shared.openapi.usage_push import PushAnswer
from shared.pipelines import application
from shared.provisioning import Charging, Instance, Package
from shared.relay.telling import GIVEN_UP_AFTER
from shared.store.dynamodb.schema import TABLES
from tests.enterprise_calls import TOKEN, VERSIONS, Buyer, sync_settings, user
from tests.event_receiver import receiving, settings_of
from tests.events import RUNTIMES
from tests.login_world import INSTANCE, LoginWorld
from tests.shared.metering.metered import METER, Metered
from tests.world import FakeProvisioner, World

ROOT = Path(__file__).parent.parent
ACTIONS = {
    "get": {"GetItem"},
    "get_many": {"BatchGetItem"},
    "create": {"PutItem", "GetItem"},
    "replace": {"PutItem"},
    "delete": {"DeleteItem"},
    "query": {"Query"},
    "put_many": {"BatchWriteItem"},
    "delete_many": {"BatchWriteItem"},
    "remove_expired": set(),
}
"""DynamoDB actions behind a method of the Table port; ``create`` may have to read what is there."""
NOTES = ("agenda", "BatchWriteItem")
"""What a call may do besides that is refused or fails: leave a note of it."""
A_TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TablePrefix}"
TABLES_TEMPLATE = "deploy/aws/tables.yaml"
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
def read(path: str = "template.yaml") -> dict[str, Any]:
    """A template as data."""
    content: dict[str, Any] = yaml.load((ROOT / path).read_text(), Loader)  # noqa: S506 - a SafeLoader
    return content


def resources(kind: str, path: str = "template.yaml") -> dict[str, Mapping[str, Any]]:
    """Properties of all resources of a type, by logical id."""
    found = read(path)["Resources"].items()
    return {name: each.get("Properties", {}) for name, each in found if each["Type"] == kind}


def functions() -> dict[str, Mapping[str, Any]]:
    """Properties of each function, by its name as a module would have it: that which it runs, but for ``sync``."""
    found = resources("AWS::Serverless::Function").items()
    return {module_name(name): function for name, function in found}


def module_name(function: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", function.removesuffix("Function")).lower()


def allowed(function: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The (table, action) pairs a function's own policy allows."""
    return {
        (resource.removeprefix(A_TABLE), action.removeprefix("dynamodb:"))
        for resource, action in grants(function)
        if action.startswith("dynamodb:")
    }


def grants(function: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The (resource, action) pairs of a function's own policy."""
    statements = [statement for policy in function["Policies"] for statement in policy.get("Statement", ())]
    return {
        (resource, action)
        for statement in statements
        for resource in statement["Resource"].values()
        for action in statement["Action"]
    }


def on_events() -> set[str]:
    """The functions that something calls: an address, a schedule or a queue."""
    mappings = resources("AWS::Lambda::EventSourceMapping").values()
    read_queues = {module_name(mapping["FunctionName"]["Ref"].removesuffix(".Alias")) for mapping in mappings}
    return {name for name, function in functions().items() if "Events" in function} | read_queues


def modules() -> set[str]:
    """The modules of ``functions`` that have a handler."""
    defined = re.compile(r"^(handler = |def handler\()", re.MULTILINE)
    files = {path.stem: path for path in (ROOT / "functions").glob("*.py")}
    files |= {path.parent.name: path for path in (ROOT / "functions").glob("*/__init__.py")}
    return {name for name, path in files.items() if defined.search(path.read_text())}


def test_each_handler_is_deployed() -> None:
    assert {function["Handler"].split(".")[1] for function in functions().values()} == modules()
    run = {name: function["Handler"] for name, function in functions().items()}
    assert run.pop("sync") == run["gateway"], "the same code, with other keys"
    assert run == {name: f"functions.{name}.handler" for name in run}


def test_functions_for_one_interface_are_an_option() -> None:
    optional = {name for name, each in read()["Resources"].items() if each.get("Condition") == "HasSingleInterfaces"}

    assert {name.removesuffix("Function") for name in optional if name.endswith("Function")} == {
        name.removesuffix("Logs") for name in optional if name.endswith("Logs")
    }
    assert {module_name(name) for name in optional if name.endswith("Function")} == set(functions()) - on_events()


def test_what_calls_a_function_calls_its_alias_so_that_a_version_can_come_gradually_and_go_again() -> None:
    everywhere = read()["Globals"]["Function"]
    assert everywhere["AutoPublishAlias"] == "live"
    assert everywhere["DeploymentPreference"]["Enabled"] == {"Ref": "Gradual"}
    for name, function in functions().items():
        assert function["AutoPublishAliasAllProperties"], "a changed setting would wait for changed code"
        waited_for = any(event["Type"] == "Api" for event in function.get("Events", {}).values())
        alarms = [{"Ref": f"{name.title()}ErrorsAlarm"}, {"Ref": "Api5xxAlarm"}]
        assert function["DeploymentPreference"] == ({"Alarms": alarms} if waited_for else {"Enabled": False})
    for mapping in resources("AWS::Lambda::EventSourceMapping").values():
        assert mapping["FunctionName"]["Ref"].endswith("Function.Alias")


def test_schedules_are_named_after_the_stack_and_lose_nothing() -> None:
    """Names are unique in an account: with those that SAM makes up, a second stack would have none of its own."""
    found = {
        module: event["Properties"]
        for module, function in functions().items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    }
    assert {module: each["Name"]["Sub"] for module, each in found.items()} == {
        module: f"${{AWS::StackName}}-{module}" for module in ("sweep", "relay", "metering")
    }
    for module, each in found.items():
        assert "MaximumRetryAttempts" in each["RetryPolicy"]
        assert functions()[module]["EventInvokeConfig"] == {"MaximumRetryAttempts": 0}, "the next schedule repeats it"
        assert f"{module.title()}SilentAlarm" in resources("AWS::CloudWatch::Alarm")


def test_the_address_is_throttled_and_its_log_has_no_query() -> None:
    (api,) = resources("AWS::Serverless::Api").values()
    (settings,) = api["MethodSettings"]

    assert settings["ThrottlingRateLimit"] == {"Ref": "CallsPerSecond"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "CallsAtOnce"}
    assert not settings.get("MetricsEnabled"), "nobody reads metrics of single methods"
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("OFF", False)
    logged = json.loads(api["AccessLogSetting"]["If"][1]["Format"])
    fields = {"$context.requestId", "$context.path", "$context.status", "$context.responseLatency"}
    assert set(logged.values()) == fields


def secret_of(function: Mapping[str, Any]) -> dict[str, str]:
    """The secret that each key comes from, by its member."""
    everywhere = read()["Globals"]["Function"]["Environment"]["Variables"]
    own = function.get("Environment", {}).get("Variables", {})
    found = [value["Sub"] for value in (everywhere | own).values() if "secretsmanager:" in str(value)]
    return {
        text.removeprefix("secretsmanager:${From}#"): names["From"]["If"][2]["Sub"].removeprefix("${AWS::StackName}/")
        for text, names in found
    }


def test_each_function_may_read_the_secret_of_its_group_and_no_other() -> None:
    for name, function in functions().items():
        group = {"sync": "sync", "metering": "metering", "login": "login"}.get(name, "calls")
        group = "application" if name in ("usage", "directory") else group
        assert [policy for policy in function["Policies"] if "Ref" in policy] == [{"Ref": f"Read{group.title()}Secret"}]
        assert {member for member, home in secret_of(function).items() if home == group} == set(GROUPS[group])
        statements = resources("AWS::IAM::ManagedPolicy")[f"Read{group.title()}Secret"]["PolicyDocument"]["Statement"]
        assert statements[0]["Resource"]["If"][2]["Sub"].endswith(f":secret:${{AWS::StackName}}/{group}-??????")


def test_functions_that_something_calls_are_watched() -> None:
    watched = {
        (module_name(alarm["Dimensions"][0]["Value"]["Ref"]), alarm["MetricName"]): alarm
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/Lambda"
    }
    for name in on_events():
        assert {(name, "Errors"), (name, "Throttles"), (name, "Duration")} <= watched.keys()
        limit = functions()[name].get("Timeout", read()["Globals"]["Function"]["Timeout"]) * 1000
        assert watched[name, "Duration"]["Threshold"] <= 0.8 * limit


def test_tables_that_turn_calls_away_are_noticed() -> None:
    watched = {
        (alarm["Dimensions"][0]["Value"]["Sub"], alarm["MetricName"])
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/DynamoDB"
    }
    assert watched == {
        (f"${{TablePrefix}}{table}", metric)
        for table in TABLES
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
    }


def test_the_options_cost_nothing_unless_chosen() -> None:
    defaults = {name: parameter.get("Default") for name, parameter in read()["Parameters"].items()}

    chosen = {"SingleInterfaces": "false", "Gradual": "false", "Tracing": "Disabled", "KmsKeyArn": "", "SecretArn": ""}
    assert {name: defaults[name] for name in chosen} == chosen
    assert read()["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]
    assert read()["Parameters"]["Architecture"]["AllowedValues"] == list(TARGETS)


def test_addresses_are_those_that_somebody_calls() -> None:
    routes = {
        module: {
            (event["Properties"]["Method"], event["Properties"]["Path"])
            for event in function.get("Events", {}).values()
            if event["Type"] == "Api"
        }
        for module, function in functions().items()
    }
    assert {module: found for module, found in routes.items() if found} == {
        "gateway": {
            ("GET", "/saas"),
            ("POST", "/saas"),
            ("POST", "/saas/notify"),
        },
        "sync": {
            ("POST", "/saas/produceAPI/{name}"),
            ("POST", "/saas/produceAPI/v2/{name}"),
        },
        "directory": {
            ("GET", "/saas/directory/{tenantId}/departments"),
            ("GET", "/saas/directory/{tenantId}/users"),
        },
        "usage": {("POST", "/saas/usage")},
        "login": {
            (method, f"/saas{path}") for path in login.MODULES if (each := login.find(path)) for method in each.methods
        },
    }


def test_each_function_writes_to_a_log_of_its_own_that_ends() -> None:
    logs = [function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions().values()]

    assert len(set(logs)) == len(logs)
    assert {*logs, "AccessLogs"} == set(resources("AWS::Logs::LogGroup"))
    assert all(log["RetentionInDays"] for log in resources("AWS::Logs::LogGroup").values())


def test_tables_are_protected() -> None:
    tables = resources("AWS::DynamoDB::Table", TABLES_TEMPLATE)
    stack = read()["Resources"]["TablesStack"]

    assert stack["Properties"]["TemplateURL"] == TABLES_TEMPLATE
    assert {each["DeletionPolicy"] for each in [stack, *read(TABLES_TEMPLATE)["Resources"].values()]} == {"Retain"}
    assert set(tables) == {f"{name.title()}Table" for name in TABLES}
    for name, table in tables.items():
        assert table["DeletionProtectionEnabled"]
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["SSESpecification"]["SSEEnabled"]
        lasting = None if name == "BillingTable" else {"AttributeName": "expires", "Enabled": True}
        assert table.get("TimeToLiveSpecification") == lasting


def test_uploads_end_before_the_marketplace_collects() -> None:
    function = functions()["metering"]
    schedule = function["Events"]["Hourly"]["Properties"]["ScheduleExpression"]
    minutes = [int(minute) for minute in schedule.removeprefix("cron(").split()[0].split(",")]

    assert min(minutes) >= 2, "an hour is closed two minutes after its end"
    # EventBridge Scheduler fires within the minute.
    assert max(minutes) * 60 + 59 + function["Timeout"] < 14 * 60
    assert functions()["usage"]["Timeout"] < SETTLE.total_seconds(), "what is marked may be stored after its upload"
    gaps = [after - before for before, after in pairwise(minutes)]
    assert function["Timeout"] <= min(gaps) * 60, "a run is over when the next one begins"


def test_each_queue_has_a_dead_letter_queue_that_someone_watches() -> None:
    queues, mappings = resources("AWS::SQS::Queue"), resources("AWS::Lambda::EventSourceMapping")
    read = {mapping["EventSourceArn"]["GetAtt"].removesuffix(".Arn"): mapping for mapping in mappings.values()}
    watched = {
        dimension["Value"]["GetAtt"].removesuffix(".QueueName")
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/SQS"
        for dimension in alarm["Dimensions"]
    }

    dead = {queues[name]["RedrivePolicy"]["deadLetterTargetArn"]["GetAtt"].removesuffix(".Arn") for name in read}
    assert set(queues) == set(read) | dead
    assert watched == dead
    assert {queues[name]["MessageRetentionPeriod"] for name in dead} == {14 * 24 * 3600}
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())
    for name, mapping in read.items():
        function = resources("AWS::Serverless::Function")[mapping["FunctionName"]["Ref"].removesuffix(".Alias")]
        queue, attempts = queues[name], queues[name]["RedrivePolicy"]["maxReceiveCount"]
        assert queue["VisibilityTimeout"] > function["Timeout"], "Lambda refuses the queue otherwise"
        assert queue["VisibilityTimeout"] * attempts < queue["MessageRetentionPeriod"], "it would be gone before"
        receive = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
        assert {action for resource, action in grants(function) if resource == f"{name}.Arn"} >= receive
    assert read["UsageQueue"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert functions()["metering"]["Environment"]["Variables"]["KOOGALLERY_METERING_QUEUE"] == {"Ref": "MeteringQueue"}
    assert ("MeteringQueue.Arn", "sqs:SendMessage") in grants(functions()["metering"])


def test_alarms_count_what_is_logged() -> None:
    """A text or field that changes in the code must change in the filters too."""
    filters = resources("AWS::Logs::MetricFilter")
    texts = [text for each in filters.values() for text in re.findall(r'message = "([^"]+)"', each["FilterPattern"])]
    code = "".join(path.read_text() for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))
    metrics = {each["MetricTransformations"][0]["MetricName"] for each in filters.values()}
    alarmed = {alarm["MetricName"] for alarm in resources("AWS::CloudWatch::Alarm").values()}

    assert texts
    assert [text for text in texts if f'"{text.rstrip("*")}' not in code] == []
    assert metrics <= alarmed
    assert {"oldest_seconds", "sent", "interface"} <= FIELDS


def test_each_alarm_says_what_to_do_and_reaches_someone() -> None:
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        assert " " in alarm["AlarmDescription"]
        assert alarm["AlarmActions"] == {"If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}


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
    world = World(tmp_path, sync_settings())
    world.tables.apart = True  # PutItem of each part is all that a transaction needs
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
    buyer = Buyer(world.clock)
    for request in (buyer.users(user("zhang")), buyer.departments(("1", "")), buyer.tenant(flag=0)):
        world.send(request, buyer.key)
    world.tables.reset()
    sweep.sweep(world.app, {}, Deadline(world.clock, 60))
    used["sweep"] = _actions(world)
    used["relay"] = _told(tmp_path)

    granted = {module: allowed(function) for module, function in functions().items()}
    assert set(used) == set(granted) - {"gateway", "sync", "usage", "metering", "login", "directory"}
    assert {module: actions - granted[module] for module, actions in used.items()} == {module: set() for module in used}
    through_gateway = set().union(*(actions for module, actions in used.items() if module not in ("sweep", "relay")))
    assert through_gateway <= granted["gateway"]


def _told(tmp_path: Path) -> set[tuple[str, str]]:
    """What the relay does when events are taken, and when they are given up."""
    (folder := tmp_path / "events").mkdir()
    with receiving() as receiver:
        world = World(folder, settings_of(receiver))
        actions = set[tuple[str, str]]()
        for status in (500, 204):
            world.buy(f"CS{status}", f"business-{status}")
            receiver.status = lambda _message, status=status: status  # type: ignore[misc]
            world.tables.reset()
            for _ in range(2):
                relay.relay(world.app, {}, Deadline(world.clock, 60))
                world.clock.advance(GIVEN_UP_AFTER * 2)
            actions |= _actions(world)
    return actions


class Keeper(FakeProvisioner):
    """A provisioner with one package of two."""

    def packages(self, instance: Instance) -> list[Package]:
        return [Package("package-1", Decimal(2))]

    def used_up(self, instance: Instance, key: str) -> None:
        self.calls.append(("used_up", instance.instance_id, key))


def test_metering_may_do_what_it_does_and_no_more(tmp_path: Path) -> None:
    used: dict[str, set[tuple[str, str]]] = {"usage": set(), "metering": set(), "query": set()}
    for provisioner in (FakeProvisioner(), Keeper()):
        folder = tmp_path / type(provisioner).__name__
        folder.mkdir()
        world = Metered(folder)
        world.sell("package-1", charging=Charging.ON_DEMAND_PACKAGE)
        world.provisioner = provisioner
        world.restarted()

        world.tables.reset()
        message = json.dumps({"events": [world.event(), world.event("event-2", "3")]})
        for _ in range(2):
            batch = {"Records": [{"messageId": "1", "body": message}]}
            assert usage.handler(batch, LocalLambdaContext("usage")) == {"batchItemFailures": []}
        used["usage"] |= _actions(world)

        world.tables.reset()
        world.hour_passes()
        world.api.fault = lambda records: PushAnswer("94060999", 200, {records[0].metering_sn: "013"})
        assert world.upload()["held"] == 1
        world.api.fault = lambda records: None
        world.hour_passes()
        assert world.upload()["accepted"] == 1
        used["metering"] |= _actions(world)

        for instance_id in (METER, "package-1"):
            world.tables.reset()
            world.send(world.v1.call("queryInstance", instanceId=instance_id))
            used["query"] |= _actions(world)

    granted = {module: allowed(functions()[module]) for module in ("usage", "metering", "query", "gateway")}
    assert used["usage"] | {NOTES} == granted["usage"]
    assert used["metering"] == granted["metering"]
    assert used["query"] <= granted["query"] & granted["gateway"]


def test_login_and_what_ends_sessions_may_do_what_they_do_and_no_more(tmp_path: Path) -> None:
    world = LoginWorld(tmp_path, RUNTIMES[0])
    world.tables.reset()
    browser = world.logged_in()
    world.clock.advance(7000)
    assert browser.session()[0] == 200
    assert browser.log_in().body == b"the application"
    assert browser.saas("/login/callback?code=unknown&tenant=unknown").status == 403
    assert browser.saas("/logout").status == 200
    assert _actions(world) == allowed(functions()["login"])

    freeze = world.v2.call("updateInstanceStatus", instanceId=INSTANCE, status="FREEZE")
    for module, request in (("status", freeze), ("release", world.v1.call("releaseInstance", instanceId=INSTANCE))):
        world.tables.reset()
        assert world.send(request)["resultCode"] == "000000"
        assert ("sessions", "BatchWriteItem") in _actions(world)
        assert _actions(world) <= allowed(functions()[module]) & allowed(functions()["gateway"])


def test_organisation_sync_and_the_directory_may_do_what_they_do_and_no_more(tmp_path: Path) -> None:
    world = World(tmp_path, sync_settings())
    read = HttpRequest("GET", "/saas/directory/68cbc86tenant/users", headers={"authorization": f"Bearer {TOKEN}"})
    for version in VERSIONS:
        buyer = Buyer(world.clock, version)
        for org, flag in (("1", 1), ("2", 2), ("1", 0)):
            world.clock.advance(1)
            departments = [buyer.department("1", flag=flag), buyer.departments(("2", ""), ("3", ""))]
            for request in (buyer.tenant(flag=flag), buyer.application(flag=flag), *departments):
                assert world.send(request, buyer.key)["resultCode"] == "000000"
            assert world.send(buyer.users(user("a", orgCode=org), flag=flag), buyer.key)["resultCode"] == "000000"
    synchronised = _actions(world)
    assert synchronised | {NOTES} == allowed(functions()["sync"])

    world.tables.reset()
    assert application.answer(world.app, read, directory.ROUTE).status == 200
    assert _actions(world) | {("directory", "BatchWriteItem"), NOTES} == allowed(functions()["directory"])


def test_whoever_answers_calls_may_leave_notes_of_those_that_fail() -> None:
    notes = {name for name, function in functions().items() if NOTES in allowed(function)}
    assert set(functions()) - notes == {"login", "metering", "relay"}, "nor do these answer calls that are counted"


def _actions(world: World) -> set[tuple[str, str]]:
    return {(table, action) for table, method in world.tables.calls for action in ACTIONS[method]}
