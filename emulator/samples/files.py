"""``python -m emulator.samples.files`` writes the sample events of every interface for both platforms into ``events/``.

They are signed with the development keys, now. Version 2 gives a signature one minute; after that, make them anew.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from emulator.development import KEYS
from emulator.platforms.event_shapes import Event, api_gateway_rest, functiongraph, sqs
from emulator.platforms.shipped import shipped
from emulator.samples.calls import Sample, samples, usage, usage_call
from emulator.samples.sync_calls import sync_samples
from shared.clock import Clock, SystemClock
from shared.http import HttpRequest

DIRECTORY = shipped("events")
SHAPES: dict[str, Callable[[HttpRequest], Event]] = {"aws": api_gateway_rest, "functiongraph": functiongraph}
SCHEDULED: dict[str, Event] = {
    "aws": {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": "2026-11-22T08:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": "{}",
    },
    "functiongraph": {
        "version": "v1.0",
        "time": "2026-11-22T08:00:00Z",
        "trigger_type": "TIMER",
        "trigger_name": "timer",
        "user_event": "",
    },
}


MESSAGE = "059f36b4-87a3-44ab-83d2-661975830a7d"


class Unsigned(NamedTuple):
    """An event that is not the marketplace's: of a timer, of a queue, or a call of the seller's application.

    ``answer`` is what ``functions.<interface>`` makes of it where nothing is stored; of a call, the body.
    """

    platform: str
    name: str
    interface: str
    event: Event
    answer: dict[str, Any]


def unsigned(clock: Clock) -> list[Unsigned]:
    """All of them, made now."""
    made = []
    swept = {"completed": 0, "pending": 0, "undone": 0, "settled": 0}
    for platform, timer in SCHEDULED.items():
        made += [
            Unsigned(platform, "sweep", "sweep", timer, swept),
            Unsigned(platform, "metering", "metering", timer, {"oldest_seconds": 0}),
        ]
    rejected = {"accepted": 0, "duplicates": 0, "rejected": [{"id": "event-1", "reason": "unknown instance"}]}
    call = usage_call(KEYS, clock)
    shard, events = sqs({MESSAGE: '{"shard": 0}'}, "metering"), sqs({MESSAGE: usage(clock)}, "usage")
    failed = {"batchItemFailures": [{"itemIdentifier": MESSAGE}]}
    return [
        *made,
        Unsigned("aws", "metering-sqs", "metering", shard, {"oldest_seconds": 0}),
        Unsigned("aws", "usage-http", "usage", api_gateway_rest(call), rejected),
        Unsigned("aws", "usage-sqs", "usage", events, failed),
        Unsigned("functiongraph", "usage", "usage", functiongraph(call), rejected),
    ]


def signed(clock: Clock) -> list[Sample]:
    """Every call of the marketplace, signed now with the development keys."""
    return [*samples(KEYS, clock), *sync_samples(KEYS, clock)]


def content(answer: Any) -> Any:
    """What a function answered: the body's JSON, or the answer itself where there was no call."""
    return json.loads(answer["body"]) if isinstance(answer, dict) and "body" in answer else answer


def write(directory: Path) -> int:
    """Write ``<platform>/<sample>.json`` below ``directory`` and return how many."""
    clock = SystemClock()
    fresh = signed(clock)
    files: dict[Path, Any] = {}
    for platform, shape in SHAPES.items():
        files |= {Path(platform, f"{sample.name}.json"): shape(sample.request) for sample in fresh}
    files |= {Path(each.platform, f"{each.name}.json"): each.event for each in unsigned(clock)}
    for path, event in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(event, indent=2) + "\n")
    return len(files)


if __name__ == "__main__":
    print(f"{write(DIRECTORY)} events written to {DIRECTORY.name}/")
