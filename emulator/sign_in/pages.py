"""The pages of the sign-in server: where people type account and password."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from emulator.sign_in.enterprise import Member
from emulator.wire.visitor import visitor_page, words
from shared.http import HttpRequest, HttpResponse

_PAGE = Path(__file__).with_name("page.html")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def login_page(
    request: HttpRequest, *, wrong: bool = False, account: str = "", known: Sequence[Member]
) -> HttpResponse:
    """The form, which posts ``account`` and ``password`` to where it was asked for.

    :param wrong: account and password do not fit.
    :param account: what was typed before.
    :param known: who can be chosen by one click, password included: this is a toy.
    """
    return _page(request, 401 if wrong else 200, action=_address(request), wrong=wrong, account=account, known=known)


def signed_out_page(request: HttpRequest) -> HttpResponse:
    """Where a logout without an address to return to ends."""
    return _page(request, 200)


def _page(request: HttpRequest, status: int, **shown: object) -> HttpResponse:
    elsewhere = _address(request, lang=str(words(request)["other"]))
    return visitor_page(request, _PAGE, _POLICY, status=status, elsewhere=elsewhere, **shown)


def _address(request: HttpRequest, **changes: str) -> str:
    query = urlencode({**dict(request.query), **changes})
    return f"{request.path}?{query}" if query else request.path
