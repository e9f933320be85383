"""Products are taken off the shelf for failed orders; probes have a file of their own."""

from datetime import timedelta

import pytest

from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.storage.transactions import NotPossible
from tests.emulator.marketplace.seller import DAY, HOUR, Scene

PRODUCT = "monthly-v1"


def fail(scene: Scene, times: int, product: str = PRODUCT) -> None:
    """So many orders are refunded, now."""
    scene.seller.broken = "000005"
    for _ in range(times):
        scene.buy(product)
    scene.market.advance(3 * HOUR)
    scene.seller.broken = ""


def shelf(scene: Scene, product: str = PRODUCT) -> Shelf:
    return scene.market.database.the(ListedProduct, product).shelf


def test_more_than_five_failed_orders_a_month_delist_a_product(scene: Scene) -> None:
    fail(scene, 5)
    assert shelf(scene) is Shelf.ON_SALE
    fail(scene, 1)
    assert shelf(scene) is Shelf.DELISTED
    assert scene.mails("seller")[-1] == "Product delisted"
    report = scene.market.listing_status.report(PRODUCT)
    assert (report.product, report.shelf, len(report.failed_orders), report.bad_days) == (PRODUCT, "delisted", 6, 0)
    with pytest.raises(NotPossible, match="delisted"):
        scene.buy(PRODUCT)


def test_failures_of_one_product_are_not_those_of_another(scene: Scene) -> None:
    fail(scene, 3)
    fail(scene, 3, "one-time-v1")
    assert shelf(scene) is Shelf.ON_SALE
    assert len(scene.market.listing_status.report("one-time-v1").failed_orders) == 3


def test_a_month_ends_in_beijing(scene: Scene) -> None:
    """It is the 31st of March, 15:59 in UTC: in Beijing April begins in a minute."""
    scene.market.advance(29 * DAY + 9 * HOUR - timedelta(minutes=1))
    assert f"{scene.clock.now():%m-%d %H:%M}" == "03-31 12:59"
    fail(scene, 4)
    assert f"{scene.clock.now():%m-%d %H:%M}" == "03-31 15:59"
    assert len(scene.market.listing_status.report(PRODUCT).failed_orders) == 4
    scene.market.advance(timedelta(minutes=1))
    assert scene.market.listing_status.report(PRODUCT).failed_orders == ()
    fail(scene, 5)
    assert shelf(scene) is Shelf.ON_SALE


def test_what_was_delisted_is_put_back_by_hand(scene: Scene) -> None:
    fail(scene, 6)
    scene.market.listing_status.put_back(PRODUCT)
    assert scene.state(scene.bought(PRODUCT)) == "ACTIVE"
    fail(scene, 1)
    assert shelf(scene) is Shelf.DELISTED, "it is the same month"


def test_a_renewal_that_fails_counts_for_nothing(scene: Scene) -> None:
    subscriptions = [scene.bought(PRODUCT) for _ in range(6)]
    scene.seller.script("refreshInstance", *["000005"] * 12)
    for subscription in subscriptions:
        scene.market.shop.renew(subscription)
        scene.market.advance(2 * HOUR)
    assert len(scene.seller.told("refreshInstance")) == 12
    assert scene.market.listing_status.report(PRODUCT).failed_orders == ()


def test_products_there_must_be(scene: Scene) -> None:
    with pytest.raises(KeyError, match="no listedproduct nothing"):
        scene.market.listing_status.report("nothing")
