"""The pages of the sign-in server: where people type account and password."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from emulator.sign_in.enterprise import Member
from emulator.wire.visitor import chosen, template, words
from shared.http import HttpRequest, HttpResponse

_PAGE = Path(__file__).with_name("page.html")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


def login_page(
    request: HttpRequest, *, wrong: bool = False, account: str = "", known: Sequence[Member]
) -> HttpResponse:
    """The form, which posts ``account`` and ``password`` to where it was asked for.

    :param wrong: account and password do not fit.
    :param account: what was typed before.
    :param known: who can be chosen by one click, password included: this is a toy.
    """
    shown = {"action": _address(request), "wrong": wrong, "account": account, "known": known}
    return _answered(request, 401 if wrong else 200, shown)


def signed_out_page(request: HttpRequest) -> HttpResponse:
    """Where a logout without an address to return to ends."""
    return _answered(request, 200, {})


def _answered(request: HttpRequest, status: int, shown: Mapping[str, object]) -> HttpResponse:
    said = words(request)
    page = template(_PAGE).render(**said, elsewhere=_address(request, lang=str(said["other"])), **shown)
    return HttpResponse(status, _HEADERS, page.encode(), chosen(request))


def _address(request: HttpRequest, **changes: str) -> str:
    query = urlencode({**dict(request.query), **changes})
    return f"{request.path}?{query}" if query else request.path
