"""Keys are made once, kept for ever, and each secret has what its group needs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.session import Session
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from emulator.deployment.aws import keys
from shared.config import Settings, of
from shared.config.values import Lookup
from tests import engines

NOBODY = ""


def nobody(setting: str) -> str:
    return NOBODY


def test_what_nobody_gives_is_made_and_is_good_for_a_platform() -> None:
    values = keys.settled({}, {}, nobody)
    lookup: Lookup = of({keys.setting(name): value for name, value in values.items()})
    settings = Settings(lookup, lambda store, name: name, local=False)

    assert settings.storage_key == (values["storage_key"],)
    assert settings.app_tokens == (values["app_token"],)
    assert settings.webhook_secrets[0].startswith("whsec_")
    assert getattr(load_pem_private_key(settings.rsa_private_key.encode(), None), "key_size", 0) == 3072
    assert getattr(load_pem_private_key(settings.session_key.encode(), None), "key_size", 0) == 256
    assert keys.missing(values) == list(keys.GIVEN)


def test_what_is_given_wins_over_what_is_known_and_that_over_what_would_be_made_or_asked() -> None:
    known = keys.settled({}, {"key": "old", "ak": "old"}, nobody)
    asked: list[str] = []

    def ask(setting: str) -> str:
        asked.append(setting)
        return f"asked {setting}"

    values = keys.settled(known, {"key": "new"}, ask)

    assert (values["key"], values["ak"], values["sk"]) == ("new", "old", "asked KOOGALLERY_SK")
    assert not {"KOOGALLERY_KEY", "KOOGALLERY_AK"} & set(asked)
    assert {name: values[name] for name in keys.MADE} == {name: known[name] for name in keys.MADE}


def test_every_key_has_a_setting_and_every_group_a_key() -> None:
    assert set(keys.GIVEN) | set(keys.MADE) == {name for names in keys.GROUPS.values() for name in names}


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with engines.moto_endpoint() as url:
        yield Session().client("secretsmanager", endpoint_url=url)


@pytest.mark.engines
def test_secrets_come_back_as_they_were_and_each_group_has_its_own(manager: Any) -> None:
    values = keys.settled({}, {"key": "the-key"}, nobody)
    keys.write(manager, "koogallery", values, set())
    assert keys.read(manager, "koogallery") == (values, set(keys.GROUPS))
    assert keys.read(manager, "another") == ({}, set())

    keys.write(manager, "koogallery", values | {"key": "a-new-key"}, set(keys.GROUPS))
    for group, names in keys.GROUPS.items():
        stored = json.loads(manager.get_secret_value(SecretId=f"koogallery/{group}")["SecretString"])
        assert stored == {name: (values | {"key": "a-new-key"})[name] for name in names}
