"""``python -m emulator record``: the command line of the recorder."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulator.commands.options import Misuse
from emulator.conformance.report_table import console, empty_table
from emulator.keys import SETTINGS, Keys
from emulator.recorder.recording import Recording, of_requests
from emulator.recorder.text import FORMS, read_calls

FOLDER = Path("tests/recorded")


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Record what FILE or standard input holds; the exit code."""
    options = parser().parse_args(arguments)
    try:
        return _recorded(options, environ)
    except (Misuse, ValueError) as error:
        print(f"record: {error}", file=sys.stderr)
    except OSError as error:
        print(f"record: {error.strerror}: {error.filename}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m emulator record",
        description="Makes sample events and tests of real calls, without their personal data.",
        epilog=f"{FORMS}\n\nExit code: 0 if something was recorded, 2 for wrong use and for input without a call.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", nargs="?", default="-", help="what was copied; default: standard input")
    made.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help=f"default: {FOLDER.as_posix()}")
    made.add_argument("--name", default="", help="of the files; default: by interface and version")
    made.add_argument("--keep", action="append", default=[], metavar="NAME", help="leave this parameter as it is")
    made.add_argument("--salt", default="", help="the same salt gives the same substitutes in the next recording")
    made.add_argument("--force", action="store_true", help="overwrite files that are there")
    for name, setting in SETTINGS.items():
        what = f"to check signatures; default: ${setting}"
        made.add_argument(f"--{name.replace('_', '-')}", default="", metavar="KEY", help=what)
    return made


def _recorded(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    keys = Keys(**{name: getattr(options, name) or environ.get(setting, "") for name, setting in SETTINGS.items()})
    found = read_calls(_text(options.file))
    recordings = of_requests(found.requests, keys=keys, salt=options.salt, keep=options.keep, name=options.name)
    written = _written(recordings, options.out, force=options.force)
    _show(recordings, written)
    for problem in found.problems:
        print(f"not recorded: {problem}", file=sys.stderr)
    return 0


def _text(file: str) -> str:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse("the input is not text in UTF-8") from None


def _written(recordings: Sequence[Recording], folder: Path, *, force: bool) -> list[Path]:
    files: dict[Path, str] = {}
    for each in recordings:
        files |= {folder / path: f"{json.dumps(event, indent=2)}\n" for path, event in each.events().items()}
        files[folder / each.test_path] = each.test_source()
    there = [path for path in files if path.exists()]
    if there and not force:
        raise Misuse(f"{there[0]} is there already: choose another --name or --out, or use --force")
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return list(files)


def _show(recordings: Sequence[Recording], written: Sequence[Path]) -> None:
    from rich.text import Text

    table = empty_table("name", "interface", "must answer", "signature as received", "replaced")
    for each in recordings:
        answer = " ".join(part for part in (each.expectation.code.value, each.expectation.reason) if part)
        cells = (each.name, each.activity, answer, str(each.signature), ", ".join(each.replaced))
        table.add_row(*(Text(cell) for cell in cells))
    out = console()
    out.print(table)
    out.print()
    for path in written:
        out.print(Text(f"written: {path}"))
