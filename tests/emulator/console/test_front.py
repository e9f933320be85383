"""One server for APIs and pages."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import pytest

from emulator.console.front import Front
from emulator.wire.api_answers import Dropped
from emulator.wire.server import Handle, serving
from shared.http import HttpRequest, HttpResponse


def named(name: str) -> Handle:
    return lambda request: HttpResponse(200, {"Content-Type": "text/plain"}, f"{name} {request.path}".encode())


def dropped(_request: HttpRequest) -> HttpResponse:
    raise Dropped


class Pages:
    """Counts how often the pages' part was made."""

    made = 0

    def __call__(self) -> WSGIApplication:
        self.made += 1
        return lambda environ, start: (start("200 OK", []), [b"page"])[1]


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def url(pages: Pages) -> Iterator[str]:
    handles = {"/api": named("api"), "/api/": named("below"), "/api/deep/": named("deep"), "/lost": dropped}
    with serving(Front(handles, pages), threads=4) as url:
        yield url


def got(url: str, path: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_each_path_to_its_own(url: str, pages: Pages) -> None:
    assert got(url, "/api?x=1") == "api /api"
    assert got(url, "/api/one") == "below /api/one"
    assert got(url, "/api/deep/one") == "deep /api/deep/one"
    assert pages.made == 0, "Flask is not paid for by who calls an API"
    assert [got(url, path) for path in ("/", "/apis", "/calls")] == ["page"] * 3
    assert pages.made == 1


def test_a_dropped_call_gets_no_answer(url: str) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        got(url, "/lost")
