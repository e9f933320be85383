"""``koogallery rotate``: exchanges a key in steps, none of which refuses a call."""

import json as json_text
import os
import sys
from pathlib import Path
from typing import Any

import click

from emulator.commands.options import Misuse, command, misused
from emulator.commands.seller_app import seller_app
from emulator.commands.steps import LEFT, confirm, mending
from emulator.texts import Text
from shared import log
from shared.config import Settings
from shared.errors import KooGalleryError
from shared.repair.key_file import KeyPlace, place_of, replace_privately
from shared.repair.reseal import Seal, resealed
from shared.repair.rotation import KINDS, RotationStep, fingerprint, keys_in, note, rotated, value_of
from shared.secrets import resolver

STEPS = ("add", "switch", "drop")


@command("rotate")
@click.argument("setting", metavar="SETTING")
@click.argument("step", metavar="[STEP]", type=click.Choice(STEPS), required=False)
@click.option("--new-key", metavar="FILE", default="", show_default=False)
@click.option("--out", type=Path, metavar="FILE")
@mending
def rotate(
    setting: str, step: str | None, *, new_key: str, out: Path | None, dry_run: bool, yes: bool, json: bool
) -> int:
    if setting not in KINDS:
        raise Misuse(Text("misuse.no-key-setting", name=setting, names=", ".join(KINDS)))
    settings = Settings(os.environ.get, resolver(os.environ.get))
    with misused(KooGalleryError):
        keys, place = keys_in(setting, settings.required(setting)), place_of(setting, os.environ.get)
        value_of(setting, keys)
        if step is None:
            return _state(setting, [fingerprint(each) for each in keys], json=json)
        wanted = RotationStep(step)
        new = _new_key(setting, new_key, wanted)
        after = rotated(keys, wanted, new)
        value = value_of(setting, after)
        if wanted is RotationStep.DROP:
            _check_unused(setting)
            confirm(Text("repair.ask.drop", key=fingerprint(keys[1]), setting=setting), yes=yes or dry_run)
        if not dry_run:
            _write(place, value, out)
            log.write_to(sys.stderr)
            note(setting, wanted)
    told: dict[str, Any] = {"setting": setting, "step": step, "keys": [fingerprint(each) for each in after]}
    told |= {"file": str(out) if out else place.name if place.writable else "", "dryRun": dry_run}
    if json:
        click.echo(json_text.dumps(told))
    else:
        _show(told, place)
    return 0


def _new_key(setting: str, file: str, step: RotationStep) -> str:
    """The new key, from a file or standard input, so that no list of processes and no shell's history has it."""
    if step is not RotationStep.ADD:
        return ""
    if file:
        return (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")).strip()
    if make := KINDS[setting].make:
        return make()
    raise Misuse(Text("repair.given", setting=setting))


def _check_unused(setting: str) -> None:
    """A storage key may only go when nothing is sealed with it any more."""
    if setting != "KOOGALLERY_STORAGE_KEY":
        return
    with seller_app() as app:
        if any(each.seal in (Seal.OLD, Seal.LOST) for each in resealed(app, check_only=True)):
            raise Misuse(Text("repair.still-sealed"))


def _write(place: KeyPlace, value: str, out: Path | None) -> None:
    if out:
        replace_privately(out, f"{value}\n")
    elif place.writable:
        place.write(value)
    else:
        raise Misuse(Text("repair.no-place"))


def _state(setting: str, marks: list[str], *, json: bool) -> int:
    """What there is, and what may be done next."""
    if json:
        click.echo(json_text.dumps({"setting": setting, "keys": marks}))
    else:
        for number, mark in enumerate(marks):
            click.echo(str(Text("repair.verifies" if number else "repair.signs", key=mark)))
        click.echo(str(Text("repair.one-key" if len(marks) == 1 else "repair.two-keys", setting=setting)))
    return 0 if len(marks) == 1 else LEFT


def _show(told: dict[str, Any], place: KeyPlace) -> None:
    """What was done, what must be set by hand, and what comes next."""
    holds = "repair.would-hold" if told["dryRun"] else "repair.holds"
    click.echo(str(Text(holds, setting=told["setting"], keys=", ".join(told["keys"]))))
    if not place.writable:
        where = ":".join(filter(None, (place.store, place.name))) + (f"#{place.member}" if place.member else "")
        click.echo(str(Text("repair.set", where=where or told["setting"], file=told["file"] or "–")))
    click.echo(str(Text(f"repair.next.{told['step']}")))
