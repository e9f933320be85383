"""Each kind of finding has its row in the runbooks, and its command can be run."""

import shlex
import sys
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared import log
from shared.watch.findings import MENDED_BY, Finding
from tests.pages import Page, both, named, names_in
from tests.world import SETTINGS, World


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/runbooks"), ids=named)
def test_the_page_has_a_row_for_each_kind(each: Page) -> None:
    (rows,) = [table[1:] for table in each.tables if table[1][0] == "`orders.failing`"]
    named_there = {kind: command for row in rows for kind in names_in(row[0]) for command in names_in(row[2])}
    assert named_there == {
        kind: command.format(instance_id="ID", order_id="ORDER") for kind, command in MENDED_BY.items()
    }


@pytest.mark.parametrize("kind", MENDED_BY)
def test_the_command_of_each_kind_runs(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (SETTINGS | {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'doctor.sqlite'}"}).items():
        monkeypatch.setenv(name, value)
    world = World(tmp_path)
    world.buy()
    command = shlex.split(Finding(kind, "it", "business-1", "CS1").mended_by)
    try:
        assert main(command[1:]) in (0, 1)
    finally:
        log.write_to(sys.__stderr__ or sys.stderr)  # the one in use is closed with the test
