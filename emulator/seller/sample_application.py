"""A seller's application in one page: who is logged in, asked of the bundle as any server and any front end would."""

import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.seller.application import SellerApplication
from shared.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from jinja2 import Template

PATH = "/app"


def demo_app(bundle: str, application: SellerApplication | None, request: HttpRequest) -> HttpResponse:
    """The page, for the bundle at the address ``bundle`` with its base path.

    :param application: asks the bundle for whom the browser's cookie stands, so that the page needs no script.
    """
    nonce, address = secrets.token_urlsafe(12), urlsplit(bundle)
    problem, session = "login-required", None
    try:
        session = application.session(request.headers.get("cookie", "")) if application else None
    except ConnectionError:
        problem = "unavailable"
    user = "{name} ({userName}, {role})".format_map(session["user"]) if session else ""
    text = _page().render(nonce=nonce, bundle=bundle, here=PATH, session=session, user=user, problem=problem)
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{policy}; connect-src {address.scheme}://{address.netloc}",
        "Cache-Control": "no-store",
    }
    return HttpResponse(200, headers, text.encode())


@cache
def _page() -> "Template":
    from jinja2 import Environment

    source = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(source)
