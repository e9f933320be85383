"""One secret from CSMS, with the credentials of the function's agency."""

import json
import uuid

import pytest

from shared.config import of
from shared.errors import ConfigurationError, Unavailable
from shared.http import HttpRequest, HttpResponse
from shared.openapi.csms import read_secret
from shared.secrets import resolver
from tests.clients import UNREADABLE, HandlerClient

AGENCY = {
    "KOOGALLERY_CSMS_URL": "https://csms.cn-north-4.myhuaweicloud.com/",
    "KOOGALLERY_CSMS_PROJECT": "project-1",
    "SECURITY_ACCESS_KEY": "temporary-ak",
    "SECURITY_SECRET_KEY": "temporary-sk",
    "SECURITY_TOKEN": "temporary-token",
}


@pytest.fixture
def name() -> str:
    """A secret that no other test has asked for."""
    return f"secret/{uuid.uuid4().hex}"


def answering(body: object, status: int = 200) -> HandlerClient:
    return HandlerClient(lambda request: HttpResponse(status, {}, json.dumps(body).encode()))


def test_the_latest_version_is_asked_for_and_signed(name):
    client = answering({"version": {"secret_string": "the secret"}})
    assert read_secret(name, of(AGENCY), 300, client) == "the secret"
    [request] = client.requests
    assert client.hosts == ["csms.cn-north-4.myhuaweicloud.com"]
    assert (request.method, request.path) == (
        "GET",
        f"/v1/project-1/secrets/{name.replace('/', '%2F')}/versions/latest",
    )
    assert request.headers["x-security-token"] == "temporary-token"
    assert request.headers["authorization"].startswith("SDK-HMAC-SHA256 Access=temporary-ak")
    assert "x-security-token" in request.headers["authorization"]
    assert "temporary-sk" not in str(dict(request.headers))


def test_a_secret_is_kept_for_as_long_as_asked(name):
    client = answering({"version": {"secret_string": "the secret"}})
    for _ in range(3):
        read_secret(name, of(AGENCY), 300, client)
    assert len(client.requests) == 1
    read_secret(name, of(AGENCY), -1, client)
    assert len(client.requests) == 2


@pytest.mark.parametrize("missing", AGENCY)
def test_what_is_missing_is_named(name, missing):
    client = answering({})
    with pytest.raises(ConfigurationError, match=f"set {missing}|agency"):
        read_secret(name, of({**AGENCY, missing: ""}), 300, client)
    assert client.requests == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"error_msg": "temporary-ak is not allowed"},
        {"version": None},
        {"version": {"secret_string": None}},
        {"version": {"secret_binary": "aGk="}},
    ],
)
def test_an_answer_without_the_secret(name, body):
    with pytest.raises(ConfigurationError, match=r"^CSMS does not give the secret: HTTP 403$") as refused:
        read_secret(name, of(AGENCY), 300, answering(body, 403))
    assert refused.value.__cause__ is None


def test_a_failure_is_not_kept(name):
    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), 300, answering({}, 500))
    assert read_secret(name, of(AGENCY), 300, answering({"version": {"secret_string": "now"}})) == "now"


@pytest.mark.parametrize("body", [*UNREADABLE.values(), b"<html>"], ids=[*UNREADABLE, "page"])
def test_an_answer_that_cannot_be_read(name, body):
    client = HandlerClient(lambda request: HttpResponse(200, {}, body))
    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), 300, client)


def test_no_answer_in_time(name):
    def fail(request: HttpRequest) -> HttpResponse:
        raise Unavailable("no answer in time")

    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), 300, HandlerClient(fail))


def test_a_member_of_a_secret_by_reference(name):
    secret = json.dumps({"key": "the key"})
    read_secret(name, of(AGENCY), 300, answering({"version": {"secret_string": secret}}))
    assert resolver(of(AGENCY))("csms", f"{name}#key") == "the key"


def test_a_store_out_of_reach_is_told_without_detail(name):
    nowhere = AGENCY | {"KOOGALLERY_CSMS_URL": "https://127.0.0.1:1"}
    with pytest.raises(ConfigurationError, match=r"^a secret cannot be read from csms: \w+$"):
        resolver(of(nowhere))("csms", name)
