"""``koogallery record``: real calls become sample events and tests, without their personal data."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from emulator.commands.options import Misuse, command, misused, signing_keys
from emulator.keys import SETTINGS, Keys
from emulator.recorder.recording import Recording, of_requests
from emulator.recorder.text import FORMS, read_calls
from emulator.terminal import console, print_table
from emulator.texts import Text as Words

FOLDER = Path("tests/recorded")
COLUMNS = ("name", "interface", "answer", "signature", "replaced")


@command("record", epilog="\b\n" + FORMS)
@click.argument("file", default="-")
@click.option("--out", type=Path, default=FOLDER, metavar="FOLDER")
@click.option("--name", default="", show_default=False)
@click.option("--keep", multiple=True, metavar="NAME")
@click.option("--salt", default="", show_default=False)
@click.option("--force", is_flag=True)
@signing_keys
def record(**given: Any) -> int:
    with misused(ValueError):
        return _recorded(SimpleNamespace(**given))


def _recorded(options: SimpleNamespace) -> int:
    keys = Keys(**{name: getattr(options, name) for name in SETTINGS})
    found = read_calls(_text(options.file))
    recordings = of_requests(found.requests, keys=keys, salt=options.salt, keep=options.keep, name=options.name)
    written = _written(recordings, options.out, force=options.force)
    _show(recordings, written)
    for problem in found.problems:
        print(Words("running.unrecorded", problem=str(problem)), file=sys.stderr)
    return 0


def _text(file: str) -> str:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse(Words("misuse.not-text")) from None


def _written(recordings: Sequence[Recording], folder: Path, *, force: bool) -> list[Path]:
    files: dict[Path, str] = {}
    for each in recordings:
        files |= {folder / path: f"{json.dumps(event, indent=2)}\n" for path, event in each.events().items()}
        files[folder / each.test_path] = each.test_source()
    there = [path for path in files if path.exists()]
    if there and not force:
        raise Misuse(Words("misuse.there", path=str(there[0])))
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)


def _show(recordings: Sequence[Recording], written: Sequence[Path]) -> None:
    from rich.text import Text

    print_table((Words(f"recorded.{each}") for each in COLUMNS), map(_row, recordings))
    out = console()
    out.print()
    for path in written:
        out.print(Text(str(Words("running.written", path=str(path)))))


def _row(each: Recording) -> tuple[object, ...]:
    answer = f"{each.expectation.code.value} {each.expectation.reason}".strip()
    return each.name, each.kind.activity, answer, each.signature, ", ".join(each.replaced)
