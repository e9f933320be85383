"""What the pages about the console say can be asked of it, and each filter is named."""

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import sleep
from urllib.parse import quote, urlsplit

import pytest

from emulator.console.calls.index import SOURCES
from emulator.marketplace.storage.call_filter import FILTERS
from emulator.marketplace.storage.timeline import KEPT, LOOKED_AT
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.seller.log_lines import REQUESTS
from emulator.texts import texts
from tests.emulator.console.api.described import DOCUMENT
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world
from tests.pages import PAGES, Page, both, named, names_in

pytestmark = pytest.mark.docs
CONSOLE = "http://127.0.0.1:8100/"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("docs")
    with make_world(folder) as made:
        made.bought("yearly-v2")
        made.bought("yearly-v1")
        yield made
        made.client.post("/clock/cancel")
        while made.client.get("/api/v1/clock").json["moving"]:  # type: ignore[index]
            sleep(0.02)


def asked_of_the_console(each: Page) -> list[list[str]]:
    """The words of every curl command to the console."""
    lines = (line for block in each.blocks if block.language == "bash" for line in block.text.splitlines())
    return [shlex.split(line, comments=True) for line in lines if line.startswith("curl") and CONSOLE in line]


ASKED = [(each, words) for each in PAGES if not each.chinese for words in asked_of_the_console(each)]


@pytest.mark.parametrize(("each", "words"), ASKED, ids=[f"{each.name}-{words[-1]}" for each, words in ASKED])
def test_what_is_asked_is_answered(each: Page, words: list[str], world: ConsoleWorld) -> None:
    options = dict(pairwise(words))
    address = urlsplit(next(word for word in words if word.startswith(CONSOLE)))
    instance_id = world.market.database.all(Subscription)[0].instance_id
    answer = world.client.open(
        f"{address.path.replace('INSTANCE', quote(instance_id))}?{address.query}",
        method=options.get("-X", "GET"),
        data=options.get("-d"),
        content_type=options.get("-H", "").partition(": ")[2] or None,
    )
    assert (answer.status_code < 400, answer.is_json) == (True, True), answer.text


@pytest.mark.parametrize("each", both("docs/tracing"), ids=named)
def test_each_filter_is_named(each: Page) -> None:
    assert {name for row in each.tables[0][1:] for name in names_in(row[0])} == {*FILTERS}
    (sources,) = [names_in(row[1]) for row in each.tables[0] if row[0] == "`source`"]
    assert {*sources} <= {*SOURCES}
    assert {f"{KEPT:,}", f"{LOOKED_AT:,}", f"{REQUESTS:,}"} <= {*re.findall(r"\d+,\d{3}", each.prose)}


def test_the_page_of_the_calls_offers_every_source() -> None:
    within = {"more", "its-copy", "the-same-bytes"}
    """Only ever said beside another occasion."""
    occasions = {name.removeprefix("occasions.") for name in texts() if re.fullmatch(r"occasions\.[a-z-]+", name)}
    assert {*SOURCES} == (occasions - within) | {"seller"}


@pytest.mark.parametrize("each", both("docs/calls"), ids=named)
def test_all_of_the_api_is_named(each: Page) -> None:
    table = each.tables[-1]
    parts = {path.split("/")[1] for path in DOCUMENT["paths"]} - {"openapi.json"}
    assert {name for row in table[1:] for name in names_in(row[0])} == parts
