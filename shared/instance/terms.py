"""How an instance is sold and when it ran, which is all that metering must know of it.

As what it is sold is in its specification, which is sealed. It stands beside that in the clear as well, since every
usage event asks for it. It names the end of what was sealed: an earlier release, which leaves it as it was, may have
stored another specification since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.instance.record import InstanceRecord
from shared.provisioning import Charging, Specification

SOLD = "sold"
"""The member of a stored instance."""
_OF, _END = "of", 16


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


def with_sold(item: Mapping[str, Any], sold: Sold) -> dict[str, Any]:
    """An instance as it is to be stored, with as what it is sold in the clear."""
    told = {name: value for name, value in sold._asdict().items() if value is not None}
    return {**item, SOLD: told | {_OF: item["specification"][-_END:]}}


def stored_sold(item: Mapping[str, Any]) -> Sold | None:
    """As what a stored instance says in the clear that it is sold; ``None`` if it does not, or no longer."""
    told, sealed = item.get(SOLD), item.get("specification")
    if told is None or sealed is None or told[_OF] != sealed[-_END:]:
        return None
    charging = told.get("charging")
    return Sold(Charging(charging) if charging else None, told.get("product_id"), told.get("sku_code"))


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
