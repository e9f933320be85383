"""The pages of Huawei Cloud list what the Terraform module takes and tells, and their examples are variables of it."""

from typing import Any

import hcl2
import pytest

from emulator.packaging.huawei.module import MODULE, Module, plain, read_module
from tests.pages import Page, both, named

pytestmark = pytest.mark.docs

PAGES_OF_HUAWEI = both("docs/huawei")
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
def test_examples_are_variables_of_the_module(each: Page, root: Module) -> None:
    examples = [plain(hcl2.loads(block.text)) for block in each.blocks if "koogallery.tfvars\nvariant" in block.text]
    needed = {name for name, body in root.variables.items() if "default" not in body} - FROM_THE_ENVIRONMENT

    assert [example["variant"].strip('"') for example in examples] == ["functions", "machines"]
    assert [example.keys() - root.variables.keys() for example in examples] == [set(), set()]
    assert [needed - example.keys() for example in examples] == [set(), set()]
