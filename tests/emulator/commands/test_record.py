"""The command: what it reads, writes and says, and its exit codes."""

import io
import json
import re
import sys
from pathlib import Path

import pytest

from emulator.commands.record import FOLDER
from emulator.recorder.text import FORMS
from shared.http import HttpRequest
from tests.command_line import command, found
from tests.emulator.recorder.calls import CALLS, KEYS, PERSON, V2, pasted

main = command("record")
ENVIRON = {
    "KOOGALLERY_KEY": KEYS.key,
    "KOOGALLERY_ACCESS_KEY": KEYS.access_key,
    "KOOGALLERY_NOTIFY_ACCESS_KEY": KEYS.notify_key,
    "KOOGALLERY_SYNC_ACCESS_KEY": KEYS.sync_key,
}


class Stream:
    """Standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def file(folder: Path, *requests: HttpRequest) -> str:
    """The calls, as pasted into a file."""
    path = folder / "copied.txt"
    path.write_text("".join(map(pasted, requests)), encoding="utf-8")
    return str(path)


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_file_becomes_events_and_a_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"

    assert main([file(tmp_path, CALLS["purchase-v1"]), "--out", str(out)], ENVIRON) == 0

    assert written(out) == {"aws/purchase-v1.json", "functiongraph/purchase-v1.json", "test_purchase_v1.py"}
    said = capsys.readouterr().out
    assert re.search(r"purchase-v1 +newInstance +000000 +right", said)
    assert all(path.name in said for path in out.rglob("*.*"))
    assert {"customerName", "saasExtendParams.idNum"} <= set(re.findall(r"[\w.]+", said))
    assert [secret for secret in (*KEYS.all, *PERSON.values()) if secret in said] == []


def test_standard_input_is_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["-"]):
        monkeypatch.setattr(sys, "stdin", Stream(b"\xef\xbb\xbf" + pasted(CALLS["query-v2"]).encode()))
        assert main([*arguments, "--out", str(tmp_path), "--force"], {}) == 0
    assert "test_query_v2.py" in written(tmp_path)
    assert capsys.readouterr().err == ""


def test_several_calls_get_numbers(tmp_path: Path) -> None:
    source = file(tmp_path, *list(CALLS.values())[:12])

    assert main([source, "--out", str(tmp_path / "a")], {}) == 0
    assert main([source, "--out", str(tmp_path / "b"), "--name", "life"], {}) == 0

    assert {"aws/01-purchase-v1.json", "aws/12-status-v2.json", "test_09_renew_v2.py"} <= written(tmp_path / "a")
    assert {"aws/life-01.json", "functiongraph/life-12.json", "test_life_09.py"} <= written(tmp_path / "b")


def test_nothing_is_overwritten_unless_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [file(tmp_path, CALLS["query-v2"]), "--out", str(tmp_path / "out")]
    assert main(arguments, {}) == 0
    before = (tmp_path / "out/aws/query-v2.json").read_text()

    assert main(arguments, {}) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "out/aws/query-v2.json").read_text() == before
    assert main([*arguments, "--force"], {}) == 0
    assert (tmp_path / "out/aws/query-v2.json").read_text() != before


def test_a_call_that_is_not_signed_rightly_is_recorded_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [file(tmp_path, CALLS["purchase-v1"]), "--out", str(tmp_path)]

    assert main([*arguments, "--key", "another-key"], ENVIRON) == 0
    assert "wrong:" in capsys.readouterr().out
    assert main([*arguments, "--force"], {}) == 0
    assert "not checked:" in capsys.readouterr().out


def test_salt_and_keep_reach_the_recording(tmp_path: Path) -> None:
    source = file(tmp_path, V2.call("queryInstance", instanceId="abcdefgh", mine="1234567890"))
    bodies = []
    for number, salt in enumerate(["s", "s", "t"]):
        out = tmp_path / str(number)
        assert main([source, "--out", str(out), "--salt", salt, "--keep", "mine"], {}) == 0
        bodies.append(json.loads(json.loads((out / "aws/query-v2.json").read_text())["body"]))

    assert bodies[0] == bodies[1] != bodies[2]
    assert {body["mine"] for body in bodies} == {"1234567890"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello 13912345678", FORMS),
        (b"", FORMS),
        (b"\xff\xfe{\x00", "UTF-8"),
    ],
)
def test_bad_input_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str) -> None:
    (tmp_path / "copied.txt").write_bytes(content)

    assert main([str(tmp_path / "copied.txt"), "--out", str(tmp_path / "out")], {}) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "13912345678" not in captured.err
    assert captured.out == ""
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_opened_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = file(tmp_path, CALLS["query-v2"])

    assert main([str(tmp_path / "nothing.txt")], {}) == 2
    assert main([source, "--out", source], {}) == 2
    assert main([source, "--out", str(tmp_path / "out"), "--name", "../x"], {}) == 2
    assert not (tmp_path / "x.json").exists()
    said = capsys.readouterr().err
    assert [line[:8] for line in said.splitlines()] == ["record: "] * 3
    assert main(["--nonsense"], {}) == 2


def test_what_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "access.log").write_text(
        '1.2.3.4 "POST /saas?signature=a&timestamp=1&nonce=b HTTP/1.1" 200\n' + pasted(CALLS["query-v1"])
    )

    assert main([str(tmp_path / "access.log"), "--out", str(tmp_path)], {}) == 0
    assert capsys.readouterr().err.startswith("not recorded: a call of version 2")


def test_the_help_shows_the_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"], {}) == 0
    shown = capsys.readouterr().out
    assert [line for line in FORMS.splitlines() if line not in shown] == []
    assert found("record").params["out"] == FOLDER
