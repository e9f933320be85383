"""One queue message per shard, so that as many runs work side by side as the platform starts (AWS SQS)."""

import json

from shared.errors import ConfigurationError, Unavailable
from shared.store.paging import chunks

AT_ONCE = 10
"""Messages that SQS takes in one call."""


def send(queue_url: str, shards: range) -> None:
    """Ask for a run on each shard.

    :raises ConfigurationError: that is no queue, or nothing here can send to one.
    :raises Unavailable: the queue did not take every message; the ones it took will be worked on, which does no harm.
    """
    if not queue_url.startswith(("https://", "http://")):
        raise ConfigurationError("KOOGALLERY_METERING_QUEUE must be the URL of a queue")
    try:
        import boto3
    except ImportError:  # as on FunctionGraph, which has no such queue
        raise ConfigurationError("leave KOOGALLERY_METERING_QUEUE empty: a queue of SQS needs boto3") from None

    client = boto3.client("sqs")
    for some in chunks(shards, AT_ONCE):
        entries = [{"Id": str(shard), "MessageBody": json.dumps({"shard": shard})} for shard in some]
        if client.send_message_batch(QueueUrl=queue_url, Entries=entries).get("Failed"):
            raise Unavailable("the metering queue did not take every message")
