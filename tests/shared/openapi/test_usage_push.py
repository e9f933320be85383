"""The client of the usage API: which answers it takes, from which host, and what it says about repeats."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest

from shared.clock import Deadline
from shared.errors import Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.openapi.usage_codes import Advice, advice_for_call
from shared.openapi.usage_push import PushAnswer, UsagePush, UsageRecord
from shared.outbound import ConnectionLost, NotConnected
from tests.clients import UNREADABLE, HandlerClient
from tests.fakes import FakeClock

HOSTS = ("https://main.example", "https://fallback.example")
RECORD = UsageRecord("i-1", "20261120T080000Z", "20261120T090000Z", "20261120T090200Z", Decimal("1.5"), "sn-1")
TAKEN = HttpResponse(200, {}, b'{"error_code":"MKT.0000","error_msg":"success"}')


def says(status: int, **members: object) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(members).encode())


def page(status: int) -> HttpResponse:
    return HttpResponse(status, {"content-type": "text/html"}, b"<html>Bad Gateway</html>")


class Api:
    """Answers as scripted, then with success."""

    def __init__(self, *steps: HttpResponse | Exception, ak: str = "ak", old: bool = False) -> None:
        self.steps = list(steps)
        self.clock = FakeClock()
        self.client = HandlerClient(self._answer)
        self._push = UsagePush(HOSTS, "key", ak, "sk", self.clock, old=old, client=self.client)

    def _answer(self, _request: HttpRequest) -> HttpResponse:
        step = self.steps.pop(0) if self.steps else TAKEN
        if isinstance(step, Exception):
            raise step
        return step

    def push(self, records: Sequence[UsageRecord] = (RECORD,), seconds: float = 8) -> PushAnswer:
        return self._push.push(records, Deadline(self.clock, seconds))


NOT_AVAILABLE: dict[str, HttpResponse | Exception] = {
    "hangs": Unavailable("no answer in time"),
    "refuses": NotConnected("no connection"),
    "resets": ConnectionLost("the connection broke"),
    **{f"page with {status}": page(status) for status in (200, 302, 401, 403, 404, 500, 502, 503, 504)},
    **{f"{status} without a code": says(status, message="no") for status in (200, 401, 502, 503, 504)},
    "gateway without a backend": says(502, error_code="APIGW.0201"),
    "code of another form": says(200, error_code={"a": "MKT.0000"}),
    "code of another size": says(200, error_code="9" * 100),
    **{name: HttpResponse(200, {}, body) for name, body in UNREADABLE.items()},
}


@pytest.mark.parametrize("first", NOT_AVAILABLE.values(), ids=NOT_AVAILABLE)
def test_the_next_host_is_asked_if_the_first_is_not_available(first: HttpResponse | Exception) -> None:
    api = Api(first)
    answer = api.push()
    assert (answer.code, answer.status) == ("0000", 200)
    assert api.client.hosts == ["main.example", "fallback.example"]
    assert api.client.left == [4, 8]  # the fake hangs in no time
    assert api.client.repeatable == [True, True]
    assert {request.body for request in api.client.requests} == {api.client.requests[0].body}
    assert len({request.headers["nonce"] for request in api.client.requests}) == 2


@pytest.mark.parametrize("first", NOT_AVAILABLE.values(), ids=NOT_AVAILABLE)
def test_no_host_is_available(first: HttpResponse | Exception) -> None:
    api = Api(first, NotConnected("no connection"))
    with pytest.raises(Unavailable):
        api.push()


def test_records_that_may_have_arrived_before_are_told_from_others() -> None:
    assert not Api().push().repeated
    for first in NOT_AVAILABLE.values():
        assert Api(first).push().repeated, first


@pytest.mark.parametrize("answer", [page(403), says(401, message="no")])
def test_a_seller_whom_every_host_refuses_is_not_let_in(answer: HttpResponse) -> None:
    refused = Api(answer, answer).push()
    assert advice_for_call(refused.code, refused.status) is Advice.STOP


@pytest.mark.parametrize("answer", [page(413), says(413, message="too large"), says(413, error_code="APIGW.0201")])
def test_too_large_is_too_large_whoever_says_so(answer: HttpResponse) -> None:
    api = Api(answer)
    refused = api.push()
    assert advice_for_call(refused.code, refused.status) is Advice.SMALLER
    assert api.client.hosts == ["main.example"]


@pytest.mark.parametrize("status", [200, 202, 400, 401, 404, 406, 500, 502, 503])
@pytest.mark.parametrize("name", ["error_code", "resultCode"])
@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("MKT.0000", Advice.DELIVERED),
        ("CBC.0000", Advice.DELIVERED),
        ("0000", Advice.DELIVERED),
        ("MKT.0999", Advice.RETRY),
        ("CBC.0250", Advice.RETRY),
        ("MKT.0100", Advice.SPLIT),
        ("CBC.9003", Advice.SMALLER),
        ("MKT.0154", Advice.STOP),
        ("94060001", Advice.RETRY),
        (94060002, Advice.STOP),
        ("MKT.94060010", Advice.STOP),
        ("94060999", Advice.DELIVERED),  # with the list of what is not
    ],
)
def test_the_code_counts_and_not_the_status(status: int, name: str, code: str | int, advice: Advice) -> None:
    api = Api(says(status, **{name: code, "error_msg": "text"}))
    answer = api.push()
    assert advice_for_call(answer.code, answer.status) is advice
    assert api.client.hosts == ["main.example"]


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("members", [{"error_code": "94060999"}, {"error_code": ""}, {}])
def test_refused_records_are_found_wherever_they_stand(status: int, members: dict[str, str]) -> None:
    entry = {"metering_sn": "sn-1", "error_code": "001"}
    listed = {"data": [{"abnormal_usage_data": [entry, "odd", {"metering_sn": "sn-2", "code": {"odd": 1}}]}]}
    answer = Api(says(status, **members, **listed)).push()
    assert answer.refused == {"sn-1": "001", "sn-2": ""}


@pytest.mark.parametrize("odd", [None, 5, "text", {"a": 1}, [[]], [None]])
def test_a_list_of_refused_records_that_is_none(odd: object) -> None:
    assert Api(says(200, error_code="MKT.0000", abnormal_usage_data=odd)).push().refused == {}


@pytest.mark.parametrize("depth", [10, 400, 900, 990, 3_000, 9_000, 60_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_no_depth_of_an_answer_ends_a_run(depth: int, opening: str, closing: str) -> None:
    body = f'{{"error_code":"MKT.0000","a":{opening * depth}1{closing * depth}}}'
    assert Api(HttpResponse(200, {}, body.encode())).push().code == "0000"  # of either host


def test_without_an_access_key_the_signature_stands_alone() -> None:
    api = Api(ak="")
    api.push()
    [request] = api.client.requests
    assert "authorization" not in request.headers
    assert {"ts", "nonce", "signature"} <= request.headers.keys()
