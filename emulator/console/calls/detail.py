"""One call: as a page, as a panel beside the list, as a command."""

from flask import Response, render_template

from emulator.console.attached import attached
from emulator.console.calls.blueprint import found, page
from emulator.console.calls.view import View, curl


@page.get("/calls/<int:number>")
def call(number: int) -> str:
    return render_template("calls/detail.html", shown=View(found(number)))


@page.get("/calls/<int:number>/panel")
def panel(number: int) -> str:
    return render_template("calls/panel.html", shown=View(found(number)))


@page.get("/calls/<int:number>/call.sh")
def command(number: int) -> Response:
    text = f"#!/bin/sh\n{curl(found(number))}\n".encode("utf-8", "surrogateescape")
    return attached(text, f"call-{number}.sh", "text/x-shellscript")
