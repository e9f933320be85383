"""Any WSGI server (PEP 3333): the local one, or a seller's own machine."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from shared.http import HttpRequest, HttpResponse
from shared.runtimes import wire

MAX_BODY = 6 * 1024 * 1024
"""Bytes of body read at most: what Lambda and FunctionGraph let through."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def application(handle: Callable[[HttpRequest], HttpResponse]) -> WSGIApplication:
    """A WSGI application that answers each call with ``handle``, which must not raise."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return write(handle(read(environ)), start_response)

    return app


def read(environ: WSGIEnvironment) -> HttpRequest:
    """The call a WSGI environment describes, below the application's mount point.

    A body over ``MAX_BODY`` is left unread and the request has an empty one (its ``content-length`` still tells). The
    marketplace then gets the signed refusal of any altered request, where a bare 413 would be an unsigned answer.
    """
    return HttpRequest(
        method=environ["REQUEST_METHOD"].upper(),
        path=_utf_8(environ.get("PATH_INFO", "")) or "/",
        query=wire.parse_query(_utf_8(environ.get("QUERY_STRING", ""))),
        headers=_headers(environ),
        body=_body(environ),
        request_id=uuid4().hex,
    )


def write(response: HttpResponse, start_response: StartResponse) -> list[bytes]:
    """Start the answer and return its body. ``response`` itself carries no ``Content-Length``."""
    fields = [*wire.headers(response).items(), *(("Set-Cookie", cookie) for cookie in response.cookies)]
    if response.status not in _BODILESS:
        fields.append(("Content-Length", str(len(response.body))))
    start_response(f"{response.status} {_PHRASES.get(response.status, '')}", fields)
    return [response.body]


def _utf_8(value: str) -> str:
    # WSGI hands bytes over as Latin-1 text.
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    plain = ("CONTENT_TYPE", "CONTENT_LENGTH")
    return wire.header_fields(
        (key.removeprefix("HTTP_").replace("_", "-"), value)
        for key, value in environ.items()
        if key.startswith("HTTP_") or (key in plain and value)
    )


def _body(environ: WSGIEnvironment) -> bytes:
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdecimal():
        return bytes(environ["wsgi.input"].read(int(declared))) if int(declared) <= MAX_BODY else b""
    if not environ.get("wsgi.input_terminated"):
        return b""  # without a length, only a server that marks the end of the body may be read from
    body = bytes(environ["wsgi.input"].read(MAX_BODY + 1))
    return body if len(body) <= MAX_BODY else b""
