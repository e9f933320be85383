"""Each line of the threat model has a test that stands for it, and that test is there."""

import ast
import re

import pytest

from tests.pages import ROOT, page

PAGE = page("SECURITY.md")
TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)*")
THREATS = {"captured", "key", "tries"}


def cited() -> list[str]:
    return sorted(set(TEST.findall((ROOT / "SECURITY.md").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", cited())
def test_each_test_that_is_named_is_there(name: str) -> None:
    path, *inside = name.split("::")
    body: list[ast.stmt] = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    for part in inside:
        (found,) = [each for each in body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name == part]
        body = found.body
    last = inside[-1] if inside else "test_of_the_whole_file"
    assert last.startswith("test_")


def test_each_line_of_the_threat_model_names_one() -> None:
    tables = [table for table in PAGE.tables if table[0][0] in THREATS]

    assert {table[0][0] for table in tables} == THREATS
    assert all(table[0][-1] == "test" for table in tables)
    rows = [row for table in tables for row in table[1:] if not set(row[0]) <= set("-| ")]
    assert [row[0] for row in rows if not TEST.search(row[-1])] == []
