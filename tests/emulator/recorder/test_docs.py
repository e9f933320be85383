"""The recorder's page: what it shows is what is printed, its lists are those of the code."""

import re
import sys
from pathlib import Path

import pytest

from emulator.commands.record import FOLDER
from emulator.recorder.policy import KEPT
from emulator.recorder.verdict import SignatureState
from tests.command_line import command, options
from tests.emulator.recorder.test_generated import pytest_on
from tests.pages import Page, both, named, names_in, texts

pytestmark = pytest.mark.docs

main = command("record")
PAGES = both("docs/recorder")


@pytest.mark.sweep
@pytest.mark.parametrize("each", PAGES, ids=named)
def test_what_the_page_shows_is_what_happens(
    each: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied, shown = texts(each, "text")
    (commands,) = texts(each, "bash")
    settings = dict(re.findall(r"(KOOGALLERY_\w+)=(\S+)", commands))
    arguments = re.findall(r"koogallery record (.*)", commands)[0].split()
    monkeypatch.chdir(tmp_path)
    Path("copied.txt").write_text(copied)

    assert main(arguments, settings) == 0

    printed = capsys.readouterr().out
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()
    written = [Path(line.removeprefix("written: ")) for line in shown.splitlines() if line.startswith("written: ")]
    assert {path for path in FOLDER.rglob("*") if path.is_file()} == set(written)
    assert pytest_on(tmp_path / FOLDER).returncode == 0


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_an_event_can_be_invoked_as_the_page_says(
    each: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = [name for name in names_in(each.prose) if name.startswith("koogallery invoke")]
    monkeypatch.chdir(tmp_path)
    Path("copied.txt").write_text(texts(each, "text")[0])
    assert main(["copied.txt"], {}) == 0
    capsys.readouterr()
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)

    assert command("invoke")(line.split()[2:], {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}"}) == 0
    assert '"statusCode": 200' in capsys.readouterr().out


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_what_stays_is_what_the_code_lets_stay(each: Page) -> None:
    (table,) = [table for table in each.tables if any("`productId`" in row[1] for row in table)]

    assert {name for row in table[1:] for name in names_in(row[1])} == set(KEPT)


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_options_and_verdicts_are_those_of_the_command(each: Page) -> None:
    tables = [{name.split()[0] for row in table[1:] for name in names_in(row[0])} for table in each.tables]

    assert options("record") in tables
    (verdicts,) = [table for table in each.tables if any("`right`" in row[0] for row in table)]
    assert [names_in(row[0])[0] for row in verdicts[1:]] == [state.value for state in SignatureState]
