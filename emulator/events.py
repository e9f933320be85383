"""``python -m emulator.events`` writes the sample events of every interface for both platforms into ``events/``.

They are signed with the development keys, now. Version 2 gives a signature one minute; after that, make them anew.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.development import KEYS
from emulator.event_shapes import Event, api_gateway_rest, functiongraph
from emulator.samples import samples
from shared.clock import SystemClock
from shared.http import HttpRequest

DIRECTORY = Path(__file__).resolve().parent.parent / "events"
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
        "trigger_name": "sweep",
        "user_event": "",
    },
}


def write(directory: Path) -> int:
    """Write ``<platform>/<sample>.json`` below ``directory`` and return how many."""
    fresh = samples(KEYS, SystemClock())
    files: dict[Path, Any] = {}
    for platform, shape in SHAPES.items():
        files |= {Path(platform, f"{sample.name}.json"): shape(sample.request) for sample in fresh}
        files[Path(platform, "sweep.json")] = SCHEDULED[platform]
    for path, event in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(event, indent=2) + "\n")
    return len(files)


if __name__ == "__main__":
    print(f"{write(DIRECTORY)} events written to {DIRECTORY.name}/")
