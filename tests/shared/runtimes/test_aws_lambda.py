import pytest

from emulator.platforms.contexts import LocalLambdaContext
from emulator.platforms.event_shapes import Event, api_gateway_http, api_gateway_rest, function_url
from shared.http import HttpRequest
from shared.runtimes import aws_lambda
from shared.runtimes.wire import EventError

CALL = HttpRequest("GET", "/saas", (("activity", "newInstance"),))


def read(event: Event) -> HttpRequest:
    return aws_lambda.read(event, LocalLambdaContext())


@pytest.mark.parametrize(
    ("stage", "raw_path", "path"),
    [
        ("$default", "/saas", "/saas"),
        ("prod", "/prod/saas", "/saas"),
        ("prod", "/prod", "/"),
        ("prod", "/prod/", "/"),
        ("prod", "/production/saas", "/production/saas"),
        ("saas", "/saas/saas", "/saas"),
        ("saas", "/saas/saas/login", "/saas/login"),
    ],
)
def test_http_api_puts_a_named_stage_before_the_path(stage, raw_path, path):
    assert read({**api_gateway_http(CALL, stage), "rawPath": raw_path}).path == path


def test_rest_api_has_no_stage_in_the_path_even_if_the_path_begins_alike():
    assert read(api_gateway_rest(CALL, stage="saas")).path == "/saas"


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("a=1&b=&c", (("a", "1"), ("b", ""), ("c", ""))),
        ("a=x%2By&a=x+y", (("a", "x+y"), ("a", "x y"))),
        ("name=%E8%B4%AD%E4%B9%B0", (("name", "购买"),)),
        ("name=%FF%FE", (("name", "\ufffd\ufffd"),)),
        ("name=%ED%A0%80", (("name", "\ufffd\ufffd\ufffd"),)),
        ("name=\ud800", (("name", "?"),)),
        (
            "authToken=a%2Fb%3D%3D&timeStamp=20260101000000000",
            (("authToken", "a/b=="), ("timeStamp", "20260101000000000")),
        ),
        (None, ()),
    ],
)
def test_the_raw_query_is_decoded_and_never_crashes(raw, query):
    assert read({**function_url(CALL), "rawQueryString": raw}).query == query


def test_rest_api_without_multi_value_maps_falls_back_to_the_plain_ones():
    event = {"httpMethod": "get", "path": "/saas", "queryStringParameters": {"a": "1"}, "headers": {"X-Y": "2"}}
    request = read(event)
    assert (request.method, request.query, request.headers) == ("GET", (("a", "1"),), {"x-y": "2"})


@pytest.mark.parametrize("missing", [None, {}])
def test_gateways_write_null_for_what_is_empty(missing):
    names = ("headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters")
    request = read({**api_gateway_rest(CALL), **dict.fromkeys(names, missing), "body": None})
    assert (request.query, request.headers, request.body) == ((), {}, b"")


def test_a_doubled_header_is_joined_so_that_neither_value_wins():
    event = api_gateway_rest(CALL)
    event["multiValueHeaders"] = {"authToken": ["one", "two"], "AUTHTOKEN": ["three"]}
    assert read(event).headers == {"authtoken": "one, two, three"}


def test_doubled_cookie_headers_stay_cookies():
    event = api_gateway_rest(CALL)
    event["multiValueHeaders"] = {"Cookie": ["a=1", "b=2"]}
    assert read(event).headers == {"cookie": "a=1; b=2"}


def test_header_values_may_hold_anything():
    event = {**function_url(CALL), "headers": {"x-name": "\udcff购\xff", "x-none": None, "x-number": 7}}
    assert read(event).headers == {"x-name": "?购\xff", "x-none": "", "x-number": "7"}


def test_load_balancer_events_are_refused_because_their_parameters_are_not_decoded():
    event = {**api_gateway_rest(CALL), "requestContext": {"elb": {"targetGroupArn": "arn:aws:…"}}}
    with pytest.raises(EventError, match="not an HTTP event"):
        read(event)


@pytest.mark.parametrize("name", ["rawPath", "requestContext"])
def test_an_event_of_format_2_needs_its_frame(name):
    event = function_url(CALL)
    event[name] = {"http": {}} if name == "requestContext" else ""
    with pytest.raises(EventError):
        read(event)
