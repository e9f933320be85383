"""Every text is there in both languages, and none is left over."""

import re
import string
from pathlib import Path

from emulator.console.language import LANGUAGES, texts

WEB = Path(__file__).resolve().parents[3] / "emulator" / "console"
SOURCES = [*WEB.glob("templates/**/*.html"), *WEB.rglob("*.py")]
USE = re.compile(r"""\b(?:t|text|maybe|Told|phrase|found)\(\s*(f?)["']([a-z0-9_.-]+)(["']|\{)(\s*~)?""")
"""``t("whole.key")``, or the beginning of one: ``t("verdict." ~ name)``, ``text(f"verdict.{name}")``,
``phrase("reasons.", words)``.
"""


def uses() -> tuple[set[str], set[str]]:
    """Keys that are named, and beginnings of keys."""
    whole, beginnings = set[str](), set[str]()
    for source in SOURCES:
        for _, key, end, more in USE.findall(source.read_text(encoding="utf-8")):
            (beginnings if more or end == "{" or key.endswith(".") else whole).add(key)
    return whole, beginnings


def test_every_text_that_is_used_is_there() -> None:
    whole, beginnings = uses()
    assert whole - texts().keys() == set()
    assert {each for each in beginnings if not any(key.startswith(each) for key in texts())} == set()


def test_no_text_is_left_over() -> None:
    whole, beginnings = uses()
    assert {key for key in texts().keys() - whole if not key.startswith(tuple(beginnings))} == set()


def test_both_languages_say_the_same() -> None:
    assert {key: wrong for key in texts() if (wrong := what_differs(key))} == {}


def what_differs(key: str) -> str:
    """How the entries of a key do not match; empty if they do."""
    entry = texts()[key]
    if entry.keys() != LANGUAGES.keys():
        return "a language is missing"
    if not all(each.strip() for each in entry.values()):
        return "a text is empty"
    names = [{name for _, name, _, _ in string.Formatter().parse(each) if name is not None} for each in entry.values()]
    return "" if names[0] == names[1] else "other values stand in the other language"
