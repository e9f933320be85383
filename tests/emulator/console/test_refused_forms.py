"""A form of the console that cannot be taken is shown again: on its page, with what was entered and why, status 422."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from emulator.composer import INTERFACES, CallWish
from emulator.console.builder.kept_calls import keep
from emulator.marketplace.catalogue.products import SHELF, Shelf
from emulator.marketplace.delivery.messages import Delivery, Message
from emulator.marketplace.organisation.documents import Enterprise
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.texts import verbatim
from shared.commands import Version
from tests.emulator.console.calls import outgoing, v1
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

NEVER = {
    *("buyer.owe", "buyer.go_wrong", "seller.retry", "seller.save_cases", "seller.repaired", "seller.settings"),
    *(
        "faults.all_off",
        "readings.all_off",
        "calls.forget_view",
        "calls.replay",
        "usage.upload",
        "usage.stop",
        "clock.cancel",
    ),
    *("builder.drop", "products.withdraw"),
}
"""Buttons without a field that can always be pressed."""
WHILE_MOVED = {"clock.back", "usage.go_on"}
"""Buttons that are refused only while the clock is moved, as those that move it are."""


class UntakenForm(NamedTuple):
    """A form that cannot be taken: where it goes to, what is entered, and the ``field`` that is to blame, if one is."""

    path: str
    entered: Mapping[str, str] = {}
    field: str = ""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("forms")
    with make_world(folder) as made:
        made.bought("pay-per-use-v1")
        yield made


def mine(world: ConsoleWorld) -> Subscription:
    return world.market.database.all(Subscription)[0]


def tenant(world: ConsoleWorld) -> Enterprise:
    return world.market.organisation.repository.enterprises()[0]


def of_tenant(world: ConsoleWorld, path: str) -> str:
    repository = world.market.organisation.repository
    above = next(each for each in repository.departments(tenant(world).id) if not each.parent)
    below = next(each for each in repository.departments(tenant(world).id) if each.parent == above.code)
    user = repository.employees(tenant(world).id)[0].user_name
    return f"/organisation/{tenant(world).id}/{path.format(top=above.code, below=below.code, user=user)}"


def nameless(world: ConsoleWorld) -> UntakenForm:
    department = of_tenant(world, "{below}").rpartition("/")[2]
    entered = {"account": "entered", "name": " ", "department": department, "role": "admin"}
    return UntakenForm(of_tenant(world, "add-member"), entered, "name")


def moved_below_itself(world: ConsoleWorld) -> UntakenForm:
    path = of_tenant(world, "departments/{top}/move")
    top, below = path.split("/")[-2], of_tenant(world, "{below}").rpartition("/")[2]
    return UntakenForm(path, {"parent": below, "chosen": top}, "parent")


def given_up(world: ConsoleWorld) -> UntakenForm:
    first = world.market.database.all(Message)[0]
    refunded = first.model_copy(update={"id": "refunded", "state": Delivery.GIVEN_UP})
    world.market.database.put(refunded)
    return UntakenForm("/seller/messages/refunded/try", {"alone": "yes"})


def off_the_shelf(world: ConsoleWorld) -> UntakenForm:
    world.market.listing_status.take_off("yearly-v2", Shelf.HIDDEN, verbatim("for a test"))
    return UntakenForm("/seller/products/yearly-v2/probe")


def hidden(world: ConsoleWorld) -> UntakenForm:
    """A product with a form of its own, which is not sold any more."""
    sold = next(each for each in SHELF.values() if each.parameters)
    world.market.listing_status.take_off(sold.id, Shelf.HIDDEN, verbatim("for a test"))
    entered = {"product": sold.id, f"form-{sold.parameters[0][0]}": "entered"}
    return UntakenForm(f"/buyer/{world.customer.id}/buy", entered)


def unsigned(world: ConsoleWorld) -> UntakenForm:
    call = outgoing(v1(), Version.V1, "key").model_copy(update={"key_name": ""})
    return UntakenForm(f"/calls/{world.market.timeline.add(call).number}/resend")


def edited(world: ConsoleWorld) -> UntakenForm:
    number = world.market.timeline.add(outgoing(v1(), Version.V1, "key")).number
    entered = {"method": "POST", "path": "no-path", "name": "added", "value": "entered", "headers": "X-A: entered"}
    return UntakenForm(f"/calls/{number}/edit", {**entered, "body": "entered"}, "path")


def kept(world: ConsoleWorld) -> UntakenForm:
    wish = CallWish(INTERFACES[Version.V2, "changeInstanceCheck"], {"productInfo": "{"})
    call = keep(world.market.database, wish, datetime.now(UTC))
    return UntakenForm(f"/builder/{call.id}/send", {}, "field.productInfo")


def guided(world: ConsoleWorld) -> UntakenForm:
    world.client.post("/guide/buy")
    bought = world.market.database.all(Subscription)[-1]
    world.client.post(f"/buyer/{bought.customer_id}/subscriptions/{bought.id}/unsubscribe")
    return UntakenForm("/guide/break")


def changed(world: ConsoleWorld) -> UntakenForm:
    name = next(iter(SHELF))
    return UntakenForm(f"/products/{name}", {"name": "entered", "version": "v2", "trialDays": "soon"}, "trialDays")


REFUSED: Mapping[str, Callable[[ConsoleWorld], UntakenForm]] = {
    "home.take": guided,
    "calls.save_view": lambda _: UntakenForm("/calls/views", {"name": " ", "query": "verdict=failed"}, "name"),
    "calls.resend": unsigned,
    "calls.send": edited,
    "builder.act": lambda _: UntakenForm(
        "/builder",
        {"call": "v2.changeInstanceCheck", "field.instanceId": "entered", "field.productInfo": "{no"},
        "field.productInfo",
    ),
    "builder.again": kept,
    "buyer.buy": hidden,
    "buyer.do": lambda world: UntakenForm(f"/buyer/{world.customer.id}/subscriptions/{mine(world).id}/convert"),
    "seller.try_now": given_up,
    "seller.probe": off_the_shelf,
    "products.create": lambda _: UntakenForm("/products/new", {"id": "entered", "version": "v2", "name": ""}, "name"),
    "products.change": changed,
    "products.brought_in": lambda _: UntakenForm("/products/import", {"text": "entered = "}, "text"),
    "usage.use": lambda world: UntakenForm(
        f"/usage/{mine(world).instance_id}/use", {"value": "much", "count": "7"}, "value"
    ),
    "usage.start": lambda world: UntakenForm(
        "/usage/months",
        {"instance": mine(world).instance_id, "length": "week", "shape": "flat", "most": "much", "seed": "7"},
        "most",
    ),
    "organisation.found": lambda world: UntakenForm(
        "/organisation", {"customer": world.customer.id, "code": tenant(world).code, "name": "entered"}, "code"
    ),
    "organisation.enterprise": nameless,
    "organisation.part department": moved_below_itself,
    "organisation.part member": lambda world: UntakenForm(
        of_tenant(world, "members/{user}/authorise"), {"subscription": "none"}
    ),
    "organisation.part binding": lambda world: UntakenForm(of_tenant(world, "bindings/none/bind")),
    "faults.change": lambda _: UntakenForm("/faults/lost", {"percent": "777", "act": "on"}, "percent"),
    "readings.change": lambda _: UntakenForm("/readings/impatient", {"percent": "777", "act": "on"}, "percent"),
    "clock.move": lambda _: UntakenForm("/clock/move", {"to": "soon", "zone": "beijing"}, "to"),
    "check.start": lambda _: UntakenForm("/check", {"version": "v2", "only": "v9.entered"}, "only"),
    "check.again": lambda _: UntakenForm("/check/again", {"case": "nothing"}),
    "readiness.check": lambda _: UntakenForm("/readiness", {"cause": "nothing"}),
    "recorder.record": lambda _: UntakenForm("/recorder", {"text": "entered", "salt": "pepper"}, "text"),
    "recorder.files": lambda _: UntakenForm("/recorder/files", {"text": "entered"}, "text"),
}
HIDDEN = {"query", "alone", "act", "chosen", "cause", "case", "trial", "subscription"}
"""What nobody enters."""


def test_every_form_is_known(world: ConsoleWorld) -> None:
    rules = world.client.application.url_map.iter_rules()
    forms = {each.endpoint for each in rules if "POST" in (each.methods or ()) and not each.endpoint.startswith("api.")}
    assert forms == {name.partition(" ")[0] for name in REFUSED} | NEVER | WHILE_MOVED


@pytest.mark.sweep
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_shown_again_with_why(world: ConsoleWorld, name: str) -> None:
    form = REFUSED[name](world)
    answer = world.client.post(form.path, data=form.entered)
    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert re.search(r'role="alert" id="refused"><p>[^<]+</p>', page)
    for field, value in form.entered.items():
        assert field in HIDDEN or shown(page, field, value), field
    if form.field:
        (wrong,) = re.findall(
            rf'<(?:input|select|textarea)[^>]* name="{re.escape(form.field)}"[^>]* aria-invalid="true"[^>]*>', page
        )
        described = re.findall(r'aria-describedby="([^"]*)"', wrong)[0].split()
        assert all(f'id="{each}"' in page for each in described)
    (other,) = re.findall(r'<a href="([^"]*)" lang="zh-CN"', page)
    assert world.client.get(other.replace("lang=zh", "lang=en")).status_code == 200, "the page is at its own address"


def shown(page: str, name: str, value: str) -> bool:
    """Does a field of that name hold the value?"""
    field = re.escape(name)
    fields = re.findall(rf'<input[^>]* name="{field}"[^>]*>', page)
    if any(f'value="{value}"' in each for each in fields):
        return True
    texts = re.findall(rf'<textarea[^>]* name="{field}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    chosen = re.findall(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
    return value in texts or any(re.search(rf'value="{re.escape(value)}" selected', each) for each in chosen)
