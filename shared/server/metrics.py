"""``GET /metrics``, outside the base path: what Prometheus reads. For this machine itself, or with a token.

A proxy on this machine calls from it too, so what a proxy passes on is not taken for a call of the machine's own.
"""

from collections.abc import Iterable, Sequence
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from shared.http import HttpResponse
from shared.metrics.counts import Counts
from shared.outbound import is_loopback
from shared.pipelines.application import bears
from shared.runtimes.wsgi import write
from shared.server.proxies import PREFIXES

PATH = "/metrics"
TEXT = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}


def with_metrics(counts: Counts, tokens: Sequence[str], app: WSGIApplication) -> WSGIApplication:
    """``app``, and the counts of all processes for whoever may see them; everybody else finds nothing there."""

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ["REQUEST_METHOD"] != "GET":
            return app(environ, start_response)
        if not _may(environ, tokens):
            return write(
                HttpResponse(404, {"Content-Type": "text/plain"}, b"nothing is served at this path"), start_response
            )
        return write(HttpResponse(200, TEXT, counts.text().encode()), start_response)

    return front


def _may(environ: WSGIEnvironment, tokens: Sequence[str]) -> bool:
    if tokens:
        return bears(environ.get("HTTP_AUTHORIZATION", ""), tokens)
    proxied = any(name.startswith(PREFIXES) for name in environ)
    return is_loopback(environ.get("REMOTE_ADDR", "")) and not proxied
