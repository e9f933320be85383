import io
from wsgiref.types import WSGIEnvironment
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from shared.http import HttpRequest, HttpResponse
from shared.runtimes import wsgi
from shared.runtimes.wsgi import MAX_BODY


class Started:
    """A ``start_response`` that keeps what it was told."""

    status = ""
    headers: list[tuple[str, str]]

    def __call__(self, status, headers, exc_info=None):
        self.status, self.headers = status, list(headers)
        return lambda data: None


class Endless(io.RawIOBase):
    """A request body that counts what is read of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.taken += size
        return bytes(size)


def environ(**changes: object) -> WSGIEnvironment:
    made: WSGIEnvironment = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/saas", "QUERY_STRING": ""}
    setup_testing_defaults(made)
    del made["HTTP_HOST"]
    made.update(changes)
    return made


def test_method_path_query_and_headers():
    request = wsgi.read(
        environ(REQUEST_METHOD="post", QUERY_STRING="a=%E8%B4%AD&a=", HTTP_AUTHTOKEN="t", CONTENT_TYPE="text/plain")
    )
    assert (request.method, request.path) == ("POST", "/saas")
    assert request.query == (("a", "购"), ("a", ""))
    assert request.headers == {"authtoken": "t", "content-type": "text/plain"}


def test_bytes_that_are_not_ascii_are_taken_as_utf_8():
    raw = "购".encode().decode("latin-1")
    request = wsgi.read(environ(PATH_INFO=f"/saas/{raw}", QUERY_STRING=f"a={raw}&b=\xff"))
    assert request.path == "/saas/购"
    assert request.query == (("a", "购"), ("b", "\ufffd"))


def test_header_values_keep_bytes_that_are_not_ascii():
    assert wsgi.read(environ(HTTP_X_NAME="\xe8\xb4\xad")).headers["x-name"] == "\xe8\xb4\xad"


def test_each_request_has_an_id_of_its_own():
    assert wsgi.read(environ()).request_id != wsgi.read(environ()).request_id


@pytest.mark.parametrize("size", [0, 1, MAX_BODY])
def test_a_body_is_read_up_to_its_length(size):
    stream = io.BytesIO(b"x" * size + b"next request")
    assert wsgi.read(environ(**{"CONTENT_LENGTH": str(size), "wsgi.input": stream})).body == b"x" * size


def test_a_body_that_is_too_long_is_not_read():
    stream = Endless()
    request = wsgi.read(environ(**{"CONTENT_LENGTH": str(MAX_BODY + 1), "wsgi.input": stream}))
    assert (request.body, stream.taken) == (b"", 0)
    assert request.headers["content-length"] == str(MAX_BODY + 1)


@pytest.mark.parametrize(("terminated", "body"), [(True, b"chunked"), (False, b"")])
def test_without_a_length_the_server_must_mark_the_end(terminated, body):
    made = environ(**{"wsgi.input": io.BytesIO(b"chunked"), "wsgi.input_terminated": terminated})
    assert wsgi.read(made).body == body


def test_a_body_without_a_length_is_dropped_once_it_is_too_long():
    stream = Endless()
    assert wsgi.read(environ(**{"wsgi.input": stream, "wsgi.input_terminated": True})).body == b""
    assert stream.taken == MAX_BODY + 1


@pytest.mark.parametrize("length", ["-1", "1e9", "²", " 5"])
def test_a_length_that_is_no_number_reads_nothing(length):
    assert wsgi.read(environ(**{"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(b"body")})).body == b""


def test_an_answer_keeps_its_header_names_and_its_bytes():
    started = Started()
    response = HttpResponse(200, {"Body-Sign": 'sign_type="HMAC-SHA256"'}, "购".encode(), ("a=1", "b=2"))
    assert wsgi.write(response, started) == ["购".encode()]
    assert started.status == "200 OK"
    assert started.headers == [
        ("Cache-Control", "no-store"),
        ("Body-Sign", 'sign_type="HMAC-SHA256"'),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Content-Length", "3"),
    ]


@pytest.mark.parametrize(("status", "line"), [(204, "204 No Content"), (302, "302 Found"), (299, "299 ")])
def test_the_status_line(status, line):
    started = Started()
    wsgi.write(HttpResponse(status, {}, b""), started)
    assert started.status == line
    assert ("Content-Length", "0") in started.headers or status == 204


def test_the_application_keeps_to_the_wsgi_specification():
    def handle(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, {"Content-Type": "text/plain"}, request.method.encode() + request.body)

    app = validator(wsgi.application(handle))
    made = environ(REQUEST_METHOD="POST", CONTENT_LENGTH="4", **{"wsgi.input": io.BytesIO(b"body")})
    iterator = app(made, Started())
    assert list(iterator) == [b"POSTbody"]
    iterator.close()  # type: ignore[attr-defined]
