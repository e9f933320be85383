"""The same journey on DynamoDB engines: the stack that runs on a platform, over HTTP on both sides."""

import pytest

from emulator.journey import play
from tests import engines
from tests.emulator.journey_player import journey_player

pytestmark = [pytest.mark.engines, pytest.mark.e2e]


@pytest.mark.parametrize("engine", [engines.ministack, engines.dynalite])
def test_every_step_passes_on_tables_made_at_the_start(engine, monkeypatch):
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with engine() as url:
        environ = {"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": url}
        for _ in range(2):
            with journey_player(environ) as player:
                assert [(row.step, row.verdict) for row in play(player) if not row.passed] == []
