"""A page of another site that leads here under its own name (DNS rebinding) reads neither accounts nor sessions."""

import pytest

from emulator.wire.client import Answer, send
from emulator.wire.own_host import own_host_only
from shared.http import HttpRequest, HttpResponse
from tests.emulator.console.world import world

STRANGE = ["evil.example", "127.0.0.1.evil.example:8100", "192.168.1.5:8100", "[::1", ""]
OWN = ["127.0.0.1:8100", "localhost", "[::1]:8100"]


def status(**headers: str) -> int:
    return own_host_only(lambda _: HttpResponse(200, {}, b""))(HttpRequest("GET", "/", (), headers)).status


def test_only_names_of_this_machine_are_served() -> None:
    assert [status(host=host) for host in STRANGE] == [400] * len(STRANGE)
    assert [status(host=host) for host in OWN] == [200] * len(OWN)
    assert status() == 200


@pytest.mark.e2e
def test_the_sign_in_page_and_the_sample_application_are_guarded(tmp_path) -> None:
    with world(tmp_path) as everything:
        for path in ("/unified-login/", "/api/v1/oauth2/authorize", "/app"):
            replies = [
                send(everything.url, HttpRequest("GET", path, (), headers))
                for headers in ({"host": "evil.example"}, dict[str, str]())
            ]
            found = [reply.status for reply in replies if isinstance(reply, Answer)]
            assert found[0] == 400
            assert found[1] != 400 or "authorize" in path
