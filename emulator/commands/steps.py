"""What commands that mend print: one line for each step as it is done, or one JSON object a line."""

import json
import sys
from collections.abc import Iterable

import click

from emulator.commands.options import Misuse, as_json, every
from emulator.texts import Text, named
from shared.repair.step import RepairStep

LEFT = 1
"""Exit code: something is left to do."""

mending = every(click.option("--dry-run", is_flag=True), click.option("--yes", is_flag=True), as_json)
"""What every command has that may do harm; the others have no ``--yes``."""

harmless = every(click.option("--dry-run", is_flag=True), as_json)


def confirm(question: Text, *, yes: bool) -> None:
    """Ask before harm is done.

    :raises Misuse: there is nobody to ask, and no ``--yes``.
    :raises click.Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Misuse(Text("repair.unconfirmed", question=question))
    click.confirm(str(question), abort=True, err=True)


def tell(steps: Iterable[RepairStep], *, json: bool) -> int:
    """Print each step as it comes; the exit code: 0 if nothing is left to do, else 1."""
    code = 0
    for step in steps:
        click.echo(_document(step) if json else _line(step))
        code = code if step.well else LEFT
    return code


def _document(step: RepairStep) -> str:
    members = {"what": step.what, "result": step.result.value, "instanceId": step.instance_id}
    members |= {"orderId": step.order_id, "reason": step.reason}
    return json.dumps({name: value for name, value in members.items() if value}, ensure_ascii=False)


def _line(step: RepairStep) -> str:
    subject = " ".join(filter(None, (step.instance_id, step.order_id)))
    what, result = named("repair.what", step.what), Text(f"repair.result.{step.result.value}")
    told = Text("repair.step", subject=subject or "–", what=what, result=result)
    if not step.reason:
        return str(told)
    return str(Text("repair.because", step=told, reason=named("repair.reason", step.reason)))
