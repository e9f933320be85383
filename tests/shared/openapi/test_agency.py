"""Temporary credentials of an ECS machine: asked from its metadata service, over a real socket."""

import json

import pytest

from shared.clock import Deadline, SystemClock
from shared.config import of
from shared.errors import ConfigurationError, Unavailable
from shared.openapi.agency import AgencyKeys, credentials
from tests.sockets import answer, scripted

MACHINE = of({"KOOGALLERY_CSMS_MACHINE": "on", "SECURITY_ACCESS_KEY": "a function's", "SECURITY_TOKEN": "a function's"})
GIVEN = {"credential": {"access": "ak", "secret": "sk", "securitytoken": "token", "expires_at": "2026-11-28T00:00:00Z"}}


def asked(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> tuple[AgencyKeys, bytes]:
    with scripted(lambda connection: connection.sendall(answer(body, head))) as server:
        found = credentials(MACHINE, Deadline(SystemClock(), 3), f"127.0.0.1:{server.port}")
    return found, server.requests[0]


def test_a_machine_asks_for_its_own() -> None:
    found, request = asked(json.dumps(GIVEN).encode())

    assert (found.access_key, found.secret_key, found.token) == ("ak", "sk", "token")
    assert request.startswith(b"GET /openstack/latest/securitykey HTTP/1.1\r\n")
    assert "sk" not in repr(found)
    assert "token'" not in repr(found)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"credential": 1}', b'{"credential": {"access": "ak", "secret": 1}}']
    + [json.dumps({"credential": {**GIVEN["credential"], name: ""}}).encode() for name in ("access", "secret")],
)
def test_a_machine_without_an_agency(body: bytes) -> None:
    with pytest.raises(ConfigurationError, match="agency"):
        asked(body, b"HTTP/1.1 404 Not Found")


def test_a_metadata_service_that_does_not_answer() -> None:
    with scripted(lambda connection: connection.close()) as server:
        address = f"127.0.0.1:{server.port}"
        with pytest.raises(Unavailable, match="metadata"):
            credentials(MACHINE, Deadline(SystemClock(), 3), address)
