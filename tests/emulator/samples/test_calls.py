"""The sample events in ``events/``: one for each sample, and each is answered as it should be."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from emulator.development import KEYS, rsa_key
from emulator.packaging.sam_local import check
from emulator.platforms.contexts import LocalFunctionGraphContext, LocalLambdaContext
from emulator.samples.calls import Sample
from emulator.samples.files import DIRECTORY, Unsigned, content, signed, unsigned, write
from functions import gateway
from shared import app as composition
from shared.app import App
from shared.clock import SystemClock
from shared.config import Settings, of
from shared.store.sqlite.table import SqliteTables
from tests.fakes import FakeClock

SAMPLES = {sample.name: sample for sample in signed(SystemClock())}
UNSIGNED = unsigned(SystemClock())
CONTEXTS = {"aws": LocalLambdaContext, "functiongraph": LocalFunctionGraphContext}


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[FakeClock]:
    """The clock of a bundle with the development settings."""
    clock = FakeClock()
    values = {**KEYS, "KOOGALLERY_PROVISIONER": "demo", "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key()}
    settings = Settings(of(values), lambda store, name: name)
    composition.install(App(settings, clock=clock, tables=SqliteTables(str(tmp_path / "store.sqlite"), clock)))
    yield clock
    composition.install(None)


def sample_event(platform: str, name: str) -> dict[str, Any]:
    """A committed event."""
    event: dict[str, Any] = json.loads((DIRECTORY / platform / f"{name}.json").read_text())
    return event


def signed_at(event: dict[str, Any]) -> datetime:
    """When the event was signed: ``timestamp`` of version 2, ``timeStamp`` of version 1."""
    headers = {name.lower(): value for name, value in (event["headers"] or {}).items()}
    if "x-timestamp" in headers:
        return datetime.fromtimestamp(int(headers["x-timestamp"]) / 1000, UTC)
    query = event["queryStringParameters"] or {"timeStamp": "20261122080000000"}
    if "timestamp" in query:
        return datetime.fromtimestamp(int(query["timestamp"]) / 1000, UTC)
    return datetime.strptime(query["timeStamp"][:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def test_the_committed_events_are_those_that_are_made(tmp_path: Path) -> None:
    write(tmp_path)

    made, committed = ({path.relative_to(root) for path in root.rglob("*.json")} for root in (tmp_path, DIRECTORY))
    assert made == committed


@pytest.mark.parametrize("platform", CONTEXTS)
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_each_committed_event_is_answered(clock: FakeClock, sample: Sample, platform: str) -> None:
    event = sample_event(platform, sample.name)
    clock.set(signed_at(event))

    answer = gateway.handler(event, CONTEXTS[platform]())

    if answer["isBase64Encoded"]:
        answer["body"] = b64decode(answer["body"]).decode()
    assert check(answer, sample.key) == ("000000", "")


@pytest.mark.parametrize("sample", UNSIGNED, ids=[f"{each.platform}-{each.name}" for each in UNSIGNED])
def test_each_committed_event_of_others_is_answered(clock: FakeClock, sample: Unsigned) -> None:
    event = sample_event(sample.platform, sample.name)
    handler = import_module(f"functions.{sample.interface}").handler

    assert event.keys() == sample.event.keys()
    assert content(handler(event, CONTEXTS[sample.platform](sample.interface))) == sample.answer


def test_a_wrong_answer_is_noticed() -> None:
    refused = {"statusCode": 200, "headers": {}, "body": '{"resultCode":"000001"}', "isBase64Encoded": False}

    assert check(refused, "key") == ("000001", "Body-Sign: missing")
    with pytest.raises(ValueError, match="statusCode 200 expected"):
        check({"errorMessage": "handler not found"}, "key")
