"""The run as a whole, and the command."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from emulator.doctor.diagnosis import Diagnosis, warning
from emulator.doctor.examination import GROUPS, examine
from emulator.doctor.patient import Patient
from emulator.wire.server import running
from shared.http import HttpResponse
from tests.emulator.doctor.sound import sound
from tests.fakes import FakeClock
from tests.sockets import scripted

ROOT = Path(__file__).parents[3]


def doctor(environ: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environ}
    command = [sys.executable, "-m", "emulator", "doctor", *options]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_answers_a_program_and_a_person(tmp_path: Path) -> None:
    with running(lambda _request: HttpResponse(404, {}, b""), threads=4) as nothing:
        environ = sound(tmp_path, API_URLS=nothing, SHARDS="many")
        said, person = doctor(environ, "--json"), doctor(environ, "--lang", "zh")
    answer = json.loads(said.stdout)
    assert (said.returncode, answer["ok"], said.stderr) == (1, False, "")
    assert {each["level"] for each in answer["findings"]} == {"ok", "warning", "error"}
    assert all(each.keys() == {"check", "level", "text", "fix"} for each in answer["findings"])
    assert "KOOGALLERY_SHARDS" in person.stdout
    assert "错误" in person.stdout
    assert not [value for value in environ.values() if len(value) > 30 and value in said.stdout + person.stdout]


def test_what_hangs_is_left_behind_and_what_was_found_is_told(tmp_path: Path) -> None:
    over = Event()

    def says_nothing(_connection: socket.socket) -> None:
        over.wait(20)

    with scripted(says_nothing) as silent:
        environ = sound(tmp_path, API_URLS=f"http://127.0.0.1:{silent.port}")
        found = {each.check for each in examine(Patient(environ), seconds=2.0)}
        over.set()
    assert {"run.late", "keys.different", "store.reached"} <= found


def test_what_a_group_found_before_it_hung_is_told(tmp_path: Path) -> None:
    over = Event()

    def hangs(_patient: Patient) -> Iterator[Diagnosis]:
        yield warning("settings.window")
        over.wait(20)

    found = examine(Patient(sound(tmp_path)), seconds=1.0, groups={"settings": (hangs,)})
    over.set()
    assert [each.check for each in found] == ["settings.window", "run.late"]


def test_a_check_that_fails_keeps_no_other_from_being_made(tmp_path: Path) -> None:
    def broken(_patient: Patient) -> Iterator[Diagnosis]:
        raise SystemExit(tmp_path.name)

    groups = {**GROUPS, "keys": (broken, *GROUPS["keys"])}
    found = examine(Patient(sound(tmp_path, API_URLS="http://127.0.0.1:9"), clock=FakeClock()), groups=groups)
    failed = next(each for each in found if each.check == "run.failed")
    assert "keys.different" in {each.check for each in found}
    assert tmp_path.name not in failed.text.said("en")
