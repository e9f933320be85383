"""The seller's pages: messages and their restart, how products stand, probes, orders, mails."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.marketplace.catalogue.listing_status import ProbeDay
from emulator.marketplace.catalogue.products import ListedProduct, Shelf
from emulator.marketplace.delivery.messages import Delivery, Message, Purpose
from emulator.marketplace.subscriptions.subscription import Subscription, SubscriptionStatus
from emulator.texts import verbatim
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

PRODUCT = "yearly-v1"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def latest(world: ConsoleWorld) -> Message:
    return world.market.database.all(Message)[-1]


def posted(world: ConsoleWorld, path: str, **form: str) -> str:
    response = world.client.post(path, data=form, follow_redirects=True)
    assert response.status_code in (200, 422)
    return response.text


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_message_with_its_attempts(world: ConsoleWorld) -> None:
    world.refuse()
    mine = world.bought(PRODUCT)
    page = world.client.get("/seller/messages").text
    assert mine.order_id in page
    assert "newInstance v1" in text_of(page)
    assert "HTTP status" in page or "503" in page
    assert re.search(r'href="/calls/\d+">#\d+', page)
    assert "Try now" in page


def test_try_now(world: ConsoleWorld) -> None:
    world.refuse()
    mine = world.bought(PRODUCT)
    page = posted(world, f"/seller/messages/{latest(world).id}/try", state="waiting")
    assert latest(world).state is Delivery.DELIVERED
    assert world.market.database.the(Subscription, mine.id).status is SubscriptionStatus.ACTIVE
    assert "No messages" in page, "the list is still that of those that wait"


def test_restart_of_what_was_given_up(world: ConsoleWorld) -> None:
    mine = world.bought(PRODUCT)
    world.refuse(2)
    world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/renew")
    world.market.advance(timedelta(hours=2))
    assert latest(world).state is Delivery.GIVEN_UP
    assert "Restart" in world.client.get("/seller/messages?state=given+up").text
    page = posted(world, f"/seller/messages/{latest(world).id}/try")
    assert latest(world).state is Delivery.DELIVERED
    assert "restarted 1×" in page


def test_what_was_refunded_cannot_be_restarted(world: ConsoleWorld) -> None:
    world.refuse(4)
    world.bought(PRODUCT)
    world.market.advance(timedelta(hours=4))
    message = latest(world)
    assert (message.state, message.attempts) == (Delivery.GIVEN_UP, 4)
    page = world.client.get("/seller/messages").text
    assert "Restart" not in page
    assert "cannot be restarted" in posted(world, f"/seller/messages/{message.id}/try")
    assert latest(world).state is Delivery.GIVEN_UP
    assert world.client.post("/seller/messages/none/try").status_code == 404


def test_messages_by_state_and_page_by_page(world: ConsoleWorld) -> None:
    mine = world.bought(PRODUCT)
    made = world.market.payloads.query(mine)
    world.market.database.put(
        *[made.model_copy(update={"id": f"{n:032x}", "order_id": f"order-{n}"}) for n in range(120)]
    )
    first, third = (world.client.get(f"/seller/messages?state=waiting&page={n}").text for n in (1, 3))
    assert ("order-119" in first, "order-0<" in first, "Older" in first) == (True, False, True)
    assert ("order-0<" in third, "Older" in third, "Newer" in third) == (True, False, True)
    assert "order-" not in world.client.get("/seller/messages?state=delivered").text
    assert world.client.get("/seller/messages?page=-1&state=none").status_code == 200


def test_failed_orders_count_against_a_product(world: ConsoleWorld) -> None:
    for _ in range(6):
        world.refuse(4)
        world.bought(PRODUCT)
        world.market.advance(timedelta(hours=4))
    page = text_of(world.client.get("/seller").text)
    assert "Yearly V1 by period delisted 6 / 5" in page
    assert "Product delisted" in world.client.get("/seller/mails").text
    page = posted(world, f"/seller/products/{PRODUCT}/repaired")
    assert world.market.database.the(ListedProduct, PRODUCT).shelf is Shelf.ON_SALE
    assert "The product is on sale." in page


def test_cases_are_debugged_saved_and_probed(world: ConsoleWorld) -> None:
    assert "missing" in world.client.get("/seller/probes").text
    page = posted(world, f"/seller/products/{PRODUCT}/cases")
    assert re.search(r"All \d+ cases passed\. They are saved\.", page)
    assert not world.market.cases.missing(PRODUCT)
    posted(world, f"/seller/products/{PRODUCT}/probe")
    (day,) = world.market.database.all(ProbeDay, PRODUCT)
    assert (day.runs, day.failed) == (1, ())


def test_failing_probes_are_named(world: ConsoleWorld) -> None:
    posted(world, f"/seller/products/{PRODUCT}/cases")
    world.refuse(3)
    page = posted(world, f"/seller/products/{PRODUCT}/probe")
    (day,) = world.market.database.all(ProbeDay, PRODUCT)
    assert len(day.failed) == 3
    assert f'class="bad" title="{day.day}: 1 run, {"; ".join(day.failed)}' in page
    assert "1 / 5" in text_of(world.client.get("/seller").text)


def test_a_repair_that_is_none(world: ConsoleWorld) -> None:
    posted(world, f"/seller/products/{PRODUCT}/cases")
    world.market.listing_status.take_off(PRODUCT, Shelf.HIDDEN, verbatim("for a test"))
    world.refuse()
    page = posted(world, f"/seller/products/{PRODUCT}/repaired")
    assert re.search(r"1 of \d+ cases failed: new", page)
    assert world.market.database.the(ListedProduct, PRODUCT).shelf is Shelf.HIDDEN
    assert "not probed" in posted(world, f"/seller/products/{PRODUCT}/probe")
    assert "All" in posted(world, f"/seller/products/{PRODUCT}/repaired")
    assert world.market.database.the(ListedProduct, PRODUCT).shelf is Shelf.ON_SALE


@pytest.mark.parametrize("act", ["cases", "probe", "repaired"])
def test_no_such_product(world: ConsoleWorld, act: str) -> None:
    assert world.client.post(f"/seller/products/none/{act}").status_code == 404


def test_how_saved_cases_are_signed(world: ConsoleWorld) -> None:
    posted(world, "/seller/probes", resign="no")
    assert not world.market.probes.resign
    posted(world, "/seller/probes", resign="yes")
    assert world.market.probes.resign


def test_orders_with_their_amounts(world: ConsoleWorld) -> None:
    mine = world.bought(PRODUCT)
    world.bought("monthly-v2", plan="00306-666602-0--0")
    world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/unsubscribe")
    page = text_of(world.client.get("/seller/orders").text)
    assert "Paid ¥300.00" in page
    assert "Given back ¥100.00" in page
    assert "−¥100.00" in page


def test_mailboxes(world: ConsoleWorld) -> None:
    world.refuse(4)
    world.bought(PRODUCT)
    world.market.advance(timedelta(hours=4))
    boxes = {box: world.client.get(f"/seller/mails?box={box}").text for box in ("", "seller", "buyers")}
    assert [page.count("newInstance failed") for page in boxes.values()] == [4, 4, 0]
    assert [page.count("Your order was refunded") for page in boxes.values()] == [1, 0, 1]


def test_what_happens_next(world: ConsoleWorld) -> None:
    world.refuse()
    world.bought(PRODUCT)
    page = text_of(world.client.get("/seller").text)
    assert "Message: Purchase Yearly V1 acme" in page
    assert "Round of probes" in page
    assert latest(world).purpose is Purpose.PURCHASE


@pytest.mark.parametrize("view", ["", "/messages", "/orders", "/mails", "/probes"])
def test_in_chinese(world: ConsoleWorld, view: str) -> None:
    world.bought(PRODUCT)
    assert "商家" in world.client.get(f"/seller{view}?lang=zh").text


def test_the_same_failure_is_tried_again_at_once(world: ConsoleWorld) -> None:
    mine = [world.bought(PRODUCT) for _ in range(3)]
    world.refuse(3)
    for each in mine:
        world.client.post(f"/buyer/{each.customer_id}/subscriptions/{each.id}/renew")
    page = world.client.get("/seller/messages").text
    assert "× 3" in text_of(page)
    failure = re.search(r'name="failure" value="([^"]+)"', page)
    assert failure
    page = posted(world, "/seller/messages/retry", failure=failure[1])
    assert "× 3" not in text_of(page)
    assert {message.state for message in world.market.database.all(Message)} == {Delivery.DELIVERED}
    assert "2 attempts" in page


def test_what_cannot_be_restarted_is_no_failure_to_retry(world: ConsoleWorld) -> None:
    world.refuse(4)
    world.bought(PRODUCT)
    world.market.advance(timedelta(hours=4))
    assert latest(world).state is Delivery.GIVEN_UP
    assert "Try all now" not in world.client.get("/seller/messages").text
    assert posted(world, "/seller/messages/retry", failure=str(latest(world).problem))


def test_what_is_over_does_not_stop_the_retry_of_the_others(world: ConsoleWorld) -> None:
    mine = [world.bought(PRODUCT) for _ in range(2)]
    world.refuse(100)
    for each in mine:
        world.market.shop.freeze(each.id, "violation")
    world.market.advance(timedelta(days=3))
    first, second = (world.market.database.all(Message, each.id)[-1] for each in mine)
    assert (first.state, second.state) == (Delivery.GIVEN_UP, Delivery.GIVEN_UP)
    world.market.shop.unfreeze(mine[0].id)
    world.answers.clear()
    assert posted(world, "/seller/messages/retry", failure=str(second.problem))
    after = [world.market.database.the(Message, each.id).state for each in (first, second)]
    assert after == [Delivery.GIVEN_UP, Delivery.DELIVERED]


def test_mails_are_searched(world: ConsoleWorld) -> None:
    world.refuse()
    mine = world.bought(PRODUCT)
    assert 'class="mails"' in world.client.get(f"/seller/mails?q={mine.order_id.lower()}").text
    assert "No mails" in world.client.get("/seller/mails?q=nothing+of+the+kind").text


def links_in(page: str, begin: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(rf'href="({begin}[^"]*)"', page)]


def test_a_mail_leads_to_its_message_order_and_instance_and_they_lead_back(world: ConsoleWorld) -> None:
    mine = world.bought(PRODUCT)
    world.refuse()
    world.client.post(f"/buyer/{mine.customer_id}/subscriptions/{mine.id}/renew")
    failed, instance_id = latest(world), world.market.database.the(Subscription, mine.id).instance_id
    address, story = f"/seller/messages/{failed.id}", f"/instances/{instance_id}"

    mails = world.client.get("/seller/mails").text
    assert links_in(mails, "/seller/messages/") == [address]
    assert links_in(mails, r"/calls\?about=") == [f"/calls?about={failed.order_id}"]
    assert links_in(mails, "/instances/") == [story]

    page = world.client.get(address).text
    assert "refreshInstance failed" in page
    assert links_in(page, "/instances/") == [story]
    assert links_in(page, r"/calls/\d") == [f"/calls/{number}" for number in failed.calls]
    assert links_in(world.client.get(story).text, address) == [address] * 2, "of the message and of the mail about it"
    assert links_in(world.client.get(f"/calls/{failed.calls[0]}").text, "/seller/messages/") == [address]
    assert address not in world.client.get("/calls/1").text, "another message's call"


def test_a_mail_about_a_product_leads_to_it(world: ConsoleWorld) -> None:
    world.market.listing_status.take_off(PRODUCT, Shelf.HIDDEN, verbatim("for a test"))
    mails = world.client.get("/seller/mails").text
    assert f"/seller/probes#{PRODUCT}" in links_in(mails, "/seller/probes#")
    assert not links_in(mails, "/seller/messages/")


def test_a_message_is_tried_again_from_its_page(world: ConsoleWorld) -> None:
    world.refuse()
    world.bought(PRODUCT)
    page = world.client.get(f"/seller/messages/{latest(world).id}").text
    (pressed,) = re.findall(r'action="(/seller/messages/[^"]+/try)"', page)
    after = world.client.post(pressed, data={"alone": "yes"})
    assert after.headers["location"] == f"/seller/messages/{latest(world).id}"
    page = world.client.get(after.headers["location"]).text
    assert (latest(world).state, page.count('href="/calls/'), "/try" in page) == (Delivery.DELIVERED, 2, False)
    assert world.client.get("/seller/messages/none").status_code == 404
