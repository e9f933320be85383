"""Under which names this machine is reached. Pages without a log-in of their own, or whose log-in is a toy, are not
read by another site under a name of its own that leads here (DNS rebinding).
"""

from urllib.parse import urlsplit

from emulator.wire.server import Handle
from shared.http import HttpRequest, HttpResponse

LOCAL = ("127.0.0.1", "localhost", "::1")


def name_in(host: str) -> str:
    """The name in a ``Host`` header, without the port; empty if there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def own_host_only(handle: Handle) -> Handle:
    """``handle``, but 400 for a call under a strange name. Only what is no browser sends no name at all."""

    def guarded(request: HttpRequest) -> HttpResponse:
        host = request.headers.get("host")
        if host is not None and name_in(host) not in LOCAL:
            return HttpResponse(400, {"Content-Type": "text/plain"}, b"this machine is not called that")
        return handle(request)

    return guarded
