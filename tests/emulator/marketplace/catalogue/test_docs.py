"""The file on the page about own products is one, and the page names every member."""

import re

import pytest

from emulator.marketplace.catalogue.product_entry import AccessoryEntry, PlanEntry, ProductEntry, ProductFile
from emulator.marketplace.catalogue.product_files import read
from tests.pages import page, texts


@pytest.mark.parametrize("name", ["docs/products.md", "docs/products.zh-CN.md"])
def test_the_file_shown_can_be_read(name: str) -> None:
    (shown,) = texts(page(name), "toml")
    assert [each.id for each in read(shown).products] == ["crm", "messages"]


@pytest.mark.parametrize("name", ["docs/products.md", "docs/products.zh-CN.md"])
def test_every_member_has_its_row(name: str) -> None:
    rows = [line for line in page(name).text.splitlines() if line.startswith("| `")]
    named = {member for row in rows for member in re.findall("`([A-Za-z]+)`", row.split("|")[1])}
    kinds = (ProductFile, ProductEntry, PlanEntry, AccessoryEntry)
    members = {field.alias or each for kind in kinds for each, field in kind.model_fields.items()}
    assert named == members - {"products"}
