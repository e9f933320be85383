"""How an instance is sold and when it ran, which is all that metering must know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.instance.record import InstanceRecord
from shared.provisioning import Charging, Specification


class Sold(NamedTuple):
    """As what an instance is sold."""

    charging: Charging | None
    product_id: str | None
    sku_code: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """``started_at``, ``closed_at``, ``frozen_at`` and ``frozen_times`` as in
    :class:`shared.instance.record.InstanceRecord`.
    """

    instance_id: str
    sold: Sold
    started_at: datetime | None
    closed_at: datetime | None
    frozen_at: datetime | None
    frozen_times: tuple[tuple[datetime, datetime], ...]


def sold_as(specification: Specification) -> Sold:
    """What of a specification says so."""
    return Sold(specification.charging, specification.product_id, specification.sku_code)


def terms_of(record: InstanceRecord) -> Terms:
    """The terms of an instance that was read as a whole."""
    sold = sold_as(record.specification)
    times = record.started_at, record.closed_at, record.frozen_at, record.frozen_times
    return Terms(record.instance_id, sold, *times)


def stored_terms(item: Mapping[str, Any], sold: Sold) -> Terms:
    """The terms of an instance that is stored as ``item``."""
    started_at, closed_at, frozen_at = (_moment(item.get(name)) for name in ("started_at", "closed_at", "frozen_at"))
    frozen = item.get("frozen_times", ())
    frozen_times = tuple((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in frozen)
    return Terms(item["pk"], sold, started_at, closed_at, frozen_at, frozen_times)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
