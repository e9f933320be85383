"""The page of the readings: each with its source, on at a rate, off, and all of them in the documents."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.marketplace.faults.readings import READINGS
from emulator.marketplace.faults.switches import Where
from emulator.texts import texts
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

DOCS = Path(__file__).parents[4] / "docs"
SOURCE = re.compile(r"ours|(production|metering|joint) \d+(\.\d+)?")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.mark.parametrize("reading", READINGS)
def test_each_says_where_it_comes_from(reading: str) -> None:
    assert READINGS[reading].where is Where.READING
    assert SOURCE.fullmatch(READINGS[reading].source)
    assert all(texts()[f"readings.what.{reading}"].values())


@pytest.mark.parametrize(
    ("page", "ours", "sections"),
    [
        ("emulator.md", "ours", {"production": "production interfaces", "joint": "joint operation"}),
        ("emulator.zh-CN.md", "自行设定", {"production": "生产接口", "joint": "联营"}),
    ],
)
def test_the_documents_list_them(page: str, ours: str, sections: dict[str, str]) -> None:
    rows = dict(
        re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| ([^|]+) \|$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    )
    sections = {"metering": "metering and open APIs" if ours == "ours" else "计量与开放接口", **sections}
    for name, reading in READINGS.items():
        document, _, section = reading.source.partition(" ")
        assert rows[name] == (f"{sections[document]} {section}" if section else ours)


@pytest.mark.parametrize(("lang", "ours"), [("en", "it is ours"), ("zh", "自行设定")])
def test_all_are_shown_with_their_source(world: ConsoleWorld, lang: str, ours: str) -> None:
    page = world.client.get(f"/readings?lang={lang}").text
    assert re.findall(r'<code class="dim">([a-z0-9-]+)</code>', page) == list(READINGS)
    assert page.count(ours) == sum(each.source == "ours" for each in READINGS.values())


def test_on_off_and_all_off(world: ConsoleWorld) -> None:
    post = world.client.post
    page = post("/readings/own-order-id", data={"act": "on", "percent": "40"}, follow_redirects=True).text
    assert world.market.readings.rate("own-order-id") == 0.4
    assert 'value="40" id="p-own-order-id"' in page
    assert "faults on" not in page, "it is no fault"
    post("/readings/flag-zero", data={"act": "on", "percent": "100"})
    assert "(2)" in world.client.get("/faults").text
    post("/readings/own-order-id", data={"act": "off", "percent": "40"})
    assert list(world.market.readings.on()) == ["flag-zero"]
    post("/readings/off")
    assert not world.market.readings.on()


def test_no_rate_and_no_such_reading(world: ConsoleWorld) -> None:
    answer = world.client.post("/readings/flag-zero", data={"percent": "much"}, follow_redirects=True)
    assert "A rate is a number from 0 to 100" in answer.text
    assert world.client.post("/readings/none").status_code == 404
