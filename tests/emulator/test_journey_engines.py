"""The same journey on the stores of platforms and servers, over HTTP on both sides."""

import pytest

from emulator.journey import play
from tests import engines
from tests.emulator.journey_player import journey_player
from tests.postgresql import PostgresServer, database

pytestmark = [pytest.mark.engines, pytest.mark.e2e]


def test_every_step_passes_on_tables_made_at_the_start(monkeypatch):
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with engines.ministack() as url:
        plays_twice({"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": url})


def test_every_step_passes_on_one_table_for_everything(monkeypatch):
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with engines.dynalite() as url:
        endpoint = {"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": url}
        plays_twice({**endpoint, "KOOGALLERY_SINGLE_TABLE": "koogallery"})


def test_every_step_passes_on_postgresql(postgresql_server: PostgresServer):
    with database(postgresql_server) as url:
        plays_twice({"KOOGALLERY_STORE": url})


def plays_twice(environ: dict[str, str]) -> None:
    for _ in range(2):
        with journey_player(environ) as player:
            assert [(row.step, row.verdict) for row in play(player) if not row.passed] == []
