"""Calls sent again from their page."""

from collections.abc import Iterable

from flask import abort, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from emulator.console.calls.blueprint import found, page
from emulator.console.console_context import context
from emulator.console.forms import FieldAtFault, FormRefused, Redirect, refused, taken
from emulator.console.language import text
from emulator.console.replay import KEEP, edited, replayed, resigned
from emulator.marketplace.delivery.call import Direction, Family, RecordedCall
from shared.errors import InvalidParameter
from shared.http import HttpRequest

SPARE = 3
"""Empty pairs at the end of the form, for parameters to add."""


@page.post("/calls/<int:number>/replay")
def replay(number: int) -> Redirect:
    """Send the very bytes again."""
    return _shown(replayed(context().market, _ours(number)))


@page.post("/calls/<int:number>/resend")
def resend(number: int) -> Redirect:
    """Send the message again, signed now."""
    call = _ours(number)
    try:
        return _shown(resigned(context().market, call))
    except (ValueError, InvalidParameter):
        raise FormRefused(url_for("calls.call", number=number), {"": text("calls.edit.unsigned")}) from None


@page.get("/calls/<int:number>/edit")
def edit(number: int) -> str:
    """The form in which everything can be changed."""
    call, form = _ours(number), refused()
    known = [name for name, key in context().market.keys.named.items() if key]
    return render_template(
        "calls/edit.html",
        call=call,
        form=form,
        headers="\n".join(f"{name}: {value}" for name, value in call.sent.headers),
        body=call.sent.body.decode("utf-8", "replace"),
        pairs=[*(_pairs(MultiDict(form.entered)) if form else call.sent.query), *[("", "")] * SPARE],
        keys=[(KEEP, text("calls.edit.keep")), *((name, text(f"calls.edit.key.{name}")) for name in known)],
    )


@page.post("/calls/<int:number>/edit")
def send(number: int) -> Redirect:
    """What was changed, with the signature that it has or a new one."""
    call, form, here = _ours(number), request.form, url_for("calls.edit", number=number)
    try:
        changed = _request(call)
    except FieldAtFault as error:
        raise FormRefused(here, {error.field: text("calls.edit.malformed")}) from None
    key_name, fresh = form.get("key", KEEP), form.get("fresh") == "1"
    try:
        sent = edited(context().market, call, changed, key_name, fresh=fresh, refused=form.get("expect") == "refused")
    except (ValueError, InvalidParameter):
        raise FormRefused(here, {"key": text("calls.edit.unsigned")}) from None
    return _shown(sent)


def _ours(number: int) -> RecordedCall:
    """A call of the marketplace: those of the seller are the seller's to repeat."""
    call = found(number)
    if call.direction is not Direction.OUT or call.family not in (Family.PRODUCTION, Family.SYNC):
        abort(404)
    return call


def _shown(call: RecordedCall) -> Redirect:
    flash(text("calls.sent-again", number=call.number), "good" if call.verdict == "passed" else "warn")
    return taken("calls.call", number=call.number)


def _request(call: RecordedCall) -> HttpRequest:
    """What the form says; a body that was not touched keeps its bytes, whatever they are.

    :raises FieldAtFault: a header is malformed, or method or path are none.
    """
    form = request.form
    method, path = form.get("method", "GET").strip().upper(), form.get("path", "").strip()
    if method not in ("GET", "POST", "PUT", "DELETE"):
        raise FieldAtFault("method")
    if not path.startswith("/") or not path.isascii():
        raise FieldAtFault("path")
    body = form.get("body", "").replace("\r\n", "\n")
    before = call.sent.body.decode("utf-8", "replace").replace("\r\n", "\n")
    return HttpRequest(
        method,
        path,
        tuple(_pairs(form)),
        dict(_headers(form.get("headers", "").splitlines())),
        call.sent.body if body == before else body.encode(),
    )


def _pairs(form: MultiDict[str, str]) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in zip(form.getlist("name"), form.getlist("value"), strict=False) if name)


def _headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in filter(str.strip, lines):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (colon and name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
            raise FieldAtFault("headers")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            raise FieldAtFault("headers") from None
        yield name, value
