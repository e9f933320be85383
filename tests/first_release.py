"""A store that the code of the first release has filled, with at least one item of every kind it knew.

It was made by that release's own calls, on samples: ``fixtures/first_release.jsonl`` has each item as it was stored,
sealed with the storage key of the tests. It is never made anew.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from shared.store.table import Item, Tables
from tests.fakes import FakeClock

STORED = Path(__file__).parent / "fixtures" / "first_release.jsonl"
WHEN = datetime(2026, 11, 20, 16, 9, 10, tzinfo=UTC)
"""The latest call."""
STATES = {
    "business-1": "ACTIVE",
    "meter-1": "ACTIVE",
    "v1-frozen": "FROZEN",
    "v1-gone": "RELEASED",
    "v1-life": "ACTIVE",
    "v1-lost": "RELEASED",
    "v1-pending": "PENDING",
    "v1-use-mms": "ACTIVE",
    "v1-use-sms": "ACTIVE",
    "v2-frozen": "FROZEN",
    "v2-life": "ACTIVE",
    "v2-pending": "PENDING",
    "v2-thawed": "ACTIVE",
}
"""The instances."""


def clock() -> FakeClock:
    """A minute after it was filled."""
    started = FakeClock(WHEN)
    started.advance(60)
    return started


def stored() -> Iterator[tuple[str, Item]]:
    """Each item, with its table."""
    for line in STORED.read_text("utf-8").splitlines():
        entry = json.loads(line)
        yield entry["table"], entry["item"]


def fill(tables: Tables) -> None:
    """Put it all into an empty store, each item with the version it had."""
    for name, item in stored():
        table = tables.table(name)
        written = table.create({member: value for member, value in item.items() if member != "version"})
        while written["version"] < item["version"]:
            written = table.replace(written)
