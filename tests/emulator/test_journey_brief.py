"""The journey in a few lines: every part, and of what failed so much that one knows where to look."""

import pytest

from emulator.checks import CHECKS, CheckResult, Verdict
from emulator.journey.brief import MOST, parts, show_parts
from emulator.journey.row import JourneyRow
from emulator.texts import Text, speaking, verbatim


def row(chapter: str, *, failed: bool = False) -> JourneyRow:
    failure = CheckResult(CHECKS[0], Verdict.FAILED, verbatim("no answer")) if failed else None
    return JourneyRow(Text(chapter, product="CRM"), Text("journey.steps.buy"), "v1", {}, "", "000000", 1.0, failure)


ROWS = [
    row("journey.chapters.usage"),
    row("journey.chapters.v1-yearly"),
    *(row("journey.chapters.v1-trial", failed=True) for _ in range(MOST + 2)),
    row("journey.chapters.refused"),
    row("journey.own"),
]


def test_chapters_of_one_version_are_one_part() -> None:
    found = [(str(part), steps, failed) for part, steps, failed in parts(ROWS)]
    assert found == [
        ("usage: taken in, uploaded, billed", 1, 0),
        ("version 1", MOST + 3, MOST + 2),
        ("what must be refused", 1, 0),
        ("your products", 1, 0),
    ]


def test_the_first_failed_steps_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    show_parts(ROWS, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert sum("from trial to formal, buy: ✗" in line for line in lines) == MOST
    assert lines[-1] == f"4 passed, {MOST + 2} failed in 1.0 s"
    with speaking("zh"):
        show_parts(ROWS, 1.0)
    assert f"✗ {MOST + 2} 项未通过" in capsys.readouterr().out
