"""The data that metering needs of an instance, read from the instance's record."""

from collections.abc import Collection

from shared.instance.record import InstanceRecord
from shared.metering.meter import Meter
from shared.provisioning import Charging


def meter_of(record: InstanceRecord, daily_products: Collection[str]) -> Meter | None:
    """The meter of a pay-per-use instance; ``None`` for one that is sold otherwise or was never started.

    :param daily_products: product ids and SKU codes of those whose slots are days (``KOOGALLERY_DAILY_PRODUCTS``).
    """
    if record.specification.charging not in (Charging.ON_DEMAND, None) or record.started_at is None:
        return None
    product = record.specification
    return Meter(
        instance_id=record.instance_id,
        started_at=record.started_at,
        closed_at=record.closed_at,
        stopped_at=record.frozen_at or record.closed_at,
        pauses=record.frozen_times,
        daily=product.product_id in daily_products or product.sku_code in daily_products,
        product_id=product.product_id,
    )
