"""A deployment that is right in everything but one thing: the doctor finds that, and says what mends it.

The table on the page has these rows, in this order.
"""

import json
import ssl
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.doctor.diagnosis import Severity
from emulator.doctor.examination import examine
from emulator.doctor.patient import Patient
from shared.clock import SystemClock
from shared.http import HttpRequest, HttpResponse
from tests.backend import Backend
from tests.emulator.conformance.seller import Seller
from tests.emulator.conformance.server import Raw, Reply
from tests.emulator.doctor.deployment import WEBHOOK_SECRET, Deployment, straight
from tests.emulator.doctor.rsa import pem
from tests.event_receiver import SECRET as EVENTS_SECRET
from tests.pages import Page, both, named, names_in


def lower_case(behind: Seller, raw: Raw) -> Reply:
    reply = straight(behind, raw)
    return replace(reply, headers={name.lower(): value for name, value in reply.headers.items()})


def loses_plus(behind: Seller, raw: Raw) -> Reply:
    """Decodes the query and encodes it again, but for the plus sign of what was a space."""
    return straight(behind, replace(raw, query=raw.query.replace("%2B", "").replace("+", "")))


def keeps(behind: Seller, raw: Raw) -> Reply:
    reply = straight(behind, raw)
    return replace(reply, headers={**reply.headers, "Cache-Control": "public, max-age=60", "Age": "7"})


def page(behind: Seller, raw: Raw) -> Reply:
    return Reply(404, {"Content-Type": "text/html"}, b"<html>nginx</html>")


def trusting(request: HttpRequest) -> HttpResponse:
    return HttpResponse(204, {}, b"")


def old_only(context: ssl.SSLContext) -> None:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


def setting(name: str, value: str) -> dict[str, Any]:
    return {"settings": {name: value}}


FAULTS: dict[str, dict[str, Any]] = {
    "settings.misspelt": setting("PROVISONER", "webhook"),
    "settings.value": setting("DEADLINE", "four"),
    "settings.quotes": setting("APP_TOKEN", f'"{"t" * 32}"'),
    "settings.development": setting("APP_TOKEN", "development-application-token-for-this-machine-only"),
    "settings.clock-offset": setting("CLOCK_OFFSET", "3600"),
    "settings.missing": setting("STORAGE_KEY", ""),
    "settings.half": setting("APP_ID", "application"),
    "settings.lease": setting("LEASE", "5"),
    "settings.deadline": setting("DEADLINE", "25"),
    "settings.public-path": setting("PUBLIC_URL", "https://isv.example.invalid/isv"),
    "keys.swapped": {"settings": {"AK": "k" * 40, "SK": "ABCDEFGHIJ0123456789"}},
    "keys.equal": setting("APP_TOKEN", WEBHOOK_SECRET),
    "keys.rsa": setting("RSA_PRIVATE_KEY", pem(2048)),
    "store.reach": setting("STORE", "sqlite:/proc/no/store.sqlite"),
    "store.sealed": setting("STORAGE_KEY", "another-key-than-the-one-that-sealed"),
    "timers.late": {"sweep_ago": timedelta(hours=1)},
    "open-api.reach": setting("API_URLS", "http://127.0.0.1:9"),
    "open-api.access-key": setting("SK", "a-secret-key-of-another-pair-of-keys-12"),
    "open-api.push-refused": setting("USAGE_KEY", "another-key-than-the-marketplace-has"),
    "clock.skew": {"marketplace_clock": SystemClock(90)},
    "provisioner.load": setting("PROVISIONER", "tests.emulator.doctor.product:Nothing"),
    "webhook.refused": {"backend": Backend("whsec_" + "b" * 40).answer},
    "webhook.forged": {"backend": trusting},
    "webhook.reach": setting("WEBHOOK_URL", "http://127.0.0.1:9"),
    "events.reach": {"settings": {"EVENTS_URL": "http://127.0.0.1:9", "EVENTS_SECRET": EVENTS_SECRET}},
    "address.certificate": {"ends": timedelta(hours=-1)},
    "address.certificate-name": {"certificate": "other.example.com"},
    "address.tls-old-only": {"tls": old_only},
    "address.sign.name": {"through": lower_case},
    "address.v1.request.token-plus": {"through": loses_plus},
    "address.cached": {"through": keeps},
    "address.other": {"through": page},
}

Examined = Callable[..., list[Any]]


@pytest.fixture
def examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examined:
    """What is found in a deployment with such a fault."""

    def found(**fault: Any) -> list[Any]:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.crt"))
        with Deployment(tmp_path, **fault).started() as environ:
            return examine(Patient(environ))

    return found


def errors(found: list[Any]) -> set[str]:
    return {each.check for each in found if each.level is Severity.ERROR}


def test_nothing_is_to_be_mended_where_all_is_right(examined: Examined) -> None:
    found = examined()
    assert errors(found) == set()
    harmless = {"settings.temporary", "settings.api-local", "address.local", "keys.short"}
    assert {each.check for each in found if each.level is Severity.WARNING} <= harmless
    proved = {"store.conditions", "store.opened", "open-api.orders", "open-api.push", "webhook.strict", "timers.alive"}
    assert proved | {"address.intact", "address.secure"} <= {each.check for each in found}


@pytest.mark.sweep
@pytest.mark.parametrize("check", FAULTS)
def test_one_fault_is_found(examined: Examined, check: str) -> None:
    fault = FAULTS[check]
    found = examined(**fault)
    assert check in errors(found)
    said = [each.document(language) for each in found for language in ("en", "zh")]
    assert all(each["fix"] for each in said if each["level"] != "ok")
    secret = [
        value for name, value in fault.get("settings", {}).items() if name.endswith(("KEY", "TOKEN", "SK")) and value
    ]
    assert not [value for value in secret if value in json.dumps(said, ensure_ascii=False)]


@pytest.mark.docs
@pytest.mark.parametrize("each", both("docs/doctor"), ids=named)
def test_the_page_lists_them(each: Page) -> None:
    rows = next(table[1:] for table in each.tables if names_in(table[1][0]) == ["settings.misspelt"])
    assert [name for row in rows for name in names_in(row[0])] == list(FAULTS)
