"""Who does not know our secret says so by its status, whatever is sent there."""

from typing import Any, cast

import pytest

from shared.errors import ConfigurationError
from shared.http import HttpResponse
from shared.outbound import HttpClient
from shared.provisioning.signed_channel import SignedChannel
from tests.fakes import FakeClock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Answering:
    """Answers each message with one status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def send(self, *_given: Any, **_more: Any) -> HttpResponse:
        return HttpResponse(self.status, {}, b"")


def sent(setting: str, status: int) -> HttpResponse:
    client = cast("HttpClient", Answering(status))
    channel = SignedChannel(
        setting, "https://isv.example/", [SECRET], allow_private=False, clock=FakeClock(), client=client
    )
    return channel.send("msg_1", b"{}", {}, 1)


@pytest.mark.parametrize("setting", ["WEBHOOK", "EVENTS"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_signature_is_a_mistake_in_the_settings(setting: str, status: int) -> None:
    with pytest.raises(
        ConfigurationError, match=rf"refuses .*signature \(HTTP {status}\): check KOOGALLERY_{setting}_SECRET"
    ):
        sent(setting, status)


@pytest.mark.parametrize("status", [200, 204, 400, 404, 429, 500, 503])
def test_any_other_status_is_the_callers_to_read(status: int) -> None:
    assert sent("EVENTS", status).status == status
