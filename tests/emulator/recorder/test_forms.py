"""Every form in which a seller may have a call is read, and is the same call afterwards."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from emulator.platforms.event_shapes import api_gateway_http, api_gateway_rest, function_url, functiongraph
from emulator.recorder import NoCallFound, recorded
from emulator.recorder.kinds import kind_of
from emulator.recorder.text import FORMS, read_calls
from emulator.recorder.verdict import SignatureState, judged
from emulator.wire.calls import url_of
from shared.http import HttpRequest
from tests.emulator.recorder.calls import BASE, CALLS, KEYS, V1, V2, members, pasted


def curl(request: HttpRequest) -> str:
    words = ["curl", "-sS", "-X", request.method, url_of(BASE, request)]
    for name, value in request.headers.items():
        words += ["-H", f"{name}: {value}"]
    words += ["--data-raw", request.body.decode()] if request.body else []
    return " \\\n  ".join(map(shlex.quote, words)) + "\n"


def browser_curl(request: HttpRequest) -> str:
    body = request.body.decode().replace("\\", "\\\\").replace("'", "\\u0027").replace("张", "\\u5f20")
    headers = "".join(f" -H '{name}: {value}'" for name, value in request.headers.items())
    return f"$ curl '{url_of(BASE, request)}'{headers}" + (f" --data-binary $'{body}'" if body else "")


def raw(request: HttpRequest) -> str:
    headers = "".join(f"{name.title()}: {value}\r\n" for name, value in request.headers.items())
    length = f"Content-Length: {len(request.body)}\r\n" if request.body else ""
    return (
        f"{request.method} {url_of('', request)} HTTP/1.1\r\nHost: x.cn\r\n{headers}{length}\r\n{request.body.decode()}"
    )


def in_a_log_line(request: HttpRequest) -> str:
    return f"2026-11-20T08:30:00Z INFO RequestId: 1 event={json.dumps(functiongraph(request))} done\n"


def in_a_json_log(request: HttpRequest) -> str:
    return json.dumps({"level": "INFO", "message": json.dumps(api_gateway_http(request)), "n": 1})


def escaped(request: HttpRequest) -> str:
    return 'level=info msg="' + json.dumps(api_gateway_rest(request)).replace("\\", "\\\\").replace('"', '\\"') + '"\n'


def structured(request: HttpRequest) -> str:
    target = url_of("", request)
    body = request.body.decode()
    return json.dumps({"method": request.method, "uri": target, "headers": dict(request.headers), "request_body": body})


def archive(request: HttpRequest) -> str:
    headers = [{"name": name, "value": value} for name, value in request.headers.items()]
    asked: dict[str, Any] = {"method": request.method, "url": url_of(BASE, request), "headers": headers}
    asked |= {"postData": {"mimeType": "application/json", "text": request.body.decode()}} if request.body else {}
    return json.dumps({"log": {"entries": [{"request": asked, "response": {"status": 200}}]}})


FORMS_OF_A_CALL: dict[str, Callable[[HttpRequest], str]] = {
    "console": pasted,
    "console in Chinese": lambda request: f"请求地址:{pasted(request)}响应消息: " + '{"resultCode":"000000"}',
    "curl": curl,
    "curl of a browser": browser_curl,
    "raw request": raw,
    "REST API": lambda request: json.dumps(api_gateway_rest(request), indent=2),
    "HTTP API": lambda request: json.dumps(api_gateway_http(request)),
    "function URL": lambda request: json.dumps(function_url(request)),
    "FunctionGraph": lambda request: json.dumps(functiongraph(request)),
    "printed by Python": lambda request: f"got {functiongraph(request)!r}",
    "in a log line": in_a_log_line,
    "in a log of JSON": in_a_json_log,
    "escaped in a log line": escaped,
    "record of a log": structured,
    "HTTP archive": archive,
}


@pytest.mark.parametrize("form", FORMS_OF_A_CALL)
@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_read_from_each_form(name: str, form: str) -> None:
    (found,) = read_calls(FORMS_OF_A_CALL[form](CALLS[name])).requests

    kind = kind_of(found)
    assert kind.name == name
    assert (kind.activity, found.method) == (kind_of(CALLS[name]).activity, CALLS[name].method)
    assert (dict(found.query), found.body) == (dict(CALLS[name].query), CALLS[name].body)
    assert judged(found, kind, KEYS).state is SignatureState.RIGHT


NGINX = '121.36.12.34 - - [20/Nov/2026:08:30:00 +0000] "GET {} HTTP/1.1" 200 512 "-" "Apache-HttpClient/4.5.3"'
BALANCER = 'https 2026-11-20T08:30:00.1Z app/x 121.36.12.34:5 10.0.0.1:80 0 0 0 200 - 1 2 "GET {} HTTP/1.1" "Java" - -'


@pytest.mark.parametrize("line", [NGINX, BALANCER, "{}", "url: {}", "<a href='{}'>"])
@pytest.mark.parametrize("name", [name for name in CALLS if CALLS[name].method == "GET"])
def test_a_call_of_version_1_is_read_from_a_line(line: str, name: str) -> None:
    host = "https://x.cn:443" if line != NGINX else ""
    (found,) = read_calls(f"before\n{line.format(url_of(host, CALLS[name]))}\nafter\n").requests

    assert dict(found.query) == dict(CALLS[name].query)


def test_escapes_of_logs_and_pages_are_read() -> None:
    url = url_of(BASE, CALLS["purchase-v1"])
    page, log = url.replace("&", "&amp;"), url.replace("%E6", "\\xE6")

    assert [dict(found.query) for found in read_calls(f"{page}\n{log}").requests] == [
        dict(CALLS["purchase-v1"].query),
        dict(CALLS["purchase-v1"].query),
    ]


def test_many_calls_are_read_in_order() -> None:
    forms = list(FORMS_OF_A_CALL.values())
    text = "\n".join(forms[number % len(forms)](request) for number, request in enumerate(CALLS.values()))

    assert [kind_of(found).name for found in read_calls(text).requests] == list(CALLS)


@pytest.mark.parametrize(
    "name", ["purchase-v2", "change_check-v2", "order_notify-v2", *(n for n in CALLS if "sync" in n)]
)
def test_a_body_alone_is_enough(name: str) -> None:
    alone = json.dumps(members(CALLS[name]))

    (recording,) = recorded(f"got {alone}")

    version_unknown = name.endswith("v1") and not name.startswith(("auth", "all"))
    assert recording.kind.name == (name.replace("v1", "v2") if version_unknown else name)
    assert recording.signature.state is SignatureState.UNCHECKED


def test_the_parameters_of_version_1_alone_are_enough() -> None:
    (recording,) = recorded(json.dumps(dict(CALLS["purchase-v1"].query)), keys=KEYS)

    assert (recording.kind.name, recording.signature.state) == ("purchase-v1", SignatureState.RIGHT)


def test_sloppy_json_of_a_page_is_read() -> None:
    url = url_of(BASE, replace(CALLS["all-org-sync-v2"], query=()))
    (found,) = read_calls(f'{url}\n{{tenantId:"7f0c2d4e6b8a", "orgInfoList":[{{orgCode:"1",orgName:"x"}},],}}').requests

    assert kind_of(found).activity == "allOrgSync"


def test_a_content_length_counts_the_white_space_behind_the_body() -> None:
    call = V2.send(b'{"activity":"queryInstance","instanceId":"abc"}\n\n')
    text = raw(call)

    (found,) = read_calls(text).requests

    assert found.body == call.body


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "[1, 2]",
        '{"activity": 5}',
        '{"a": {"b": ["{", "}"]}}',
        "{" * 2000,
        "https://example.com/?a=b",
        "GET / HTTP/1.1\nHost: x\n\n",
        "curl https://example.com",
        "curl 'https://example.com",
        "curl -d @body.json https://example.com/saas?signature=a",
        '{"Records": [{"body": "{}"}]}',
        '{"httpMethod": "GET", "path": 5}',
        '{"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"}',
        "http://[::1/?activity=newInstance",
        "\x00\x01\x02",
    ],
)
def test_what_is_no_call_gets_the_list_of_forms(text: str) -> None:
    with pytest.raises(NoCallFound) as caught:
        recorded(text)

    assert FORMS in str(caught.value)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (NGINX.replace("GET", "POST").format(url_of("", CALLS["purchase-v2"])), "has no body there"),
        (NGINX.replace("GET", "POST").format("/x/produceAPI/v2/tenantSync"), "has no body there"),
        ("curl https://x/saas?signature=a -d @body.json", "has its body in a file"),
        ("curl https://x/saas?activity=newInstance -H 'a: b", "quotes"),
    ],
)
def test_why_a_call_cannot_be_read_is_said(text: str, trouble: str) -> None:
    with pytest.raises(NoCallFound, match=trouble):
        recorded(text)
    found = read_calls(f"{url_of(BASE, CALLS['purchase-v1'])}\n{text}")
    assert len(found.requests) == 1
    assert trouble in found.problems[0]


def test_an_activity_nobody_knows_is_recorded_for_the_gateway() -> None:
    (recording,) = recorded(url_of(BASE, V1.call("getLicense", orderId="CS1234567890")))

    assert (recording.kind.module, recording.expectation.code) == ("gateway", "000002")


def test_curl_puts_data_into_the_query_with_g() -> None:
    (found,) = read_calls(f"curl -G {BASE}/saas -d activity=queryInstance --data-urlencode 'instanceId=a b'").requests

    assert found.query == (("activity", "queryInstance"), ("instanceId", "a b"))
    assert quote("a b") not in dict(found.query).values()
