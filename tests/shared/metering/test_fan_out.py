"""One message per shard."""

import json
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from emulator.platforms.contexts import LocalLambdaContext
from functions import metering
from shared.errors import ConfigurationError, Unavailable
from shared.metering.fan_out import send
from tests.engines import ENVIRONMENT
from tests.world import World


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@mock_aws
def test_every_shard_gets_a_message() -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="shards")["QueueUrl"]

    send(queue, range(12))

    bodies = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [json.loads(message["Body"]) for message in messages]
    assert sorted(body["shard"] for body in bodies) == list(range(12))


@mock_aws
def test_the_schedule_only_asks_for_runs_where_a_queue_is_set(tmp_path: Path) -> None:
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="shards")["QueueUrl"]
    world = World(tmp_path, {"KOOGALLERY_METERING_QUEUE": queue, "KOOGALLERY_SHARDS": "3"})

    assert metering.handler({}, LocalLambdaContext("metering")) == {"sent": 3}
    assert world.tables.total == 0
    (first, *_) = sqs.receive_message(QueueUrl=queue)["Messages"]
    done = metering.handler({"Records": [{"body": first["Body"]}]}, LocalLambdaContext("metering"))
    assert done == {"oldest_seconds": 0}
    assert world.tables.total > 0


def test_a_queue_that_does_not_take_a_message_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def send_message_batch(self, **_: object) -> dict[str, object]:
            return {"Failed": [{"Id": "0"}]}

    monkeypatch.setattr(boto3, "client", lambda _: Full())
    with pytest.raises(Unavailable):
        send("https://queue.example", range(1))


def test_where_nothing_can_send_to_a_queue_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(ConfigurationError, match="leave KOOGALLERY_METERING_QUEUE empty"):
        send("https://queue.example", range(1))
