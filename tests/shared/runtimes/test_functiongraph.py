from base64 import encodebytes

import pytest

from emulator.platforms.contexts import LocalFunctionGraphContext
from emulator.platforms.event_shapes import Event
from emulator.platforms.event_shapes import functiongraph as make_event
from shared.http import HttpRequest, HttpResponse
from shared.runtimes import functiongraph

CALL = HttpRequest("POST", "/saas", (("signature", "a"),), {}, b"{}")


def read(event: Event) -> HttpRequest:
    return functiongraph.read(event, LocalFunctionGraphContext())


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"a": "1", "b": ""}, (("a", "1"), ("b", ""))),
        ({"a": ["1", "2"]}, (("a", "1"), ("a", "2"))),
        ({"a": "1,2"}, (("a", "1,2"),)),
        ({"a": []}, ()),
        ({"a": None}, (("a", ""),)),
        (None, ()),
    ],
)
def test_parameters_come_as_a_string_or_a_list(parameters, query):
    assert read({**make_event(CALL), "queryStringParameters": parameters}).query == query


def test_header_names_may_come_in_any_case():
    event = {**make_event(CALL), "headers": {"X-Stage": "RELEASE", "authToken": ["t"]}}
    assert read(event).headers == {"x-stage": "RELEASE", "authtoken": "t"}


def test_a_body_that_is_not_base64_is_taken_as_text():
    event = {**make_event(CALL), "body": '{"名":"值"}', "isBase64Encoded": False}
    assert read(event).body == '{"名":"值"}'.encode()


def test_base64_with_line_breaks_is_understood():
    body = b"0123456789" * 20
    assert read({**make_event(CALL), "body": encodebytes(body).decode()}).body == body


def test_one_cookie_goes_under_the_usual_name():
    answer = functiongraph.write(HttpResponse(200, {}, b"", ("a=1",)), make_event(CALL))
    assert answer["headers"] == {"Cache-Control": "no-store", "Set-Cookie": "a=1"}


def test_ten_cookies_have_ten_names_that_differ_by_case_only():
    cookies = tuple(f"c{number}=1" for number in range(10))
    answer = functiongraph.write(HttpResponse(200, {}, b"", cookies), make_event(CALL))
    headers = {name: value for name, value in answer["headers"].items() if name != "Cache-Control"}
    assert tuple(headers.values()) == cookies
    assert {name.lower() for name in headers} == {"set-cookie"}
