"""The recorder: a call that was pasted, or one of the timeline, becomes sample events and a test without its personal
data. Nothing is kept and nothing is sent anywhere.
"""

import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Blueprint, Response, abort, render_template, request, url_for

from emulator.console.attached import attached
from emulator.console.console_context import context, whole
from emulator.console.forms import FieldAtFault, FormRefused, refused
from emulator.console.language import text
from emulator.recorder import NoCallFound, Recording, recorded
from emulator.recorder.kinds import NotACall
from emulator.recorder.recording import NO_KEYS, of_request
from emulator.recorder.text import FORMS
from shared.http import HttpRequest

page = Blueprint("recorder", __name__)


@page.get("/recorder")
def index() -> str:
    """The form; with ``call`` the recording of a call of the timeline."""
    number, form = request.args.get("call", ""), refused()
    if not number:
        return _shown(form.entered if form else {}, [])
    try:
        return _shown({"call": number}, _recordings({"call": number}))
    except FieldAtFault as refusal:
        return _shown({"call": number}, [], text(refusal.why))


@page.post("/recorder")
def record() -> str:
    form = {**request.form, "salt": request.form.get("salt") or secrets.token_hex(8)}
    return _shown(form, _taken(form))


@page.post("/recorder/files")
def files() -> Response:
    """The files of what was recorded, as a ZIP archive, or the one called ``file``."""
    made, wanted = _files(_taken(request.form)), request.form.get("file", "")
    if wanted:
        if wanted not in made:
            abort(404)
        name = wanted.replace("/", "-")
        return attached(made[wanted].encode(), name, "text/x-python" if name.endswith(".py") else "application/json")
    return attached(_zipped(made), "recorded.zip", "application/zip")


def _shown(form: Mapping[str, str], recordings: Sequence[Recording], problem: str = "") -> str:
    kept = {name: form[name] for name in ("text", "call", "name", "salt", "keys") if form.get(name)}
    files = [(each, _files([each])) for each in recordings]
    return render_template("recorder/index.html", form=form, kept=kept, recordings=files, problem=problem, forms=FORMS)


def _taken(form: Mapping[str, str]) -> Sequence[Recording]:
    """What the form says.

    :raises FormRefused: nothing can be recorded of it.
    """
    try:
        return _recordings(form)
    except FieldAtFault as refusal:
        page = url_for("recorder.index", call=form.get("call") or None)
        raise FormRefused(page, {refusal.field: text(refusal.why)}) from None


def _recordings(form: Mapping[str, str]) -> Sequence[Recording]:
    """
    :raises FieldAtFault: there is nothing to record.
    """
    name, salt = form.get("name", "").strip(), form.get("salt", "")
    keys = replace(context().market.keys, rsa_public_key="") if form.get("keys", "on") else NO_KEYS
    try:
        if number := form.get("call", ""):
            sent = _sent(number)
            return [of_request(sent, keys=keys, salt=salt or number, name=name)]
        return recorded(form.get("text", ""), keys=keys, salt=salt, name=name)
    except NoCallFound:
        raise FieldAtFault("text", "recorder.not-understood") from None
    except NotACall:
        raise FieldAtFault("text", "recorder.not-a-call") from None
    except ValueError:
        raise FieldAtFault("name", "recorder.no-name") from None


def _sent(number: str) -> HttpRequest:
    call = context().market.timeline.get(whole(number)) or abort(404)
    return call.sent.request()


def _files(recordings: Sequence[Recording]) -> dict[str, str]:
    made: dict[str, str] = {}
    for each in recordings:
        made |= {path: f"{json.dumps(event, indent=2)}\n" for path, event in each.events().items()}
        made[each.test_path] = each.test_source()
    return made


def _zipped(made: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        for path, content in made.items():
            file.writestr(ZipInfo(f"recorded/{path}"), content)
    return archive.getvalue()
