"""Every command, in both languages: its help is there, whole and from the catalogue; the pages name no other."""

import re
import subprocess
import sys

import click
import pytest

from emulator.commands.cli import main
from emulator.texts import LANGUAGES, Text, texts
from shared import __version__
from tests.command_line import every_command, options
from tests.pages import PAGES, ROOT, Page, named

COMMANDS = every_command()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
each_command = pytest.mark.parametrize("name", COMMANDS, ids=" ".join)


def helped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments, "--help"]) == 0
    return capsys.readouterr().out


@each_command
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_says_what_the_catalogue_has(
    name: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    own = ".".join(("commands", *name))
    said = {key: entry[language] for key, entry in texts().items() if re.fullmatch(rf"{re.escape(own)}\.[\w-]+", key)}

    shown = " ".join(helped(capsys, *name, "--lang", language).split())

    assert said
    assert [words for words in said.values() if " ".join(words.split()) not in shown] == []
    assert all(each in shown for each in options(*name))


def test_every_option_has_words_of_its_own_or_shared_ones() -> None:
    own, shared = set(), set()
    for name, known in COMMANDS.items():
        with click.Context(known) as ctx:
            names = {each.opts[0].lstrip("-") for each in known.get_params(ctx)}
        prefix = ".".join(("commands", *name))
        own |= {f"{prefix}.{each}" for each in names if f"{prefix}.{each}" in texts()} | {f"{prefix}.does"}
        shared |= {f"commands.options.{each}" for each in names if f"{prefix}.{each}" not in texts()}
    there = {key for key in texts() if key.startswith("commands.") and not key.startswith("commands.click.")}
    assert own | shared == there


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LC_MESSAGES": "zh_TW", "LANG": "de_DE"}, True),
        ({}, False),
    ],
)
def test_the_terminal_says_which_language(
    environment: dict[str, str], chinese: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert bool(CHINESE.search(helped(capsys, "check"))) is chinese
    assert not CHINESE.search(helped(capsys, "--lang", "en", "check"))
    assert CHINESE.search(helped(capsys, "--lang", "zh", "check"))


def test_no_words_of_click_are_left_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    shown = "".join(helped(capsys, *name, "--lang", "zh") for name in COMMANDS)
    assert re.findall(r"Usage|Options|Positional|Commands|default:|env var:|\[required\]|Show this", shown) == []


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_the_list_of_commands_loads_none_of_them() -> None:
    code = (
        "import sys; from emulator.commands.cli import main; main(['--help']);"
        "print([each for each in ('flask', 'pydantic', 'rich', 'boto3', 'emulator.journey') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.docs
@pytest.mark.parametrize("each", PAGES, ids=named)
def test_the_pages_name_no_other_commands(each: Page) -> None:
    """Wherever one is named; those in fenced blocks are read whole by the test of snippets."""
    if each.name == "CHANGELOG.md":
        return
    known = {name[0] for name in COMMANDS if name}
    named_here = set(re.findall(r"(?<![\w./-])koogallery ([a-z]+)", re.sub(r"--\S+", "", each.text)))
    assert named_here <= known
    assert "python -m emulator " not in each.text


def test_what_a_command_prints_is_in_the_language_too_and_only_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "zh", "check", "--list"]) == 0
    chinese = capsys.readouterr().out
    assert str(Text("terminal.title")) == "title"
    assert main(["check", "--list", "--lang", "en"]) == 0
    english = capsys.readouterr().out
    assert chinese.split()[1] == Text("terminal.title").said("zh")
    assert len(chinese.splitlines()) == len(english.splitlines())
    assert not CHINESE.search(english)
