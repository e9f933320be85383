"""The pages of the sign-in server: where people type account and password."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.sign_in.enterprise import Member
from shared.http import HttpResponse

if TYPE_CHECKING:
    from jinja2 import Template

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
}


def login_page(action: str, problem: str = "", account: str = "", *, known: Sequence[Member]) -> HttpResponse:
    """The form, which posts ``account`` and ``password`` to ``action``.

    :param account: what was typed before.
    :param known: who can be chosen by one click, password included: this is a toy.
    """
    text = _page().render(action=action, problem=problem, account=account, known=known)
    return HttpResponse(401 if problem else 200, _HEADERS, text.encode())


def signed_out_page() -> HttpResponse:
    """Where a logout without an address to return to ends."""
    return HttpResponse(200, _HEADERS, _page().render().encode())


@cache
def _page() -> "Template":
    from jinja2 import Environment

    source = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(source)
