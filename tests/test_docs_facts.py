"""What the documentation says of interfaces, operations and deployment is what code and template have."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from emulator.deployment.aws.keys import GROUPS
from functions import gateway
from shared.errors import ResultCode
from shared.instance.transitions import RULES, Event, Rule
from shared.metrics.catalogue import METRICS
from shared.provisioning import State
from shared.store.dynamodb.schema import TABLES
from tests.pages import PAGES, ROOT, Page, both, named, names_in
from tests.test_arrows import EMULATOR, SHARED
from tests.test_template import Loader, read, resources
from tests.world import World

pytestmark = pytest.mark.docs

CODE = [path for name in ("functions", "shared") for path in (ROOT / name).rglob("*.py")]


# --- interfaces -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", both("docs/interfaces"), ids=named)
def test_every_activity_is_listed_with_its_module(each: Page) -> None:
    rows = each.tables[0][1:]
    listed = {(name, row[1].strip("`")) for row in rows for cell in row[2:] for name in names_in(cell)}

    assert listed == {(activity, f"functions/{module}.py") for activity, module in gateway.MODULES.items()}


@pytest.mark.parametrize("each", both("docs/interfaces"), ids=named)
def test_the_table_of_states_is_that_of_the_code(each: Page) -> None:
    columns = [Event.RENEW, Event.UPGRADE, Event.FREEZE, Event.UNFREEZE, Event.RELEASE]
    (rows,) = [table[1:] for table in each.tables if len(table[0]) == len(columns) + 1 and table[1][0] == "`PENDING`"]
    shown = {State(row[0].strip("`")): dict(zip(columns, map(rule, row[1:]), strict=True)) for row in rows}

    assert shown == {state: {event: rules[event] for event in columns} for state, rules in RULES.items()}


def rule(cell: str) -> Rule:
    if cell.startswith("→"):
        return Rule.APPLY
    return {"`000004`": Rule.WAIT, "`000003`": Rule.GONE, "no effect": Rule.NOTHING, "不执行": Rule.NOTHING}[cell]


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_result_codes_exist(each: Page) -> None:
    assert set(re.findall(r"`(000\d{3})`", each.prose)) <= {code.value for code in ResultCode}


# --- architecture -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", both("docs/architecture"), ids=named)
def test_the_layers_are_those_that_are_enforced(each: Page) -> None:
    """The page shows them from the top, the test of the arrows from the ground."""
    picture = next(block.text for block in each.blocks if "functions/" in block.text)
    shown = [line.removeprefix("shared/").removeprefix("emulator/").split() for line in picture.splitlines()]
    layers = [line.split() for order in (EMULATOR, SHARED) for line in order.strip().splitlines()]

    assert [line for line in reversed(shown) if line in layers] == layers


@pytest.mark.parametrize("each", both("docs/architecture"), ids=named)
def test_round_trips_are_those_that_are_counted(each: Page, tmp_path: Path) -> None:
    (rows,) = [table[1:] for table in each.tables if table[0][1:] == ["V1", "V2"]]

    assert [[int(cell) for cell in row[1:]] for row in rows] == list(round_trips(World(tmp_path)))


def round_trips(world: World) -> Iterator[list[int]]:
    """Accesses to the store in both versions, in the order of the page."""
    wrong_v1, wrong_v2 = world.purchase(), world.purchase_v2()
    wrong_v1 = type(wrong_v1)("GET", wrong_v1.path, (*wrong_v1.query[:-1], ("authToken", "x" * 44)))
    wrong_v2 = type(wrong_v2)("POST", wrong_v2.path, wrong_v2.query, wrong_v2.headers, wrong_v2.body + b" ")
    renewal = {"orderId": "R1", "expireTime": "20281120235959"}
    of_v1, of_v2 = {"instanceId": "business-1"}, {"instanceId": "business-2"}
    change_v1 = world.v1.call("refreshInstance", **of_v1, **renewal)
    freeze_v2 = {**of_v2, "status": "FREEZE"}
    pairs = [
        (wrong_v1, wrong_v2),
        (world.purchase(), world.purchase_v2()),
        (world.purchase(business_id="another"), world.purchase_v2(business_id="another")),
        (change_v1, world.v2.call("updateInstanceStatus", **freeze_v2)),
        (change_v1, world.v2.call("updateInstanceStatus", **freeze_v2)),
        (world.v1.call("queryInstance", **of_v1), world.v2.call("queryInstance", **of_v2)),
        (
            world.v1.call("releaseInstance", instanceId="any", testFlag=1),
            world.v2.call("releaseInstance", instanceId="any", testFlag="1"),
        ),
    ]
    for requests in pairs:
        yield [world.counted(request)[1] for request in requests]


@pytest.mark.parametrize("each", both("docs/architecture"), ids=named)
def test_every_table_is_described(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`instances`"]

    assert {name for row in rows for name in names_in(row[0])} == set(TABLES)


# --- operations and deployment ----------------------------------------------------------------------------------------


def logged() -> Iterator[str]:
    """Every text the code logs, and those of the conflicts, which are logged as they are."""
    for path in CODE:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        # A text may be given a name first, where it is long.
        assigned = [node for node in nodes if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
        texts = {ast.unparse(node.targets[0]): node.value for node in assigned}
        for node in nodes:
            if isinstance(node, ast.Call) and is_logging(node.func):
                text = texts.get(ast.unparse(node.args[0]), node.args[0])
                if isinstance(text, ast.Constant):
                    yield str(text.value)


def is_logging(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id == "log" and function.attr in ("event", "alarm", "failure")
    return isinstance(function, ast.Name) and function.id == "Conflict"


@pytest.mark.parametrize("each", both("docs/operations"), ids=named)
def test_every_log_line_is_explained(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`answered`"]

    assert {name for row in rows for name in names_in(row[0])} == set(logged())


@pytest.mark.parametrize("each", both("docs/aws"), ids=named)
def test_secrets_have_the_members_that_the_command_gives_them(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`koogallery/calls`"]

    assert {row[0].strip("`").removeprefix("koogallery/"): tuple(names_in(row[2])) for row in rows} == GROUPS


@pytest.mark.parametrize("each", both("docs/scaling"), ids=named)
def test_what_is_fixed_a_month_is_that_of_the_template(each: Page) -> None:
    filters = resources("AWS::Logs::MetricFilter").values()
    metrics = {made["MetricName"] for one in filters for made in one["MetricTransformations"]}
    metrics |= {each.name for each in METRICS}
    always = [name for name in resources("AWS::CloudWatch::Alarm") if "Condition" not in read()["Resources"][name]]
    counts = (len(always), len(metrics), len(GROUPS))
    line = re.search(r"\d+ (?:alarms|个告警) \$[^。]*?\d+ (?:secrets|份\s凭据) \$[\d.]+\d", each.text)

    assert line
    shown = [(int(count), price) for count, price in re.findall(r"(\d+) \D+ \$(\d+\.\d\d)", line[0])]
    assert shown == [(count, f"{count * price:.2f}") for count, price in zip(counts, (0.10, 0.30, 0.40), strict=True)]


@pytest.mark.parametrize("each", both("docs/aws"), ids=named)
def test_parameters_of_the_template_are_listed(each: Page) -> None:
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)  # noqa: S506 - a SafeLoader
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`SecretArn`"]

    assert {row[0].strip("`"): row[1].strip("`") for row in rows} == {
        name: str(parameter.get("Default", "")) or "–" for name, parameter in template["Parameters"].items()
    }
