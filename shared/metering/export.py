"""``koogallery usage export``: events and billing records, as they are stored, one after the other.

The tables are looked at as a whole, page by page, so nothing is kept in memory and nothing is in any particular order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.clock import month_of
from shared.metering.reconciliation.comparison import plain
from shared.metering.records import Record, record_of
from shared.store.paging import whole
from shared.store.table import Item

if TYPE_CHECKING:
    from shared.app import App

COLUMNS = ("kind", "instanceId", "id", "begin", "end", "value", "exact", "package", "productId", "state", "code")
"""Of a row. An event has no ``end``, its ``begin`` is its time; a record's ``id`` is its ``metering_sn``."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which usage: of an instance, of a month in Beijing (``2026-11``), or of both; empty for any."""

    instance_id: str = ""
    month: str = ""

    def has(self, instance_id: str, moment: datetime) -> bool:
        return self.instance_id in ("", instance_id) and self.month in ("", month_of(moment))


def exported(app: "App", wanted: Selection) -> Iterator[Row]:
    """Events first, then records; times in UTC, what is not there is left out."""
    for item in whole(app.tables.table("usage")):
        if "value" in item and wanted.has(_instance_id(item), datetime.fromisoformat(item["time"])):
            yield _filled(kind="event", **_event(item))
    for item in whole(app.tables.table("billing")):
        if "slot" in item and "state" in item:
            record = record_of(item)
            if wanted.has(record.instance_id, record.begin):
                yield _filled(kind="record", **_record(record))


def _event(item: Item) -> dict[str, str | None]:
    return {
        "instanceId": _instance_id(item),
        "id": item["sk"],
        "begin": item["time"],
        "value": item["value"],
        "package": item.get("package"),
    }


def _record(record: Record) -> dict[str, str | None]:
    return {
        "instanceId": record.instance_id,
        "id": record.metering_sn,
        "begin": record.begin.isoformat(),
        "end": record.end.isoformat(),
        "value": plain(record.value),
        "exact": plain(record.exact),
        "package": record.package,
        "productId": record.product_id,
        "state": record.state.value,
        "code": record.code,
    }


def _filled(**members: str | None) -> Row:
    return {name: value for name, value in members.items() if value is not None}


def _instance_id(item: Item) -> str:
    return str(item["pk"]).rpartition("#")[0]
