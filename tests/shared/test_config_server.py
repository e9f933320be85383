"""What a server needs: everything that is wrong is said at once, and no value is shown."""

import pytest

from shared.config import Settings, of
from shared.config.server import problems
from shared.errors import ConfigurationError

COMPLETE = {
    "KOOGALLERY_KEY": "own-key",
    "KOOGALLERY_STORAGE_KEY": "sixteen-characters-here",
    "KOOGALLERY_PROVISIONER": "demo",
    "KOOGALLERY_STORE": "sqlite:/var/lib/koogallery/store.sqlite",
}


def settings(**values: str) -> Settings:
    return Settings(of({**COMPLETE, **values}), lambda _store, name: name, local=False)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        (
            dict.fromkeys(COMPLETE, ""),
            [
                "set KOOGALLERY_STORE",
                "set KOOGALLERY_STORAGE_KEY",
                "set KOOGALLERY_PROVISIONER",
                "set KOOGALLERY_KEY or KOOGALLERY_ACCESS_KEY, for the version of the protocol you chose",
            ],
        ),
        ({"KOOGALLERY_KEY": "", "KOOGALLERY_ACCESS_KEY": "a"}, ["set KOOGALLERY_AK", "set KOOGALLERY_SK"]),
        (
            {"KOOGALLERY_PROVISIONER": "webhook"},
            ["set KOOGALLERY_WEBHOOK_URL", "set KOOGALLERY_WEBHOOK_SECRET"],
        ),
        (
            {"KOOGALLERY_APP_ID": "app"},
            ["set KOOGALLERY_APP_URL", "set KOOGALLERY_PUBLIC_URL", "set KOOGALLERY_SESSION_KEY"],
        ),
        ({"KOOGALLERY_DYNAMODB_ACCESS_KEY": "user"}, ["set KOOGALLERY_DYNAMODB_SECRET_KEY"]),
        (
            {"KOOGALLERY_STORE": "mysql://secret", "KOOGALLERY_LEASE": "secret", "KOOGALLERY_APP_TOKEN": "secret"},
            [
                "KOOGALLERY_LEASE must be a number of seconds",
                "KOOGALLERY_STORE must be dynamodb, sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
                "KOOGALLERY_APP_TOKEN: each token must have 32 characters or more",
            ],
        ),
        (
            {"KOOGALLERY_KEY": "development-key-of-version-1"},
            ["make keys of your own: the development keys are published (KOOGALLERY_KEY)"],
        ),
    ],
)
def test_all_that_is_wrong(values: dict[str, str], found: list[str]) -> None:
    assert problems(settings(**values)) == found


def test_a_secret_that_cannot_be_read_is_set_and_cannot_be_used() -> None:
    def resolve(store: str, name: str) -> str:
        raise ConfigurationError("a secret cannot be read")

    assert problems(Settings(of({**COMPLETE, "KOOGALLERY_KEY": "csms:key"}), resolve)) == [
        "KOOGALLERY_KEY: a secret cannot be read"
    ]


def test_what_the_server_is_told() -> None:
    told = settings(KOOGALLERY_PROCESSES="3", KOOGALLERY_TRUSTED_PROXIES="10.0.0.0/8,192.0.2.1")

    assert (told.processes, told.threads) == (3, 16)
    assert [str(each) for each in told.trusted_proxies] == ["10.0.0.0/8", "192.0.2.1/32"]


@pytest.mark.parametrize("value", ["nginx", "10.0.0.1/8", "10.0.0.0/33"])
def test_proxies_are_addresses(value: str) -> None:
    assert problems(settings(KOOGALLERY_TRUSTED_PROXIES=value)) == [
        "KOOGALLERY_TRUSTED_PROXIES must be addresses or networks of proxies"
    ]
