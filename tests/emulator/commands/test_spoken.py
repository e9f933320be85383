"""What commands print is in the language of ``--lang``: their usual output has no English sentence in it."""

import re
from pathlib import Path

import pytest

from emulator.commands.cli import main
from emulator.soak.verdict import CHECKS
from emulator.texts import named
from shared.metering.reconciliation.csv_import import MEMBERS

ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")
OWN = ("KOOGALLERY_KEY", "KOOGALLERY_ACCESS_KEY", "KOOGALLERY_STORAGE_KEY")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, and keys of one's own."""
    monkeypatch.setenv("KOOGALLERY_STORE", f"sqlite:{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("KOOGALLERY_PROVISIONER", "demo")
    for name in OWN:
        monkeypatch.setenv(name, f"{name.lower()}-of-our-own-and-long-enough")
    monkeypatch.chdir(tmp_path)
    return tmp_path


USUAL = {
    "reconcile": ["--from", "2026-11-01", "--to", "2026-11-02"],
    "usage": ["import", "usage.csv", "--dry-run"],
    "check": ["--list"],
    "list": [],
    "orders": [],
    "risk": [],
    "new": ["my-product"],
}
REFUSED = {
    "find": [],
    "erase": [],
    "resync": [],
    "check": ["no-address"],
    "console": ["http://127.0.0.1:1/saas"],
    "orders": ["--json", "--csv"],
    "record": ["bytes.bin"],
    "new": ["My Product"],
}


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main([*words, "--lang", "zh"])
    shown = capsys.readouterr()
    return "".join(line for line in f"{shown.out}{shown.err}".splitlines(keepends=True) if not line.startswith("{"))


@pytest.mark.parametrize("name", USUAL)
def test_usual_output_is_chinese(name: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store / "usage.csv").write_text(",".join(MEMBERS) + "\n")
    shown = said(capsys, name, *USUAL[name])

    assert CHINESE.search(shown)
    assert ENGLISH.findall(shown) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_chinese(
    name: str, store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in OWN:
        monkeypatch.delenv(each)
    (store / "bytes.bin").write_bytes(b"\xff\xfe\xff")
    shown = said(capsys, name, *REFUSED[name])

    assert CHINESE.search(shown)
    assert ENGLISH.findall(shown) == []


def test_a_table_with_chinese_headings_stays_a_table(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "日期" in said(capsys, "reconcile", "--from", "2026-11-01", "--to", "2026-11-02")


def test_every_verdict_of_a_soak_has_words() -> None:
    assert all(CHINESE.search(named("soak.true", title).said("zh")) for title in CHECKS)
    assert [named("soak.true", title).said("en") for title in CHECKS] == list(CHECKS)
