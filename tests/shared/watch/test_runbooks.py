"""Each kind of finding has its row in the runbooks, and every command there can be run."""

import shlex
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared.watch.findings import MENDED_BY
from tests.event_receiver import EventReceiver, settings_of
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


COMMANDS = {name for page in both("docs/runbooks") for name in names_in(page.prose) if name.startswith("koogallery ")}
ELSEWHERE = {"koogallery serve"}
"""It does not end by itself; ``tests/emulator`` starts it."""


@pytest.mark.docs
@pytest.mark.parametrize("command", sorted(COMMANDS - ELSEWHERE))
def test_every_command_on_the_page_can_be_run(
    command: str, tmp_path: Path, receiver: EventReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'doctor.sqlite'}"}
    for name, value in (SETTINGS | store).items():
        monkeypatch.setenv(name, value)
    world = World(tmp_path, settings_of(receiver))
    world.buy("ORDER", "ID")
    assert main(shlex.split(command)[1:]) in (0, 1)
