"""Whatever the platform, the function sees the request that was sent and the client receives the answer it gave."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.http import HttpRequest, HttpResponse
from shared.runtimes import detect
from shared.runtimes.wire import MAX_FIELDS, EventError
from tests.events import RUNTIMES, Platform
from tests.examples import examples

SIGNED = HttpResponse(
    200,
    {"Content-Type": "application/json", "Body-Sign": 'sign_type="HMAC-SHA256", signature="AbC+/="'},
    '{"resultCode":"000000","resultMsg":"购买成功"}\n'.encode(),
)

each_platform = pytest.mark.parametrize("platform", RUNTIMES, ids=[platform.name for platform in RUNTIMES])

texts = st.text(st.characters(codec="utf-8"), max_size=20)
queries = st.lists(st.tuples(texts.filter(bool), texts), max_size=8).map(tuple)
bodies = st.binary(max_size=200) | st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode)


def send(platform: Platform, request: HttpRequest) -> HttpRequest:
    context = platform.make_context()
    return detect(context).read(platform.make_event(request), context)


def answer(platform: Platform, response: HttpResponse) -> HttpResponse:
    runtime = detect(platform.make_context())
    return platform.read_answer(runtime.write(response, platform.make_event(HttpRequest("GET", "/saas"))))


def by_name(query: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in query:
        grouped.setdefault(name, []).append(value)
    return grouped


@each_platform
@given(query=queries, body=bodies, method=st.sampled_from(["GET", "POST"]))
@settings(max_examples=examples(60), deadline=None)
def test_a_request_arrives_as_it_was_sent(platform, query, body, method):
    seen = send(platform, HttpRequest(method, "/saas/produceAPI/v2/tenantSync", query, {}, body))
    assert seen.method == method
    assert seen.path == "/saas/produceAPI/v2/tenantSync"
    assert by_name(seen.query) == by_name(query)
    assert seen.body == body


@each_platform
def test_no_answer_may_be_kept_by_what_stands_in_front(platform):
    for response in (SIGNED, HttpResponse(404, {}, b""), HttpResponse(302, {"Location": "/"}, b"", ("a=b",))):
        assert answer(platform, response).headers["Cache-Control"] == "no-store"


@each_platform
@given(body=bodies, status=st.sampled_from([200, 302, 401]))
@settings(max_examples=examples(60), deadline=None)
def test_an_answer_leaves_byte_for_byte(platform, body, status):
    sent = answer(platform, HttpResponse(status, {"Content-Type": "text/plain"}, body))
    assert (sent.status, sent.body) == (status, body)


@each_platform
def test_header_names_come_in_lower_case_and_leave_as_spelt(platform):
    seen = send(platform, HttpRequest("POST", "/saas", headers={"authToken": "x=", "content-type": "application/json"}))
    assert seen.headers["authtoken"] == "x="
    assert seen.headers["content-type"] == "application/json"
    assert dict(answer(platform, SIGNED).headers) == {"Cache-Control": "no-store", **SIGNED.headers}


@each_platform
def test_the_signed_text_leaves_unchanged(platform):
    assert answer(platform, SIGNED).body == SIGNED.body


@each_platform
def test_cookies_come_in_joined_and_leave_one_by_one(platform):
    seen = send(platform, HttpRequest("GET", "/saas/session", headers={"cookie": "session=a; state=b"}))
    assert seen.headers["cookie"] == "session=a; state=b"
    cookies = ("session=c; HttpOnly; Secure; Path=/saas", "state=; Max-Age=0", "next=%2F")
    sent = answer(platform, HttpResponse(302, {"Location": "https://app.example/"}, b"", cookies))
    assert sent.cookies == cookies
    assert dict(sent.headers) == {"Cache-Control": "no-store", "Location": "https://app.example/"}


@each_platform
def test_the_request_id_is_the_platforms(platform):
    context = platform.make_context()
    runtime = detect(context)
    request = runtime.read(platform.make_event(HttpRequest("GET", "/saas")), context)
    assert request.request_id == runtime.request_id(context) != ""


@each_platform
def test_a_query_of_too_many_fields_counts_as_empty(platform):
    query = tuple((f"p{number}", "v") for number in range(MAX_FIELDS + 1))
    assert send(platform, HttpRequest("GET", "/saas", query[:MAX_FIELDS])).query == query[:MAX_FIELDS]
    assert send(platform, HttpRequest("GET", "/saas", query)).query == ()


json_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@each_platform
@given(data=st.data())
@settings(max_examples=examples(60), deadline=None)
def test_a_broken_event_is_refused_or_read_but_never_crashes(platform, data):
    context = platform.make_context()
    runtime = detect(context)
    event = platform.make_event(HttpRequest("POST", "/saas", (("activity", "newInstance"),), {"a": "b"}, b"{}"))
    for name in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=3)):
        event[name] = data.draw(json_values)
    try:
        request = runtime.read(event, context)
    except EventError:
        pass
    else:
        for text in (request.method, request.path, *request.headers.values(), *sum(request.query, ())):
            text.encode()
    assert runtime.write(SIGNED, event)["statusCode"] == 200


@each_platform
@pytest.mark.parametrize("event", [None, "", [], {}, {"Records": []}, {"source": "aws.events"}], ids=repr)
def test_an_event_without_a_call_is_refused_and_can_still_be_answered(platform, event):
    context = platform.make_context()
    runtime = detect(context)
    with pytest.raises(EventError, match="not an HTTP event"):
        runtime.read(event, context)
    assert runtime.write(SIGNED, event)["headers"]["Body-Sign"] == SIGNED.headers["Body-Sign"]


@each_platform
@pytest.mark.parametrize(
    ("typed", "body"),
    [
        ({"body": '{"名": 1}', "isBase64Encoded": True}, '{"名": 1}'),
        ({"body": {"名": 1}}, '{"名":1}'),
        ({"body": [1, None]}, "[1,null]"),
        ({"body": 5}, "5"),
        ({"body": None}, ""),
    ],
    ids=repr,
)
def test_a_body_typed_into_a_test_event_counts_as_it_stands(platform, typed: dict[str, object], body):
    event = platform.make_event(HttpRequest("POST", "/saas", body=b"{}")) | typed
    context = platform.make_context()
    assert detect(context).read(event, context).body == body.encode()
