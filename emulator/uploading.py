"""The scheduled upload, run in this process as its platform would run it."""

from collections import Counter
from collections.abc import Mapping

from emulator.contexts import LambdaContext
from shared.app import App, install

SECONDS = 60.0
"""Time a run is given."""


def upload(app: App) -> Mapping[str, int]:
    """One run over each shard, one after the other; what became of the records."""
    from functions.metering import handler

    counts: Counter[str] = Counter()
    install(app)
    try:
        for shard in range(app.settings.shards):
            counts.update(handler({"shard": shard}, LambdaContext("metering", seconds=SECONDS)))
    finally:
        install(None)
    return counts
