"""The life of usage over HTTP: it passes on a right bundle, again and again, and finds the faults of a wrong one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from emulator.journey import JourneyRow
from emulator.journey.usage import CHAPTER, usage
from emulator.marketplace.faults.fault_list import USAGE_FAULTS
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.client import Answer, NoAnswer, Reply, send
from emulator.wire.faults import NOTHING
from emulator.wire.server import Handle
from shared.errors import ConfigurationError
from shared.http import HttpRequest, HttpResponse
from shared.metering.reconciliation.comparison import Day
from shared.openapi.usage_push import NEW, OLD
from tests import engines
from tests.emulator.journey_player import metered_player

pytestmark = pytest.mark.e2e


def environ(folder: Path, **more: str) -> dict[str, str]:
    return {"KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}", **more}


def failed(rows: list[JourneyRow]) -> dict[str, str]:
    """What failed, by step."""
    return {str(row.step): row.failure.check.id for row in rows if row.failure}


def test_every_step_passes_and_passes_again_on_the_same_store(tmp_path):
    for _ in range(2):
        with metered_player(environ(tmp_path)) as (player, metering):
            days = [*usage(player, metering), *usage(player, metering)]
        assert failed(player.rows) == {}
        assert {row.chapter for row in player.rows} == {CHAPTER}
        assert {line.instance_id for line in metering.api.bill()} == {
            row.sent["instanceId"] for row in player.rows if str(row.step) == "the same again"
        }
        assert len(metering.api.bill()) == 10
        assert sum(day.bill or 0 for day in days) == sum(line.usage_value for line in metering.api.bill()) == 236
        assert sum(day.late for day in days) == 4
        assert [each.code for each in metering.api.records.abnormal()] == ["005", "005"]  # the lost answers


@pytest.mark.parametrize(
    "more",
    [
        {"KOOGALLERY_USAGE_API": "old"},
        {"KOOGALLERY_USAGE_AK_SK": "off", "KOOGALLERY_USAGE_KEY": "mine,older", "KOOGALLERY_APP_TOKEN": "another-" * 4},
        {"KOOGALLERY_BASE_PATH": "/", "KOOGALLERY_SHARDS": "1"},
    ],
)
def test_it_passes_with_other_settings(tmp_path, more):
    with metered_player(environ(tmp_path, **more)) as (player, metering):
        usage(player, metering)
    assert failed(player.rows) == {}


@pytest.mark.engines
@pytest.mark.parametrize("engine", [engines.ministack, engines.dynalite])
def test_every_step_passes_on_dynamodb_engines(engine, monkeypatch):
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with (
        engine() as url,
        metered_player({"KOOGALLERY_STORE": "dynamodb", "KOOGALLERY_DYNAMODB_ENDPOINT": url}) as (player, metering),
    ):
        usage(player, metering)
    assert failed(player.rows) == {}


def test_the_clock_is_right_again_whatever_happens(tmp_path):
    def stop(row: JourneyRow) -> None:
        raise InterruptedError

    with metered_player(environ(tmp_path)) as (player, metering):
        before = metering.clock.now()
        player.on_row = stop
        with pytest.raises(InterruptedError):
            usage(player, metering)
        assert metering.clock.now() > before


UPLOADS = {
    "upload": "usage.accepted",
    "upload, throttled once": "usage.accepted",
    "upload, an answer lost": "usage.accepted",
    "upload after the release": "usage.accepted",
}


UNRECONCILED = {"reconciliation": "usage.reconciled"}


def test_a_bundle_that_uploads_nothing_fails_the_uploads_and_the_bill(tmp_path):
    with metered_player(environ(tmp_path)) as (player, metering):
        usage(player, replace(metering, upload=dict))
    assert failed(player.rows) == UPLOADS | {
        "the total it tells": "usage.told",
        "the bill": "usage.billed",
        **UNRECONCILED,
    }
    row = next(row for row in player.rows if str(row.step) == "upload")
    assert row.verdict == "✗ usage.accepted: 0 accepted, 15.7501 used; the run: {}"


def test_a_marketplace_that_refuses_a_record_shows(tmp_path):
    with metered_player(environ(tmp_path)) as (player, metering):

        def refusing() -> Mapping[str, int]:
            metering.api.behaviour = replace(
                metering.api.behaviour, refused={str(player.rows[2].sent["instanceId"]): "006"}
            )
            return upload_once()

        upload_once = metering.upload
        usage(player, replace(metering, upload=refusing))
    assert failed(player.rows) == UPLOADS | {"the bill": "usage.billed", **UNRECONCILED}
    assert "'006'" in player.rows[-2].verdict
    assert '"refused": {"006": "' in player.rows[-1].verdict


def test_a_bill_that_says_more_drifts(tmp_path):
    with metered_player(environ(tmp_path)) as (player, metering):

        def dearer(instance: str, first: date, last: date, bill: str) -> Sequence[Day]:
            return reconcile(instance, first, last, bill.replace(",100,", ",100.5,"))

        reconcile = metering.reconcile
        usage(player, replace(metering, reconcile=dearer))
    assert failed(player.rows) == UNRECONCILED
    assert '"drift": "0.5"' in player.rows[-1].verdict


def test_a_fault_that_nobody_met_fails_its_step(tmp_path):
    """A run that is not throttled has not shown that it survives being throttled."""
    with metered_player(environ(tmp_path)) as (player, metering):

        def unhindered() -> Mapping[str, int]:
            while metering.api.faults.next() != NOTHING:
                pass
            return upload_once()

        upload_once = metering.upload
        usage(player, replace(metering, upload=unhindered))
    assert failed(player.rows) == {
        "upload, throttled once": "usage.accepted",
        "upload, an answer lost": "usage.accepted",
    }
    assert "no call met 406" in next(row.verdict for row in player.rows if row.failure)


def edited(edit: Callable[[dict[str, object]], object]) -> Callable[[Handle], Handle]:
    """A bundle whose intake says something else."""

    def front(handle: Handle) -> Handle:
        def answer(request: HttpRequest) -> HttpResponse:
            response = handle(request)
            if not request.path.endswith("/usage"):
                return response
            members = json.loads(response.body)
            return replace(response, body=json.dumps(edit(members)).encode())

        return answer

    return front


@pytest.mark.parametrize(
    ("edit", "steps"),
    [
        (lambda members: [], {"usage", "the same again", "an id again, other value", "a late event, a new one"}),
        (lambda members: members | {"duplicates": 0}, {"the same again"}),
        (lambda members: members | {"rejected": []}, {"an id again, other value"}),
    ],
)
def test_an_intake_that_counts_wrongly_fails_just_those_steps(tmp_path, edit, steps):
    with metered_player(environ(tmp_path), front=edited(edit)) as (player, metering):
        usage(player, metering)
    found = failed(player.rows)
    assert set(found.values()) == {"usage.taken"}
    assert set(found) - {"usage before the release"} == steps


def test_a_wrong_token_fails_the_intake(tmp_path):
    def front(handle: Handle) -> Handle:
        return lambda request: handle(
            replace(request, headers={**request.headers, "authorization": "Bearer somebody else's"})
        )

    with metered_player(environ(tmp_path), front=front) as (player, metering):
        usage(player, metering)
    row = next(row for row in player.rows if str(row.step) == "usage")
    assert (row.code, row.verdict) == ("401", "✗ usage.taken: no such answer; expected: 3 accepted")
    assert row.request_id


def test_the_console_has_both_usage_apis_and_they_ask_who_calls(tmp_path):
    with metered_player(environ(tmp_path)) as (player, metering):
        url = player.settings.api_urls[0]
        replies = [send(url, HttpRequest("POST", path, body=b"{}")) for path in (NEW, OLD)]
    assert [reply.status for reply in replies if isinstance(reply, Answer)] == [400, 401]
    assert list(metering.api.statuses) == [400, 401]


def test_a_lost_answer_closes_the_connection_and_nothing_else(tmp_path, caplog):
    def asked(url: str) -> Reply:
        return send(url, HttpRequest("POST", NEW, body=b"{}"))

    with metered_player(environ(tmp_path)) as (player, metering):
        metering.api.faults.inject(USAGE_FAULTS["usage-answer-lost"])
        first, second = (asked(player.settings.api_urls[0]) for _ in range(2))
    assert isinstance(first, NoAnswer)
    assert isinstance(second, Answer)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_what_metering_needs_is_said_at_the_start(tmp_path):
    with pytest.raises(ConfigurationError, match="KOOGALLERY_SHARDS"):
        local_app(local_settings(environ(tmp_path, KOOGALLERY_SHARDS="none")))
