"""Reading an order: the documented sample, and everything that may be odd about it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.openapi.order import OrderNotFound, Product, read_order
from shared.provisioning import Buyer, Charging, OrderType

# Shape and kinds of values of the captured answer to MOCKPERIODYEARNEW (metering and open APIs, section 4).
SAMPLE = """
{"orderId":"MOCKPERIODYEARNEW","orderType":"NEW","createTime":"20241121090846",
 "orderLine":[{"orderLineId":"MOCKPERIODYEARNEW-000001","chargingMode":"PERIOD","periodType":"year","periodNumber":1,
   "expireTime":"20251121235959",
   "productInfo":[{"productId":"OFFI1","skuCode":"d0abcd12","linearValue":50,"productName":"Sample"}],
   "extendParams":[{"name":"emailDomainName","value":"mail.example.com"},{"name":"ip","value":"192.0.2.1"}],
   "currency":"100","currencyAfterDiscount":"99.50"}],
 "buyerInfo":{"mobilePhone":"13800000000","email":null,"customerId":"68cbc86a","customerName":"buyer",
   "customerRealName":"Buyer","customerType":0,"userId":null,"userName":null},
 "extendParams":[]}
"""


def sample(**changes: Any) -> dict[str, Any]:
    """The sample's order with other members."""
    return dict(json.loads(SAMPLE), **changes)


def with_line(**changes: Any) -> dict[str, Any]:
    """The sample's order with other members in its line."""
    order = sample()
    order["orderLine"][0] |= changes
    return order


def test_sample() -> None:
    order = read_order(sample())
    assert (order.order_id, order.order_type) == ("MOCKPERIODYEARNEW", OrderType.NEW)
    assert order.created_at == datetime(2024, 11, 21, 9, 8, 46, tzinfo=UTC)
    assert order.buyer == Buyer("68cbc86a", "buyer", mobile_phone="13800000000")
    line = order.line("MOCKPERIODYEARNEW-000001")
    assert line.expires_at == datetime(2025, 11, 21, 23, 59, 59, tzinfo=UTC)
    assert line.products == (Product("OFFI1", "d0abcd12", 50, "Sample"),)
    assert line.amount == Decimal("99.50")
    bought = line.specification
    assert (bought.product_id, bought.sku_code, bought.quantity) == ("OFFI1", "d0abcd12", 50)
    assert (bought.charging, bought.period_type, bought.period_number) == (Charging.PERIOD, "year", 1)
    assert bought.parameters == {"emailDomainName": "mail.example.com", "ip": "192.0.2.1"}


def test_personal_data_stays_out_of_repr() -> None:
    shown = repr(read_order(sample()))
    assert "13800000000" not in shown
    assert "mail.example.com" not in shown


@pytest.mark.parametrize("kind", list(OrderType))
def test_every_order_type(kind: OrderType) -> None:
    assert read_order(sample(orderType=kind.value)).order_type is kind


@pytest.mark.parametrize("mode", list(Charging))
def test_every_charging_mode(mode: Charging) -> None:
    assert read_order(with_line(chargingMode=mode.value)).line(None).specification.charging is mode


def test_what_is_newer_than_this_program() -> None:
    order = read_order(with_line(chargingMode="BY_MOONLIGHT", lunar=True) | {"orderType": "GIFT", "new": {"a": [1]}})
    assert order.order_type is None
    assert order.line(None).specification.charging is None
    assert order.line(None).specification.product_id == "OFFI1"


@pytest.mark.parametrize("missing", [{"buyerInfo": None}, {"buyerInfo": "x"}, {"buyerInfo": []}, {"buyerInfo": {}}])
def test_buyer_may_be_missing(missing: dict[str, Any]) -> None:
    assert read_order(sample(**missing)).buyer == Buyer("")


def test_everything_may_be_missing() -> None:
    order = read_order({})
    assert (order.order_id, order.order_type, order.created_at, order.lines) == ("", None, None, ())


