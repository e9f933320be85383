"""The data that metering needs of an instance, read from the instance's record."""

from shared.config import Settings
from shared.instance.record import InstanceRecord
from shared.metering.meter import Meter
from shared.provisioning import Charging


def meter_of(record: InstanceRecord, settings: Settings) -> Meter | None:
    """The meter of a pay-per-use instance; ``None`` for one that is sold otherwise or was never started."""
    if record.specification.charging not in (Charging.ON_DEMAND, None) or record.started_at is None:
        return None
    product = {record.specification.product_id, record.specification.sku_code}
    return Meter(
        instance_id=record.instance_id,
        started_at=record.started_at,
        closed_at=record.closed_at,
        stopped_at=record.frozen_at or record.closed_at,
        pauses=record.frozen_times,
        daily=bool(product & settings.daily_products),
        product_id=record.specification.product_id,
    )
