"""Who may ask: only pages of the console itself change anything, and only under a name that is this machine's.

The console has no log-in, so a page of another site must neither post to it nor read it under a name of its own that
leads here (DNS rebinding).
"""

from flask import Response, abort, request

from emulator.wire.own_host import LOCAL, name_in

SAFE = ("GET", "HEAD", "OPTIONS")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with less, browsers do not say where a form comes from
    "X-Content-Type-Options": "nosniff",
}


def guard() -> None:
    """Refuse what comes under a strange name (400) and what another site posts (403)."""
    if name_in(request.host) not in LOCAL:
        abort(400, "host")
    if request.method not in SAFE and not _own():
        abort(403, "site")


def harden(response: Response) -> Response:
    """``response`` with what tells a browser to be careful."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _own() -> bool:
    """Does a browser say that a page of ours sends this? What says nothing at all is no browser."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin is None or origin == f"{request.scheme}://{request.host}"
