"""Every setting that the code reads is in the table of settings, in both languages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTING = re.compile(r"KOOGALLERY_[A-Z0-9_]*[A-Z0-9]")


def read_in_code() -> set[str]:
    files = [path for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py")]
    return {name for path in files for name in SETTING.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", ["settings.md", "settings.zh-CN.md"])
def test_each_setting_has_a_row(name: str) -> None:
    document = ROOT / "docs" / name
    if not document.exists():
        pytest.skip(f"docs/{name} is not written yet")
    rows = [line for line in document.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    named = {setting for row in rows for setting in SETTING.findall(row)}
    assert sorted(read_in_code() - named) == []
