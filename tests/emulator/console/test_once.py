"""A form counts once, however often it is sent."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from emulator.console.app import ConsoleApplication
from emulator.marketplace.subscriptions.subscription import Subscription
from tests.emulator.console.world import ConsoleWorld, client_of
from tests.emulator.console.world import world as make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


def bought(world: ConsoleWorld) -> int:
    return world.market.database.count(Subscription)


def test_a_double_click_buys_once_and_both_see_what_was_bought(world: ConsoleWorld) -> None:
    form, path = {"product": "yearly-v1", "once": "token"}, f"/buyer/{world.customer.id}/buy"

    def click(_n: int) -> str:
        browser = client_of(cast("ConsoleApplication", world.console.front.warm_up()))
        return browser.post(path, data=form).headers["Location"]

    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(click, range(4)))
    assert (bought(world), len(places)) == (1, 1)
    world.client.post(path, data=form | {"once": "another"})
    assert bought(world) == 2


def test_a_second_click_is_told_the_same(world: ConsoleWorld) -> None:
    form = {"once": "token"}
    for _ in range(2):
        page = world.client.post(f"/buyer/{world.customer.id}/arrears", data=form, follow_redirects=True).text
        assert "The balance is negative" in page


def test_what_was_refused_may_be_sent_again(world: ConsoleWorld) -> None:
    mine = world.bought("pay-per-use-v2")
    for _ in range(2):
        response = world.client.post(f"/usage/{mine.instance_id}/use", data={"value": "x", "once": "token"})
        assert response.status_code == 422


@pytest.mark.sweep
@pytest.mark.parametrize(
    "path",
    [
        *("/calls/1", "/calls/1/edit", "/buyer", "/seller", "/seller/messages", "/seller/probes", "/usage"),
        *("/organisation", "/faults", "/readings", "/clock", "/check", "/recorder"),
    ],
)
def test_every_form_that_changes_something_has_a_token_of_its_own(world: ConsoleWorld, path: str) -> None:
    world.bought("yearly-v2")
    page = world.client.get(path).text
    forms = re.findall(r'<form method="post".*?</form>', page, re.DOTALL)
    tokens = re.findall(r'name="once" value="([^"]+)"', page)
    assert len(set(tokens)) == len(tokens) == len(forms) > 0
    assert page.count('method="post"') == len(forms)
