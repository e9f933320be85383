"""A wrong command line is answered in the language of the command, whatever is wrong with it."""

import re

import click
import pytest

from emulator.commands.cli import main
from emulator.commands.wrong_use import FORMS, told
from emulator.texts import Text
from tests.command_line import every_command

WRONG = {
    "no-command": ["nope"],
    "no-option": ["check", "--nope"],
    "no-option-but": ["check", "--tmeout", "3"],
    "missing-option": ["reconcile"],
    "missing-argument": ["new"],
    "too-many": ["check", "a", "b"],
    "needs-value": ["check", "--timeout"],
    "takes-none": ["check", "--real=1", "u"],
    "no-number": ["check", "u", "--timeout", "x"],
    "no-choice": ["check", "u", "--aes-bits", "3"],
    "no-date": ["reconcile", "--from", "x", "--to", "y"],
}
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_both_languages(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    english, chinese = (said(capsys, *WRONG[name], f"--lang={each}") for each in ("en", "zh"))

    assert "\nError: " in f"\n{english}"
    assert "\n错误：" in f"\n{chinese}"
    assert ENGLISH.findall(chinese) == []


def test_help_is_named_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check", "--nope", "--lang", "en").startswith("Usage: koogallery check")
    assert said(capsys, "check", "--nope", "--lang", "zh").startswith("用法：koogallery check")
    assert "'koogallery check --help'" in said(capsys, "check", "--nope")


def test_every_option_refuses_what_it_cannot_read_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """A value of the wrong type for each option that has one; new kinds of types need a form of their own."""
    for name, known in every_command().items():
        for option in known.params:
            if (
                option.name != "lang"
                and isinstance(option, click.Option)
                and isinstance(option.type, (click.Choice, click.IntRange))
            ):
                shown = said(capsys, *name, option.opts[-1], "0x", "--lang", "zh")
                assert ENGLISH.findall(shown) == [], (name, option.name)


def test_every_form_is_drawn_by_what_click_says() -> None:
    inner = {"invalid", "range", "missing-command"}
    assert {*WRONG, *inner} == set(FORMS)
    assert (
        told("Invalid value for '--count': 0 is not in the range x>=1.").said("zh")
        == "'--count' 的值无效：0 超出范围 x>=1。"
    )
    assert told("Missing command.") == Text("commands.click.wrong.missing-command")
    assert told("words of our own").said("zh") == "words of our own"
