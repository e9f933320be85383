"""The store's checks against real engines."""

import base64
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.doctor.patient import Patient
from emulator.doctor.store.reach import link
from emulator.doctor.store.writes import writes
from shared.app import App
from shared.clock import SystemClock
from shared.config import Settings, of
from shared.secrets import resolver
from shared.store.dynamodb import administration, ensure_tables
from shared.store.table import Item, Tables
from tests import engines
from tests.emulator.doctor.sound import bad, findings, sound
from tests.postgresql import PostgresServer, database
from tests.world import World

USER, PASSWORD = (engines.ENVIRONMENT[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))


@pytest.fixture(scope="module")
def ministack() -> Iterator[str]:
    with engines.ministack() as endpoint:
        yield endpoint


@pytest.fixture
def dynamodb(ministack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of a service that knows no table of this prefix."""
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    own = {"DYNAMODB_ENDPOINT": ministack, "DYNAMODB_ACCESS_KEY": USER, "DYNAMODB_SECRET_KEY": PASSWORD}
    return sound(tmp_path, STORE="dynamodb", TABLE_PREFIX=f"doctor-{uuid.uuid4().hex[:8]}-", **own)


def bought(environ: dict[str, str], folder: Path) -> None:
    """Somebody buys, so that something sealed is stored."""
    clock = SystemClock()
    settings = Settings(of(environ), resolver(of(environ)))
    World(folder, {"KOOGALLERY_STORAGE_KEY": environ["KOOGALLERY_STORAGE_KEY"]}, clock, App(settings).tables).buy()


def other_key(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"KOOGALLERY_STORAGE_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}


def test_tables_that_nobody_has_made(dynamodb: dict[str, str]) -> None:
    assert {"store.table", "store.write"} <= bad(findings("store", dynamodb))


def test_what_has_expired_must_be_removed(dynamodb: dict[str, str], tmp_path: Path) -> None:
    client, prefix = administration(dynamodb["KOOGALLERY_DYNAMODB_ENDPOINT"]), dynamodb["KOOGALLERY_TABLE_PREFIX"]
    ensure_tables(client, prefix)
    bought(dynamodb, tmp_path)
    found = findings("store", dynamodb)
    assert bad(found) == {"timers.unseen"}
    assert {"store.reached", "store.conditions", "store.expires", "store.opened"} <= {each.check for each in found}
    off = {"AttributeName": "expires", "Enabled": False}
    client.update_time_to_live(TableName=f"{prefix}sessions", TimeToLiveSpecification=off)
    assert bad(findings("store", dynamodb)) == {"timers.unseen", "store.ttl"}
    assert bad(findings("store", other_key(dynamodb))) == {"timers.unseen", "store.ttl", "store.sealed"}


def test_postgresql(postgresql_server: PostgresServer, tmp_path: Path) -> None:
    with database(postgresql_server) as url:
        environ = sound(tmp_path, STORE=url)
        bought(environ, tmp_path)
        found = findings("store", environ)
        assert bad(found) == {"timers.unseen"}
        assert {"store.reached", "store.conditions", "store.opened"} <= {each.check for each in found}
        assert bad(findings("store", other_key(environ))) == {"timers.unseen", "store.sealed"}
        wrong = environ | {"KOOGALLERY_STORE": url.replace(":koogallery@", ":another@")}
        assert bad(findings("store", wrong)) == {"store.reach"}


def test_the_way_to_a_database_elsewhere_must_be_verified() -> None:
    assert [each.check for each in link("postgresql://a:b@db.example.com/c?sslmode=require")] == ["store.link"]
    assert not list(link("postgresql://a:b@db.example.com/c?sslmode=verify-full"))


class Lenient:
    """Carries out each write whatever its condition."""

    remote = False

    def __init__(self, inner: Tables) -> None:
        self._inner = inner

    def table(self, name: str) -> Any:
        table = self._inner.table(name)

        def put(item: Item) -> Item:
            table.put_many([item])
            return item

        return SimpleNamespace(get=table.get, delete=table.delete, create=put, replace=put)


def test_a_store_that_ignores_conditions_is_found(tmp_path: Path) -> None:
    patient = Patient(sound(tmp_path))
    assert {each.check for each in writes(patient)} == {"store.conditions"}
    patient.__dict__["app"] = App(patient.settings, tables=Lenient(patient.app.tables))
    assert {each.check for each in writes(patient)} == {"store.unconditional"}
