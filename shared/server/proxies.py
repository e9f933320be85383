"""What proxies say about a caller (``X-Forwarded-*``): believed of those that are trusted, removed otherwise."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

if TYPE_CHECKING:
    from shared.config.proxies import Network

PREFIXES = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED")


def behind(proxies: "Sequence[Network]", app: WSGIApplication) -> WSGIApplication:
    """``app``, whose environment has the caller's own address and scheme where a trusted proxy says them, and no word
    of anybody else.
    """

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _trusted(environ.get("REMOTE_ADDR", ""), proxies):
            _believe(environ, proxies)
        else:
            for name in [each for each in environ if each.startswith(PREFIXES)]:
                del environ[name]
        return app(environ, start_response)

    return front


def _believe(environ: WSGIEnvironment, proxies: "Sequence[Network]") -> None:
    """Each proxy adds whom it saw at the end, so the last who is no proxy of ours is the caller."""
    seen = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    callers = [each for each in seen if not _trusted(each, proxies)]
    if callers:
        environ["REMOTE_ADDR"] = callers[-1]
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme


def _trusted(address: str, proxies: "Sequence[Network]") -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in each for each in proxies)
