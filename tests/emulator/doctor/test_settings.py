"""The groups that look at the settings by themselves."""

import json
from pathlib import Path

import pytest

from emulator.development import session_key
from emulator.doctor.diagnosis import Severity
from emulator.doctor.settings.names import known_names
from emulator.wire.client_secret import public_half
from tests.emulator.doctor.rsa import pem
from tests.emulator.doctor.sound import bad, findings, sound
from tests.pages import names_in, page
from tests.test_settings_doc import SETTING

SAME = "one-key-for-everything-there-is-to-sign"

FAULTS = [
    ("settings.misspelt", {"ACESS_KEY": "x"}),
    ("settings.unknown", {"SOMETHING_ELSE": "x"}),
    ("settings.quotes", {"KEY": '"a-key-in-quotation-marks"'}),
    ("settings.alone", {"SETTINGS": json.dumps({"KOOGALLERY_CSMS_URL": "https://csms.example.com"})}),
    ("settings.misspelt", {"SETTINGS": json.dumps({"KOOGALLERY_STORAGE_KEYS": "x"})}),
    ("settings.value", {"SHARDS": "many"}),
    ("settings.value", {"SETTINGS": "{"}),
    ("settings.value", {"APP_TOKEN": "short"}),
    ("settings.value", {"STORE": "mysql://somewhere"}),
    ("settings.development", {"KEY": "development-key-of-version-1"}),
    ("settings.development", {"SESSION_KEY": session_key()}),
    ("settings.clock-offset", {"CLOCK_OFFSET": "60"}),
    ("settings.no-version", {"KEY": "", "ACCESS_KEY": ""}),
    ("settings.missing", {"STORAGE_KEY": ""}),
    ("settings.half", {"SK": ""}),
    ("settings.half", {"PROVISIONER": "webhook"}),
    ("settings.half", {"APP_ID": "app"}),
    ("settings.idle", {"WEBHOOK_URL": "https://backend.example.com"}),
    ("settings.idle", {"CAS": "on"}),
    ("settings.deadline", {"DEADLINE": "30"}),
    ("settings.slow", {"DEADLINE": "8"}),
    ("settings.give-up", {"GIVE_UP": "600"}),
    ("settings.window", {"V1_WINDOW": "60"}),
    ("settings.lease", {"PROVISIONER": "webhook", "LEASE": "10", "WEBHOOK_TIMEOUT": "20"}),
    ("settings.demo", {"PROVISIONER": "demo"}),
    ("settings.api-local", {"API_URLS": "http://127.0.0.1:1"}),
    ("settings.public-path", {"PUBLIC_URL": "https://api.example.com/saas"}),
    (
        "settings.sites",
        {"APP_ID": "app", "PUBLIC_URL": "https://api.example.com", "APP_URL": "https://app.example.org"},
    ),
]

KEY_FAULTS = [
    ("keys.placeholder", {"KEY": "<key of version 1>"}),
    ("keys.short", {"ACCESS_KEY": "cut-off"}),
    ("keys.twice", {"KEY": f"{SAME},{SAME}"}),
    ("keys.swapped", {"AK": "a-secret-key-of-forty-characters-or-so-it-is", "SK": "ABCDEFGHIJ0123456789"}),
    ("keys.ak", {"AK": "not-an-ak"}),
    ("keys.storage", {"STORAGE_KEY": "0-few-chars-0"}),
    ("keys.passphrase", {"STORAGE_KEY": "a-pass-phrase-of-few"}),
    ("keys.webhook", {"WEBHOOK_SECRET": "whsec_c2hvcnQ="}),
    ("keys.equal", {"STORAGE_KEY": SAME, "APP_TOKEN": SAME}),
    ("keys.equal", {"KEY": SAME, "ACCESS_KEY": SAME}),
    ("keys.rsa", {"RSA_PRIVATE_KEY": pem(2048)}),
    ("keys.session", {"SESSION_KEY": pem(2048)}),
]


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    environ = sound(tmp_path)
    assert bad(findings("settings", environ)) <= {"settings.temporary"}  # the test's own folder
    assert bad(findings("keys", environ)) == set()


@pytest.mark.parametrize(("check", "change"), FAULTS)
def test_a_fault_of_the_settings_is_found(tmp_path: Path, check: str, change: dict[str, str]) -> None:
    assert check in bad(findings("settings", sound(tmp_path, **change)))


@pytest.mark.parametrize(("check", "change"), KEY_FAULTS)
def test_a_fault_of_a_key_is_found(tmp_path: Path, check: str, change: dict[str, str]) -> None:
    found = findings("keys", sound(tmp_path, **change))
    assert check in bad(found)
    shown = json.dumps([each.document(language) for each in found for language in ("en", "zh")])
    assert not [value for value in change.values() if value and value in shown]


def test_the_public_half_is_compared_with_what_was_pasted(tmp_path: Path) -> None:
    own, other = pem(3072), pem(3073)
    environ = sound(tmp_path, RSA_PRIVATE_KEY=own)
    assert bad(findings("keys", environ, public_key=public_half(own))) == set()
    assert bad(findings("keys", environ, public_key=public_half(other))) == {"keys.rsa-other"}
    assert bad(findings("keys", environ, public_key="no key")) == {"keys.rsa-public-unreadable"}
    assert bad(findings("keys", sound(tmp_path), public_key=public_half(own))) == {"keys.no-rsa"}


def test_what_does_for_a_trial_is_an_error_behind_a_public_address(tmp_path: Path) -> None:
    here = sound(tmp_path, PROVISIONER="demo", PUBLIC_URL="http://127.0.0.1:8000")
    public = here | {"KOOGALLERY_PUBLIC_URL": "https://api.example.com"}
    levels = [
        each.level for environ in (here, public) for each in findings("settings", environ) if "demo" in each.check
    ]
    assert levels == [Severity.WARNING, Severity.ERROR]


def test_every_setting_on_the_page_is_known() -> None:
    cells = [row[0] for table in page("docs/settings.md").tables for row in table]
    assert {name for cell in cells for name in names_in(cell) if SETTING.fullmatch(name)} == known_names()
