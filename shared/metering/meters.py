"""The data that metering needs of an instance, made of its terms."""

from collections.abc import Collection

from shared.instance.terms import Terms
from shared.metering.meter import Meter
from shared.provisioning import Charging


def meter_of(terms: Terms, daily_products: Collection[str]) -> Meter | None:
    """The meter of a pay-per-use instance; ``None`` for one that is sold otherwise or was never started.

    :param daily_products: product ids and SKU codes of those whose slots are days (``KOOGALLERY_DAILY_PRODUCTS``).
    """
    sold = terms.sold
    if sold.charging not in (Charging.ON_DEMAND, None) or terms.started_at is None:
        return None
    return Meter(
        instance_id=terms.instance_id,
        started_at=terms.started_at,
        closed_at=terms.closed_at,
        stopped_at=terms.frozen_at or terms.closed_at,
        pauses=terms.frozen_times,
        daily=sold.product_id in daily_products or sold.sku_code in daily_products,
        product_id=sold.product_id,
    )
