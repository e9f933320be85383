"""The development keys let everybody in, so they open nothing but a laptop."""

import pytest

from emulator.development import defaults, rsa_key, session_key
from emulator.seller.local_bundle import local_app, local_settings
from shared.app import bootstrap, install
from shared.config import Settings, of
from shared.development_keys import KEYS, PRIVATE_KEYS, published, published_names
from shared.errors import ConfigurationError

DEVELOPMENT = {**KEYS, "KOOGALLERY_SESSION_KEY": session_key(), "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}


def test_every_key_that_has_a_development_value_is_known():
    assert sorted(DEVELOPMENT) == sorted((*KEYS, *PRIVATE_KEYS))
    assert [name for name, value in DEVELOPMENT.items() if not published(value)] == []
    assert published_names(of(DEVELOPMENT)) == [*KEYS, *PRIVATE_KEYS]
    assert not published("a key of my own")


@pytest.mark.parametrize("name", DEVELOPMENT)
def test_a_platform_refuses_it_at_the_start_and_names_it(name):
    install(None)
    with pytest.raises(ConfigurationError, match=rf"published \({name}\)"):
        bootstrap(of({name: DEVELOPMENT[name]}))


@pytest.mark.parametrize(
    "value",
    [
        f"newer,{KEYS['KOOGALLERY_KEY']}",
        rsa_key().replace("\n", "\\n"),
        f"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n{rsa_key()}",
    ],
    ids=["list", "escaped", "several"],
)
def test_nor_does_it_pass_among_others(value):
    assert published(value)


def test_it_is_refused_behind_a_reference_too():
    settings = Settings(of({"KOOGALLERY_SK": "ssm:sk"}), lambda _store, _name: KEYS["KOOGALLERY_SK"], local=False)
    with pytest.raises(ConfigurationError, match="KOOGALLERY_SK"):
        settings.required("KOOGALLERY_SK")


def test_sam_on_a_laptop_may_use_it():
    install(None)
    app = bootstrap(of({**KEYS, "AWS_SAM_LOCAL": "true"}))
    assert app.settings.key == (KEYS["KOOGALLERY_KEY"],)
    install(None)


@pytest.mark.parametrize("url", ["https://shop.example.com", "http://192.168.1.5:8000"])
def test_a_local_target_refuses_it_behind_an_address_that_others_reach(url, tmp_path):
    store = f"sqlite:{tmp_path / 'store.sqlite'}"
    local = local_settings({"KOOGALLERY_PUBLIC_URL": url, "KOOGALLERY_STORE": store})
    with pytest.raises(ConfigurationError, match=r"KOOGALLERY_PUBLIC_URL .*KOOGALLERY_KEY, "):
        local_app(local)
    local_app(local_settings({**defaults({}), "KOOGALLERY_STORE": store}))
