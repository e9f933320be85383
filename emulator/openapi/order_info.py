"""An order in the format of the order query (metering and open APIs, section 4)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.openapi.order import Order, OrderLine, Product
from shared.provisioning import Buyer


def order_info(order: Order, lines: list[OrderLine]) -> dict[str, Any]:
    """``orderInfo`` as the documented sample spells it."""
    return {
        "orderId": order.order_id,
        "orderType": order.order_type,
        "createTime": _moment(order.created_at),
        "orderLine": [_line(line) for line in lines],
        "buyerInfo": _buyer(order.buyer),
        "extendParams": _pairs(order.parameters),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    bought = line.specification
    amount = None if line.amount is None else str(line.amount)
    return {
        "orderLineId": line.line_id,
        "chargingMode": bought.charging,
        "periodType": bought.period_type,
        "periodNumber": bought.period_number,
        "expireTime": _moment(line.expires_at),
        "productInfo": [
            {
                "productId": product.product_id,
                "skuCode": product.sku_code,
                "linearValue": product.quantity,
                "productName": product.name,
            }
            for product in line.products or [Product(bought.product_id, bought.sku_code, bought.quantity)]
        ],
        "extendParams": _pairs(bought.parameters),
        "currency": amount,
        "currencyAfterDiscount": amount,
    }


def _buyer(buyer: Buyer) -> dict[str, Any]:
    return {
        "mobilePhone": buyer.mobile_phone,
        "email": buyer.email,
        "customerId": buyer.customer_id,
        "customerName": buyer.customer_name,
        "customerRealName": buyer.customer_name,
        "customerType": 0,
        "userId": buyer.user_id,
        "userName": buyer.user_name,
    }


def _pairs(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in parameters.items()]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
