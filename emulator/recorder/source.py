"""The generated test file."""

import json
from collections.abc import Sequence

from emulator.recorder.expectation import Expectation
from emulator.recorder.kinds import GATEWAY, CallKind
from shared.errors import ResultCode

_TEMPLATE = '''"""{title} Recorded from a real call, without its personal data."""

import json
from pathlib import Path

import pytest

from emulator.recorder.playback import Playback

EVENTS = [Path(__file__).parent / platform / "{name}.json" for platform in ("aws", "functiongraph")]
{instances}

@pytest.mark.parametrize("function", {functions})
@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.parent.name)
def test_{identifier}(tmp_path: Path, event: Path, function: str) -> None:
    with Playback(tmp_path) as bundle:
{given}        answer = bundle.play(function, json.loads(event.read_text(encoding="utf-8")))

{assertions}
'''
_WIDTH = 100


def identifier(name: str) -> str:
    """A recording's name as part of Python's names."""
    return "".join(character if character.isalnum() else "_" for character in name).lower()


def source(name: str, kind: CallKind, expectation: Expectation) -> str:
    """A test that plays the events ``<platform>/<name>.json`` beside it, on the interface's handler and the gateway."""
    functions = ", ".join(f'"{function}"' for function in dict.fromkeys((kind.module, GATEWAY)))
    return _TEMPLATE.format(
        title=f"``{kind.activity}``, version {kind.version[1:]}.",
        name=name,
        functions=f"[{functions}]",
        identifier=f"{identifier(name)}_answers_{expectation.code.value}",
        instances=f"INSTANCES = {_listed(expectation.instances)}\n" if expectation.instances else "",
        given="        bundle.given(*INSTANCES)\n" if expectation.instances else "",
        assertions="\n".join(f"    {line}" for line in _assertions(kind, expectation)),
    )


def _assertions(kind: CallKind, expectation: Expectation) -> list[str]:
    reason = f"  # {expectation.reason}" if expectation.reason else ""
    lines = [f'assert answer["resultCode"] == "{expectation.code.value}"{reason}']
    if expectation.code is ResultCode.SUCCESS and kind.activity == "newInstance":
        lines.append('assert answer["instanceId"]')
    if expectation.instances and kind.activity == "queryInstance":
        lines.append('assert [info["instanceId"] for info in answer["info"]] == INSTANCES')
    return lines


def _listed(texts: Sequence[str]) -> str:
    """A list in Python, one line or one text a line, as the formatter lays it out."""
    quoted = [json.dumps(text) for text in texts]
    short = f"[{', '.join(quoted)}]"
    return short if len(short) < _WIDTH else "[\n" + "".join(f"    {text},\n" for text in quoted) + "]"
