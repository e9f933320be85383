"""The checker's page: its server passes, its table is the catalogue's, its options are the command's."""

import fnmatch
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from emulator.conformance import CASES
from emulator.platforms.engines import running
from tests.command_line import options
from tests.emulator.conformance.test_check import ENVIRON, main
from tests.pages import Page, both, named, names_in, page, texts

pytestmark = pytest.mark.docs

PAGES = both("docs/conformance")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_server_of_the_page_passes_every_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = texts(page("docs/conformance.md"), "javascript")
    server = tmp_path / "server.js"
    server.write_text(code)
    node = shutil.which("node") or "node"

    with running(lambda _: [node, str(server)], ENVIRON) as url:
        assert main([f"{url}/isv"], ENVIRON) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.search(r"[0-9]+ passed, 3 skipped in", last)  # two about the address, one about encryption


def test_the_server_of_the_page_is_short() -> None:
    (code,) = texts(page("docs/conformance.md"), "javascript")
    assert len([line for line in code.splitlines() if line.strip()]) <= 62


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_the_table_maps_every_case_to_what_the_console_says(each: Page) -> None:
    (table,) = [table for table in each.tables if len(table[0]) == 3]
    mapped = {
        case_id: (first(chinese), first(english))
        for chinese, english, patterns in table[1:]
        for case_id in fitting(names_in(patterns))
    }
    assert mapped == {case.id: (case.says.chinese, case.says.english) for case in CASES}


def first(cell: str) -> str:
    return cell.strip("`")


def fitting(patterns: Iterable[str]) -> list[str]:
    ids = [case.id for case in CASES]
    found = [fnmatch.filter(ids, pattern) for pattern in patterns]
    assert all(found)
    return [case_id for some in found for case_id in some]


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_options_of_the_page_are_those_of_the_command(each: Page) -> None:
    assert set(re.findall(r"--[a-z][a-z0-9-]+", each.text)) <= options("check")


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_every_group_of_cases_is_explained(each: Page) -> None:
    table = next(table for table in each.tables if any("`address.*`" in row[0] for row in table))
    patterns = [name for row in table[1:] for name in names_in(row[0])]
    assert set(fitting(patterns)) == {case.id for case in CASES}
