"""Each finding has its words, with what is filled into them."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from emulator.texts import texts
from tests.emulator.texts.used import EMULATOR

PARTS = {
    "ok": {"text"},
    "warning": {"text", "fix"},
    "error": {"text", "fix"},
    "worse": {"text", "fix"},
    "graded": {"text", "fix"},
}


def findings() -> Iterator[tuple[str, str, set[str]]]:
    """Every place where one is made: the kind, the check, and the names of what is filled in."""
    for file in Path(EMULATOR, "doctor").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                kind = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if kind in PARTS and "." in str(node.args[0].value):
                    yield kind, str(node.args[0].value), {each.arg for each in node.keywords if each.arg}


def test_every_finding_has_its_words_and_no_words_are_left_over() -> None:
    made = {f"doctor.{check}.{part}" for kind, check, _ in findings() for part in PARTS[kind]}
    shown = {key for key in texts() if key.startswith("doctor.")} - {"doctor.summary.text"}
    shown -= {key for key in shown if key.startswith("doctor.certificate.")}
    assert made == shown


def test_what_stands_in_the_words_is_filled_in() -> None:
    for kind, check, given in findings():
        for part in PARTS[kind]:
            named = {
                name for _, name, _, _ in string.Formatter().parse(texts()[f"doctor.{check}.{part}"]["en"]) if name
            }
            assert named <= given, check
