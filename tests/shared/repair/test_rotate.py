"""``koogallery rotate``: every step leaves a list that serves, says what comes next, and shows no secret."""

import json
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from emulator.commands.cli import main
from shared.repair.rotation import KINDS, fingerprint, keys_in, value_of
from shared.secrets import forget_secrets
from tests.shared.repair.mishaps import organised
from tests.world import World

OLD = "the-access-key-of-before"
NEW = "the-access-key-from-now-on"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "access-key"
    file.write_text(f"{OLD}\n")
    file.chmod(0o640)
    return file


def rotate(setting: str, *words: str, value: str) -> int:
    forget_secrets()
    with patch.dict(os.environ, {setting: value}):
        return main(["rotate", setting, *words])


def test_the_three_steps_on_a_file(key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, value = "KOOGALLERY_ACCESS_KEY", f"file:{key_file}"
    new = tmp_path / "new"
    new.write_text(NEW)

    assert rotate(name, value=value) == 0
    assert rotate(name, "add", value=value) == 2  # the marketplace gives it
    assert rotate(name, "switch", value=value) == 2
    assert rotate(name, "add", "--new-key", str(new), "--dry-run", value=value) == 0
    assert key_file.read_text() == f"{OLD}\n"
    assert rotate(name, "add", "--new-key", str(new), value=value) == 0
    assert key_file.read_text() == f"{OLD},{NEW}\n"
    assert rotate(name, value=value) == 1
    assert rotate(name, "switch", value=value) == 0
    assert key_file.read_text() == f"{NEW},{OLD}\n"
    assert rotate(name, "drop", value=value) == 2  # nobody to ask
    assert rotate(name, "drop", "--yes", value=value) == 0
    assert key_file.read_text() == f"{NEW}\n"

    assert key_file.stat().st_mode & 0o777 == 0o640
    said = "".join(capsys.readouterr())
    assert fingerprint(NEW) in said
    assert OLD not in said
    assert NEW not in said
    assert sorted(each.name for each in tmp_path.iterdir()) == ["access-key", "new"]


def test_a_member_of_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"token": "t" * 32, "other": "stays"}))
    assert rotate("KOOGALLERY_APP_TOKEN", "add", value=f"file:{file}#token") == 0
    members = json.loads(file.read_text())
    first, second = members["token"].split(",")
    assert first == "t" * 32
    assert len(second) >= 32
    assert members["other"] == "stays"


@pytest.mark.parametrize("value", ["t" * 32, "secretsmanager:prod/koogallery#token"])
def test_what_we_may_not_write_is_put_into_a_file(
    tmp_path: Path, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.secrets._secrets_manager", lambda _name: json.dumps({"token": "t" * 32}))
    out = tmp_path / "value"
    assert rotate("KOOGALLERY_APP_TOKEN", "add", value=value) == 2
    assert rotate("KOOGALLERY_APP_TOKEN", "add", "--out", str(out), value=value) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text().startswith("t" * 32 + ",")
    said = "".join(capsys.readouterr())
    assert "t" * 32 not in said
    assert ("secretsmanager:prod/koogallery#token" if ":" in value else "KOOGALLERY_APP_TOKEN") in said


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.make])
def test_keys_of_our_own_are_made_and_can_be_used(name: str) -> None:
    make = KINDS[name].make
    assert make
    first, second = make(), make()
    value = value_of(name, (first, second))
    assert keys_in(name, value) == (first, second)


@pytest.mark.parametrize(("name", "new"), [("KOOGALLERY_APP_TOKEN", "short"), ("KOOGALLERY_STORAGE_KEY", "a,b" * 9)])
def test_a_key_that_could_not_be_used_is_refused(name: str, new: str, tmp_path: Path) -> None:
    file, given = tmp_path / "key", tmp_path / "given"
    file.write_text("k" * 32)
    given.write_text(new)
    assert rotate(name, "add", "--new-key", str(given), value=f"file:{file}") == 2
    assert file.read_text() == "k" * 32


def test_a_storage_key_goes_only_when_nothing_is_sealed_with_it(tmp_path: Path) -> None:
    world = World(tmp_path, {"KOOGALLERY_APP_ID": "app-1"})
    world.buy()
    organised(world, "business-1", "tenant-1", "zhang")
    old = world.values["KOOGALLERY_STORAGE_KEY"]
    file = tmp_path / "storage-key"
    both = f"another-storage-key-for-tests,{old}"
    file.write_text(both)
    world.values["KOOGALLERY_STORAGE_KEY"] = both
    world.restarted()
    drop = ("KOOGALLERY_STORAGE_KEY", "drop", "--yes")
    assert rotate(*drop, value=f"file:{file}") == 2
    assert file.read_text() == both
    assert main(["reseal", "--yes"]) == 0
    assert rotate(*drop, value=f"file:{file}") == 0
    assert file.read_text() == "another-storage-key-for-tests\n"