def test_everything_may_be_null() -> None:
    order = read_order(with_line(**dict.fromkeys(sample()["orderLine"][0])) | dict.fromkeys(("createTime",)))
    line = order.line(None)
    assert (line.line_id, line.expires_at, line.amount, line.products) == ("", None, None, ())


def test_product_may_be_an_object() -> None:
    line = read_order(with_line(productInfo={"productId": "P", "linearValue": "7"})).line(None)
    assert line.products == (Product("P", None, 7, None),)
    assert line.specification.quantity == 7


def test_first_of_several_products_is_the_specification() -> None:
    line = read_order(with_line(productInfo=[{"productId": "SMS"}, {"productId": "MMS"}])).line(None)
    assert [product.product_id for product in line.products] == ["SMS", "MMS"]
    assert line.specification.product_id == "SMS"


def test_single_line_may_be_an_object() -> None:
    assert read_order(sample(orderLine={"orderLineId": "1"})).line("1").line_id == "1"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (3, 3),
        ("3", 3),
        (" 3 ", 3),
        (Decimal("3.0"), 3),
        ("3.5", None),
        ("three", None),
        ("", None),
        (True, None),
        ("1e400", None),
        ("Infinity", None),
        ("NaN", None),
        ([3], None),
        (-1, -1),
    ],
)
def test_numbers(sent: Any, read: int | None) -> None:
    assert read_order(with_line(periodNumber=sent)).line(None).specification.period_number == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("20230726155959", datetime(2023, 7, 26, 15, 59, 59, tzinfo=UTC)),
        (20230726155959, datetime(2023, 7, 26, 15, 59, 59, tzinfo=UTC)),
        ("20221124023618256", datetime(2022, 11, 24, 2, 36, 18, 256000, tzinfo=UTC)),
        ("20231332000000", None),
        ("2023-07-26 15:59:59", None),
        ("2023072615595", None),
        ("２０２３０７２６１５５９５９", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(sent: Any, read: datetime | None) -> None:
    assert read_order(with_line(expireTime=sent)).line(None).expires_at == read


def test_parameters_of_the_line_go_before_those_of_the_order() -> None:
    order = read_order(
        with_line(extendParams=[{"name": "a", "value": "line"}, {"name": "n", "value": 5}])
        | {"extendParams": [{"name": "a", "value": "order"}, {"name": "b", "value": None}, {"value": "nameless"}, None]}
    )
    assert order.parameters == {"a": "order", "b": ""}
    assert order.line(None).specification.parameters == {"a": "line", "b": "", "n": "5"}


def test_lines_by_id() -> None:
    order = read_order(sample(orderLine=[{"orderLineId": "1"}, {"orderLineId": "2"}]))
    assert order.line("2").line_id == "2"
    assert order.line(None).line_id == "1"
    with pytest.raises(OrderNotFound):
        order.line("3")


@pytest.mark.parametrize("amount", ["1E+999999999", "1E-999999999", "-1e99", "Infinity", Decimal("1E+999999999")])
def test_amount_that_nobody_pays(amount: Any) -> None:
    assert read_order(with_line(currencyAfterDiscount=amount)).lines[0].amount is None


def test_text_that_nothing_can_store() -> None:
    order = json.loads(json.dumps(sample(buyerInfo={"customerId": "c-1", "customerName": "\ud800 Ltd."})))
    assert read_order(order).buyer.customer_name == "? Ltd."


def test_order_without_lines() -> None:
    with pytest.raises(OrderNotFound):
        read_order(sample(orderLine=[])).line(None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = [*sample(), *sample()["orderLine"][0], *sample()["buyerInfo"]]


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON), st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_nothing_in_an_order_is_an_error(order: dict[str, Any], line: dict[str, Any]) -> None:
    read = read_order(order | {"orderLine": [line]})
    assert len(read.lines) == 1
