"""Products of the seller's own, sold; and what has been sold stays what it was."""

import json
from decimal import Decimal

import pytest

from emulator.marketplace.catalogue.product_files import read
from emulator.marketplace.catalogue.products import SHELF, ListedProduct, Shelf
from emulator.marketplace.storage.transactions import NotPossible
from emulator.openapi.order_info import order_info
from shared.openapi.order import Order
from shared.protocol.production.extend_params import decode_extend_params
from tests.emulator.marketplace.catalogue.own import OWN
from tests.emulator.marketplace.seller import Scene


@pytest.fixture
def loaded(scene: Scene) -> Scene:
    scene.market.catalogue.load(each.listed() for each in read(OWN).products)
    return scene


def order_of(scene: Scene, subscription_id: str) -> Order:
    found = scene.market.orders.get(scene.at(subscription_id).order_id)
    assert found is not None
    return found


def with_price(product: ListedProduct, price: str) -> ListedProduct:
    first, *others = product.plans
    return product.model_copy(update={"plans": (first.model_copy(update={"price": Decimal(price)}), *others)})


def test_the_order_query_tells_the_plan_that_was_bought(loaded: Scene) -> None:
    bought = loaded.market.shop.buy(loaded.customer, "crm", "00301-110002-0--0", parameters={"domain": "acme.example"})
    order = order_of(loaded, bought.id)
    (line,) = order_info(order, list(order.lines))["orderLine"]
    assert [(each["productId"], each["skuCode"], each["linearValue"]) for each in line["productInfo"]] == [
        ("00301-110002-0--0", "crm-business", 50),
        ("00301-110009-0--0", "crm-support", 1),
    ]
    assert line["extendParams"] == [{"name": "domain", "value": "acme.example"}]
    assert (line["periodType"], line["periodNumber"], line["currency"]) == ("month", 1, "399.00")


def test_version_1_tells_each_fee_item_of_one_order(loaded: Scene) -> None:
    loaded.market.shop.buy(loaded.customer, "messages")
    loaded.market.run_due()
    told = loaded.seller.told("newInstance")
    assert [each["productId"] for each in told] == [f"00301-22000{number}-0--0" for number in (1, 2, 3)]
    assert len({each["orderId"] for each in told}) == 1


def test_an_order_of_several_lines_is_told_whole(loaded: Scene) -> None:
    bought = loaded.market.shop.buy(loaded.customer, "messages")
    lines = order_of(loaded, bought.id).lines
    assert [line.specification.product_id for line in lines] == [f"00301-22000{number}-0--0" for number in (1, 2, 3)]
    assert [(line.line_id or "").rpartition("-")[2] for line in lines] == ["000001", "000002", "000003"]


def test_what_the_buyer_filled_in_arrives_in_version_1(scene: Scene) -> None:
    scene.market.shop.buy(scene.customer, "yearly-v1", parameters={"emailDomainName": "acme.example", "other": "no"})
    scene.market.run_due()
    (told,) = scene.seller.told("newInstance")
    assert decode_extend_params(told["saasExtendParams"]) == {"emailDomainName": "acme.example"}


def test_what_nobody_has_is_changed_where_it_is(loaded: Scene) -> None:
    catalogue = loaded.market.catalogue
    crm = catalogue.get("crm")
    assert crm is not None
    assert catalogue.put(with_price(crm, "120.00")).id == "crm"
    assert [each.id for each in catalogue.own()] == ["crm", "messages"]


def test_what_somebody_has_stays_as_it_was_bought(loaded: Scene) -> None:
    catalogue, shop = loaded.market.catalogue, loaded.market.shop
    bought = shop.buy(loaded.customer, "crm")
    before = order_of(loaded, bought.id)
    crm = catalogue.get("crm")
    assert crm is not None
    changed = crm.model_copy(update={"parameters": (), "plans": crm.plans[1:]})
    assert catalogue.put(changed).id == "crm@2"
    assert order_of(loaded, bought.id) == before
    assert [each.id for each in catalogue.own()] == ["messages", "crm@2"]
    with pytest.raises(NotPossible):
        shop.buy(loaded.customer, "crm")
    loaded.market.run_due()
    assert shop.renew(bought.id).amount == Decimal("99.00")
    assert shop.buy(loaded.customer, "crm@2").plan == "00301-110002-0--0"
    assert catalogue.put(crm).id == "crm@3"


def test_the_same_file_again_changes_nothing(loaded: Scene) -> None:
    loaded.market.shop.buy(loaded.customer, "crm")
    before = loaded.market.database.all(ListedProduct)
    loaded.market.catalogue.load(each.listed() for each in read(OWN).products)
    assert loaded.market.database.all(ListedProduct) == before


def test_without_samples_only_the_sellers_own_are_left(loaded: Scene) -> None:
    """Who has a sample keeps it, and a repair of the product does not sell it again."""
    catalogue = loaded.market.catalogue
    loaded.market.shop.buy(loaded.customer, "yearly-v2")
    catalogue.load((each.listed() for each in read(OWN).products), samples=False)
    assert catalogue.current() == catalogue.own()
    assert loaded.market.database.get(ListedProduct, "monthly-v1") is None
    loaded.market.listing_status.put_back("yearly-v2")
    assert loaded.market.database.the(ListedProduct, "yearly-v2").shelf is Shelf.WITHDRAWN


def test_a_product_of_a_file_takes_the_place_of_a_sample(scene: Scene) -> None:
    text = json.dumps({"products": [{"id": "yearly-v1", "name": "Mine", "version": "v1", "plans": [
        {"productId": "p", "skuCode": "s", "name": "Only", "periodType": "year"}]}]})  # fmt: skip
    scene.market.catalogue.load((each.listed() for each in read(text).products), samples=False)
    assert [each.name for each in scene.market.catalogue.current()] == ["Mine"]
    assert "yearly-v1" in SHELF
