"""Secrets in files: ``file:/path``, read again when the file is another."""

import json
import os
from pathlib import Path

import pytest

from shared.config import Settings, of
from shared.errors import ConfigurationError
from shared.secrets import resolver
from tests.logs import LogLines


def read(reference: str) -> str:
    return Settings(of({"KOOGALLERY_SK": reference}), resolver(of({}))).get("KOOGALLERY_SK")


def raw(path: Path) -> str:
    return resolver(of({}))("file", str(path))


def test_one_end_of_line_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" a\n\n")

    assert raw(tmp_path / "key") == " a\n"


def test_a_member_of_a_json_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(json.dumps({"sk": "from-file"}))

    assert read(f"file:{tmp_path}/keys#sk") == "from-file"
    with pytest.raises(ConfigurationError, match="no such JSON member"):
        read(f"file:{tmp_path}/keys#ak")


def test_another_file_is_read_at_once_and_the_same_one_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("one")
    assert read(f"file:{file}") == "one"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("it was read again"))
        assert read(f"file:{file}") == "one"
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert read(f"file:{file}") == "two"
    (tmp_path / "new").write_text("six")
    (tmp_path / "new").rename(file)
    assert read(f"file:{file}") == "six"


def test_a_file_that_is_gone_leaves_its_last_value_in_use(tmp_path: Path, log_lines: LogLines) -> None:
    file = tmp_path / "key"
    file.write_text("one")
    assert read(f"file:{file}") == "one"
    file.write_bytes(b"\xff\xfe")
    assert read(f"file:{file}") == "one"
    assert len(log_lines("a secret cannot be read again, its last value stays in use")) == 1
    file.write_text("two")
    assert read(f"file:{file}") == "two"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("file:relative", "KOOGALLERY_SK: its name must begin with /"),
        ("file:/nowhere/key", "KOOGALLERY_SK: FileNotFoundError"),
    ],
)
def test_what_cannot_be_read_is_told_without_its_content(reference: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        read(reference)
