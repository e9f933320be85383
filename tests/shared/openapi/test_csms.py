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
    assert read_secret(name, of(AGENCY), client) == "the secret"
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


@pytest.mark.parametrize("missing", AGENCY)
def test_what_is_missing_is_named(name, missing):
    client = answering({})
    with pytest.raises(ConfigurationError, match=f"set {missing}|agency"):
        read_secret(name, of({**AGENCY, missing: ""}), client)
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
        read_secret(name, of(AGENCY), answering(body, 403))
    assert refused.value.__cause__ is None


def test_a_store_that_fails(name):
    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), answering({}, 500))


@pytest.mark.parametrize("body", [*UNREADABLE.values(), b"<html>"], ids=[*UNREADABLE, "page"])
def test_an_answer_that_cannot_be_read(name, body):
    client = HandlerClient(lambda request: HttpResponse(200, {}, body))
    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), client)


def test_no_answer_in_time(name):
    def fail(request: HttpRequest) -> HttpResponse:
        raise Unavailable("no answer in time")

    with pytest.raises(Unavailable):
        read_secret(name, of(AGENCY), HandlerClient(fail))


def test_a_store_out_of_reach_is_told_without_detail(name):
    nowhere = AGENCY | {"KOOGALLERY_CSMS_URL": "https://127.0.0.1:1"}
    with pytest.raises(ConfigurationError, match=r"^a secret cannot be read from csms: \w+$"):
        resolver(of(nowhere))("csms", name)
