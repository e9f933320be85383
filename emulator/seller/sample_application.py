"""A seller's application in one page: who is logged in, asked of the bundle as any server and any front end would."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from emulator.seller.application import SellerApplication
from emulator.texts import texts
from emulator.wire.visitor import language, visitor_page
from shared.http import HttpRequest, HttpResponse
from shared.login.texts import PAGE_TEXTS, Language

PATH = "/app"
_PAGE = Path(__file__).with_suffix(".html")
SIGNED_IN = "signed-in"


def demo_app(bundle: str, application: SellerApplication | None, request: HttpRequest) -> HttpResponse:
    """The page, for the bundle at the address ``bundle`` with its base path.

    :param application: asks the bundle for whom the browser's cookie stands, so that the page needs no script.
    """
    nonce, address, spoken = secrets.token_urlsafe(12), urlsplit(bundle), language(request)
    state, session = "login-required", None
    try:
        session = application.session(request.headers.get("cookie", "")) if application else None
    except ConnectionError:
        state = "unavailable"
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    return visitor_page(
        request,
        _PAGE,
        f"{policy}; connect-src {address.scheme}://{address.netloc}",
        states=_states(spoken),
        state=SIGNED_IN if session else state,
        user="{name} ({userName}, {role})".format_map(session["user"]) if session else "",
        nonce=nonce,
        bundle=bundle,
        here=PATH,
        session=session,
    )


def _states(spoken: str) -> Mapping[str, str]:
    """What the page says of each state: the bundle's own words for its refusals."""
    refused = Language.CHINESE if spoken == "zh" else Language.ENGLISH
    known = {reason.value: each.title[refused] for reason, each in PAGE_TEXTS.items()}
    own = {SIGNED_IN: "visitor.app.signed-in", "unavailable": "visitor.app.unavailable"}
    return known | {name: texts()[key][spoken] for name, key in own.items()}
