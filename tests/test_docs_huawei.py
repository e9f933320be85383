"""The pages of Huawei Cloud list what the Terraform module has, and their examples are variables that it takes."""

import re
from typing import Any

import hcl2
import pytest

from emulator.packaging.huawei.module import MODULE, Module, plain, read_module
from tests.pages import Page, both, named, names_in
from tests.test_template import resources

pytestmark = pytest.mark.docs

PAGES_OF_HUAWEI = both("docs/huawei")
NAMES_OF_ALARMS = re.compile(r'^ +(?:for .* : )?"?((?:\$\{[^}]+\}|[a-z-])+)"? +=>? \{', re.MULTILINE)
FROM_THE_ENVIRONMENT = {"certificate", "certificate_key"}


@pytest.fixture(scope="module")
def root() -> Module:
    return read_module(MODULE)


def default(variable: dict[str, Any], needed: str) -> str:
    """The cell that says what ``variable`` is where nobody sets it."""
    if "default" not in variable:
        return needed
    match variable["default"]:
        case "" | [] | {}:
            return "–"
        case bool(value):
            return f"`{str(value).lower()}`"
        case list(values):
            return f"`{', '.join(values)}`"
        case value:
            return f"`{value}`"


@pytest.mark.parametrize("each", PAGES_OF_HUAWEI, ids=named)
def test_variables_are_listed_with_their_defaults(each: Page, root: Module) -> None:
    needed = "必需" if each.chinese else "needed"
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`variant`"]

    assert [row[:2] for row in rows] == [[f"`{name}`", default(body, needed)] for name, body in root.variables.items()]
    if not each.chinese:
        assert [row[2] for row in rows] == [body["description"] for body in root.variables.values()]


@pytest.mark.parametrize("each", PAGES_OF_HUAWEI, ids=named)
def test_outputs_are_listed(each: Page, root: Module) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`production_address`"]

    assert [row[0].strip("`") for row in rows] == list(root.outputs)


@pytest.mark.parametrize("each", PAGES_OF_HUAWEI, ids=named)
def test_alarms_are_listed_with_those_of_aws(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`…-error-lines`"]
    listed = {name for row in rows for name in names_in(row[0])}
    text = "".join((MODULE / folder / "main.tf").read_text("utf-8") for folder in ("watch", "functions", "machines"))
    made = [name for name in NAMES_OF_ALARMS.findall(text) if "-" in name]

    assert {re.sub(r"\$\{[^}]+\}", "…", name) for name in made} == listed
    assert {name for row in rows for name in names_in(row[3])} <= set(resources("AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("each", PAGES_OF_HUAWEI, ids=named)
def test_examples_are_variables_of_the_module(each: Page, root: Module) -> None:
    examples = [plain(hcl2.loads(block.text)) for block in each.blocks if "koogallery.tfvars\nvariant" in block.text]
    needed = {name for name, body in root.variables.items() if "default" not in body} - FROM_THE_ENVIRONMENT

    assert [example["variant"].strip('"') for example in examples] == ["functions", "machines"]
    assert [example.keys() - root.variables.keys() for example in examples] == [set(), set()]
    assert [needed - example.keys() for example in examples] == [set(), set()]
