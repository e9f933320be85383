"""From a setting to a provisioner."""

from pathlib import Path

import pytest

from shared.config import Settings, of
from shared.errors import ConfigurationError
from shared.provisioning import OrderFollower
from shared.provisioning.demo import DemoProvisioner
from shared.provisioning.load import load
from shared.provisioning.webhook import WebhookProvisioner
from tests.fakes import FakeClock
from tests.shared.provisioning import sellers

SELLERS = "tests.shared.provisioning.sellers"
WEBHOOK = {
    "KOOGALLERY_WEBHOOK_URL": "https://backend.example.com/hook",
    "KOOGALLERY_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def loaded(spec: str, **settings: str) -> object:
    return load(spec, Settings(of(settings), lambda _store, name: name), FakeClock())


def test_class_is_called() -> None:
    assert type(loaded(f"{SELLERS}:Plain")) is sellers.Plain


def test_class_may_read_settings() -> None:
    provisioner = loaded(f"{SELLERS}:FromSettings", REGION="north")
    assert isinstance(provisioner, sellers.FromSettings)
    assert provisioner.region == "north"


def test_instance_is_used_as_it_is() -> None:
    assert loaded(f"{SELLERS}:ready") is sellers.ready
    assert loaded(f"{SELLERS}:Space.inside") is sellers.Space.inside


@pytest.mark.parametrize("kind", [sellers.Loose, sellers.WrittenInC])
def test_only_how_it_is_called_matters(kind: type) -> None:
    assert isinstance(loaded(f"{SELLERS}:{kind.__name__}"), kind)


def test_missing_methods_are_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(f"{SELLERS}:Half")
    text = str(caught.value)
    assert "lacks describe, renew, change, can_change, freeze, unfreeze, release, usage" in text
    assert "KOOGALLERY_PROVISIONER" in text


def test_methods_with_other_parameters_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"other parameters .* in renew, freeze, release$"):
        loaded(f"{SELLERS}:Narrow")


@pytest.mark.parametrize("spec", ["", "plain", ":Plain", f"{SELLERS}:", SELLERS])
def test_setting_of_another_form(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="must be webhook, demo or module:attribute"):
        loaded(spec)


@pytest.mark.parametrize("spec", ["no_such_module_here:x", f"{SELLERS}.deeper:x", f"{SELLERS}:Nothing", "json:loads.x"])
def test_setting_that_leads_nowhere(spec: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(spec)
    assert spec.partition(":")[0] not in str(caught.value)


def test_function_is_no_provisioner() -> None:
    with pytest.raises(ConfigurationError, match="lacks create"):
        loaded("json:loads")


def test_import_error_inside_the_module_is_kept_as_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seller_with_a_missing_library.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError) as caught:
        loaded("seller_with_a_missing_library:x")
    assert "no_such_library" in str(caught.value.__cause__)


def test_demo() -> None:
    assert isinstance(loaded("demo"), DemoProvisioner)


def test_webhook() -> None:
    provisioner = loaded("webhook", **WEBHOOK)
    assert isinstance(provisioner, WebhookProvisioner)
    assert isinstance(provisioner, OrderFollower)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOOGALLERY_WEBHOOK_URL", ""),
        ("KOOGALLERY_WEBHOOK_URL", "backend.example.com"),
        ("KOOGALLERY_WEBHOOK_URL", "http://backend.example.com"),
        ("KOOGALLERY_WEBHOOK_URL", "http://127.0.0.1:8000"),
        ("KOOGALLERY_WEBHOOK_URL", "https://user:pass@backend.example.com"),
        ("KOOGALLERY_WEBHOOK_SECRET", ""),
        ("KOOGALLERY_WEBHOOK_SECRET", " , "),
        ("KOOGALLERY_WEBHOOK_SECRET", "whsec_dG9vIHNob3J0"),
        ("KOOGALLERY_WEBHOOK_SECRET", WEBHOOK["KOOGALLERY_WEBHOOK_SECRET"] + ",not base64!"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "soon"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "0"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "-1"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "61"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "nan"),
        ("KOOGALLERY_WEBHOOK_ALLOW_PRIVATE", "perhaps"),
    ],
)
def test_unusable_webhook_settings(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded("webhook", **WEBHOOK | {name: value})
    assert len(value) < 5 or value not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KOOGALLERY_WEBHOOK_TIMEOUT", "2.5"),
        ("KOOGALLERY_WEBHOOK_TIMEOUT", ""),
        ("KOOGALLERY_WEBHOOK_ALLOW_PRIVATE", "off"),
        (
            "KOOGALLERY_WEBHOOK_SECRET",
            f"{WEBHOOK['KOOGALLERY_WEBHOOK_SECRET']}, {WEBHOOK['KOOGALLERY_WEBHOOK_SECRET']}",
        ),
    ],
)
def test_usable_webhook_settings(name: str, value: str) -> None:
    assert loaded("webhook", **WEBHOOK | {name: value})


def test_webhook_on_this_machine() -> None:
    here = {"KOOGALLERY_WEBHOOK_URL": "http://127.0.0.1:8000", "KOOGALLERY_WEBHOOK_ALLOW_PRIVATE": "on"}
    assert loaded("webhook", **WEBHOOK | here)
