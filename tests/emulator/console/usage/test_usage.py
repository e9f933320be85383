"""The pages about usage: using, uploading, what became of it as a chart, records and a bill."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.console.usage.chart import SPANS, Span, slots, window
from emulator.console.usage.days import UsedTime
from emulator.console.usage.used import HOUR, UsedHour
from emulator.marketplace.subscriptions.subscription import Subscription
from emulator.openapi.usage.hours import Hour
from emulator.openapi.usage.refusals import RECORDS
from emulator.seller.application import usage_event
from emulator.texts import texts
from shared.clock import BEIJING
from tests.emulator.console.world import ConsoleWorld
from tests.emulator.console.world import world as make_world

FIRST = datetime(2026, 11, 22, 0, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with make_world(tmp_path) as made:
        yield made


@pytest.fixture
def mine(world: ConsoleWorld) -> Subscription:
    """At the beginning of an hour, so that it is not over in the middle of a test."""
    now = world.clock.now()
    world.clock.set(now.replace(minute=10, second=0) + HOUR)
    bought = world.bought("pay-per-use-v2")
    world.market.advance(timedelta(minutes=1))
    return bought


def used(world: ConsoleWorld, mine: Subscription, **form: str) -> str:
    """The page after using it."""
    return posted(world, f"/usage/{mine.instance_id}/use", **form)


def posted(world: ConsoleWorld, path: str, **form: str) -> str:
    response = world.client.post(path, data=form, follow_redirects=True)
    assert response.status_code in (200, 422)
    return response.text


def figures(page: str) -> list[str]:
    """Used, billed, accepted and billed later, refused, not uploaded yet."""
    found = re.search(r'<dl class="figures adding">(.*?)</dl>', page, re.DOTALL)
    assert found
    return [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<dd>(.*?)</dd>", found[1])]


def drawn(page: str) -> Any:
    """What the page tells its script to draw."""
    found = re.search(r"data-chart='([^']+)'", page)
    assert found
    return json.loads(unescape(found[1]))


def test_used_uploaded_billed(world: ConsoleWorld, mine: Subscription) -> None:
    page = used(world, mine, value="1.5", count="4")
    assert "took 4 events in" in page
    assert figures(page) == ["6", "0", "0", "0", "6"]
    world.market.advance(timedelta(minutes=55))
    page = posted(world, "/usage/upload", instance=mine.instance_id)
    assert re.search(r"The upload has run: .*accepted 1", page)
    assert figures(page) == ["6", "0", "6", "0", "0"]
    world.market.advance(timedelta(minutes=15))
    page = world.client.get(f"/usage/{mine.instance_id}").text
    assert figures(page) == ["6", "6", "0", "0", "0"]
    assert mine.instance_id[:14] in world.client.get("/usage").text


def test_nothing_to_upload(world: ConsoleWorld) -> None:
    assert "nothing to do" in posted(world, "/usage/upload")


def test_refused_records_are_explained(world: ConsoleWorld, mine: Subscription) -> None:
    used(world, mine, value="2")
    world.market.switches.inject("usage-some-refused", 1)
    world.market.advance(timedelta(minutes=55))
    page = posted(world, "/usage/upload", instance=mine.instance_id)
    assert figures(page) == ["2", "0", "0", "2", "0"]
    assert '<code class="bad">006</code>' in page
    assert "product is off the shelf" in page
    assert "settle it with the customer" in page
    assert "some refused" in world.client.get("/usage").text
    calls = re.search(r'href="(/calls\?text=[^"]+)"', page)
    assert calls
    assert "usage-data" in world.client.get(calls[1]).text, "the call that carried the record"


def test_a_package_is_named(world: ConsoleWorld, mine: Subscription) -> None:
    package = world.bought("package-v2")
    assert f'value="{package.instance_id}"' in world.client.get(f"/usage/{mine.instance_id}").text
    assert "took 1 event in" in used(world, mine, value="1", package=package.instance_id)


def test_what_the_bundle_rejects_is_not_used(world: ConsoleWorld, mine: Subscription) -> None:
    hour = (world.clock.now() - timedelta(hours=5)).isoformat()
    page = used(world, mine, value="1", hour=hour)
    assert "before the instance started (1)" in page
    assert figures(page)[0] == "0"


def test_a_bundle_that_does_not_answer(world: ConsoleWorld, mine: Subscription) -> None:
    world.close("/saas/usage")
    page = used(world, mine, value="1")
    assert "did not take it: HTTP" in page
    assert figures(page)[0] == "0"


@pytest.mark.parametrize(
    "form",
    [
        {"value": ""},
        {"value": "0"},
        {"value": "-1"},
        {"value": "NaN"},
        {"value": "100000000"},
        {"value": "0.000000001"},
        {"value": "1", "count": "0"},
        {"value": "1", "count": "1001"},
        {"value": "1", "count": "many"},
        {"value": "1", "hour": "noon"},
    ],
)
def test_misfilled(world: ConsoleWorld, mine: Subscription, form: dict[str, str]) -> None:
    page = used(world, mine, **form)
    assert "Give an amount above zero" in page
    assert f'name="value" type="text" value="{form["value"]}"' in page, "what was typed is still there"
    blamed = next(each for each in ("count", "hour", "value") if each in form)
    assert re.search(rf'name="{blamed}"[^>]* aria-invalid="true"', page)
    assert re.search(rf'id="why-{blamed}">Give an amount above zero', page), "and the reason beside it"
    assert not world.market.database.count(UsedHour)


def test_without_a_bundle(world: ConsoleWorld, mine: Subscription) -> None:
    """A server elsewhere has neither an intake nor timers that the console could reach."""
    world.context.application = world.context.seller = None
    page = world.client.get(f"/usage/{mine.instance_id}").text
    assert 'id="use-it"' not in page
    assert "no intake" in page
    assert "/usage/upload" not in page
    assert "no intake" in used(world, mine, value="1")
    world.context.usage = None
    assert figures(world.client.get(f"/usage/{mine.instance_id}").text) == ["0", "0", "0", "0", "0"]


def test_what_waits_for_its_hour_is_not_nothing(world: ConsoleWorld, mine: Subscription) -> None:
    used(world, mine, value="29")
    page = posted(world, "/usage/upload", instance=mine.instance_id)
    assert "29 wait for their hour to be over" in page
    assert 'class="notice warn"' in page


def test_what_others_reported_is_asked_of_the_bundle(world: ConsoleWorld, mine: Subscription) -> None:
    application = world.context.application
    assert application
    application.post_usage([usage_event("elsewhere", mine.instance_id, world.clock.now(), Decimal(118))])
    assert figures(world.client.get(f"/usage/{mine.instance_id}").text) == ["118", "0", "0", "0", "118"]
    world.market.advance(timedelta(minutes=55))
    posted(world, "/usage/upload", instance=mine.instance_id)
    assert figures(world.client.get(f"/usage/{mine.instance_id}").text) == ["118", "0", "118", "0", "0"]
    world.context.seller = None
    assert figures(world.client.get(f"/usage/{mine.instance_id}").text) == ["not known here", "0", "118", "0", "–"]


def test_the_bill_tells_times_as_people_read_them(world: ConsoleWorld, mine: Subscription) -> None:
    used(world, mine, value="2")
    world.market.advance(timedelta(minutes=55))
    world.client.post("/usage/upload")
    world.market.advance(timedelta(minutes=15))
    page = world.client.get(f"/usage/{mine.instance_id}").text
    assert re.search(r"[0-9]{8}T[0-9]{6}Z", page) is None


def test_each_code_is_explained() -> None:
    assert {f"usage.code.{code}.{part}" for code in RECORDS for part in ("means", "advice")} <= texts().keys()


@pytest.mark.parametrize("span", SPANS)
def test_the_chart_can_be_read_without_seeing_it(world: ConsoleWorld, mine: Subscription, span: str) -> None:
    used(world, mine, value="3")
    page = world.client.get(f"/usage/{mine.instance_id}?by={span}").text
    shown = drawn(page)
    assert len(shown["said"]) == len(shown["bars"]["used"]) == SPANS[span].slots
    assert shown["bars"]["used"][-1] == 3
    assert re.fullmatch(r".* in Beijing\)?: used 3, accepted 0, billed 0, refused 0", shown["said"][-1])
    assert re.search(r'<td class="number">3</td>', page), "the same as a number"
    assert "data-without-script>The chart needs JavaScript" in page
    assert "style=" not in page


def test_the_chart_names_both_zones(world: ConsoleWorld, mine: Subscription) -> None:
    shown = drawn(world.client.get(f"/usage/{mine.instance_id}").text)
    now = world.clock.now()
    assert [row[-1] for row in shown["rows"]] == [
        f"{now:%m-%d %H}:00",
        f"{now + timedelta(hours=8):%m-%d %H}:00",
    ]
    labelled = [label for n, label in enumerate(shown["rows"][0]) if (n + shown["phase"]) % 24 == 0]
    assert {label[6:] for label in labelled} == {"00:00"}, "at round hours"
    days = drawn(world.client.get(f"/usage/{mine.instance_id}?by=day&lang=zh").text)
    assert days["rows"][0][-1] == f"{now + timedelta(hours=8):%m-%d}"
    assert days["said"][-1].startswith("北京时间 ")


def test_earlier_and_later(world: ConsoleWorld, mine: Subscription) -> None:
    used(world, mine, value="3")
    page = world.client.get(f"/usage/{mine.instance_id}?back=1").text
    assert not any(drawn(page)["bars"]["used"])
    assert "Nothing was used, uploaded or refused in this time." in page
    assert "Later" in page
    assert world.client.get(f"/usage/{mine.instance_id}?back=999999999&by=day&line=5&before=3").status_code == 200


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_hours_fall_into_their_slots() -> None:
    hours = [Hour(FIRST + n * HOUR, Decimal(2), Decimal(1), Decimal(1)) for n in (0, 23, 24, 47, 48)]
    spent = {FIRST + 30 * HOUR: Decimal(9)}
    found = slots(FIRST, Span("day", timedelta(days=1), 2, ()), hours, spent)
    assert found == [
        UsedTime(FIRST, Decimal(0), Decimal(4), Decimal(2), Decimal(2)),
        UsedTime(FIRST + timedelta(days=1), Decimal(9), Decimal(4), Decimal(2), Decimal(2)),
    ]


def test_what_is_before_the_chart_is_not_in_it() -> None:
    assert slots(FIRST, Span("hour", HOUR, 1, ()), [Hour(FIRST - HOUR, Decimal(1))], {}) == [UsedTime(FIRST)]


@given(st.integers(0, 366 * 24 * 60), st.integers(0, 300))
def test_days_begin_at_midnight_in_beijing(minutes: int, back: int) -> None:
    now = FIRST + timedelta(minutes=minutes)
    first, last = window(SPANS["day"], now, back)
    assert first.astimezone(BEIJING).hour == 0
    assert last.astimezone(BEIJING).hour == 23
    assert back or first <= now < last + HOUR
    assert last + HOUR - first == timedelta(days=31)
