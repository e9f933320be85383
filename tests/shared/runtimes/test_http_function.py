"""HTTP functions of FunctionGraph: what the platform says in headers reaches settings and log, and nobody else."""

import pytest

from shared.clock import Deadline, SystemClock
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.openapi.agency import AgencyKeys, credentials
from shared.runtimes.http_function import AGENCY, Platform

KEYS = {"SECURITY_ACCESS_KEY": "access", "SECURITY_SECRET_KEY": "secret", "SECURITY_TOKEN": "token"}
SENT = {AGENCY[name]: value for name, value in KEYS.items()}


def heard(platform: Platform, headers: dict[str, str], request_id: str = "own") -> HttpRequest:
    """What the bundle gets of a request with these headers."""
    seen: list[HttpRequest] = []

    def handle(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(200, {}, b"")

    platform.heard(handle)(HttpRequest("GET", "/saas", headers=headers, request_id=request_id))
    return seen[0]


def test_the_request_has_the_platforms_id_and_none_of_its_headers() -> None:
    told = {"x-cff-request-id": "4adc025c", "x-cff-memory": "512", "x-cff-auth-token": "t", **SENT}

    request = heard(Platform(), {"authorization": "sign", **told})

    assert request.request_id == "4adc025c"
    assert request.headers == {"authorization": "sign"}
    assert heard(Platform(), {}).request_id == "own"


def test_credentials_of_the_agency_are_kept_until_others_come() -> None:
    platform = Platform()
    deadline = Deadline(SystemClock(), 1)
    with pytest.raises(ConfigurationError, match="agency"):
        credentials(platform.setting, deadline)

    heard(platform, SENT)
    heard(platform, {"x-cff-request-id": "next"})
    heard(platform, {AGENCY["SECURITY_TOKEN"]: "alone"})
    assert credentials(platform.setting, deadline) == AgencyKeys("access", "secret", "token")

    heard(platform, SENT | {AGENCY["SECURITY_TOKEN"]: "newer"})
    assert credentials(platform.setting, deadline).token == "newer"


def test_settings_are_in_the_environment_and_credentials_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOOGALLERY_STORE", "sqlite:/tmp/store")
    monkeypatch.setenv("SECURITY_TOKEN", "of somebody else")

    assert Platform().setting("KOOGALLERY_STORE") == "sqlite:/tmp/store"
    assert Platform().setting("SECURITY_TOKEN") is None
