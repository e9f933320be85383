"""Settings are read in one place, and every one is in the table of settings, in both languages."""

import inspect
import re
from pathlib import Path

import pytest

from shared.config.values import Values

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


def test_settings_are_asked_for_by_their_names_in_the_code() -> None:
    """What they are called on a platform, and what they may look like, is known in ``shared/config`` alone."""
    readers = "|".join(name for name, member in vars(Values).items() if inspect.isfunction(member) and name[0] != "_")
    raw = re.compile(rf"settings\.({readers})\(")
    files = [path for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in files if raw.search(path.read_text(encoding="utf-8"))}
    assert found == set()
