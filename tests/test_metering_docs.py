"""What docs/metering.md says, done: its events, its Python, its commands, its tables."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.wire.server import running
from functions.usage import ROUTE
from shared.metering import event_rules, intake
from shared.metering.client import UsageClient
from shared.metering.events import KEPT
from shared.metering.reconciliation.cells import ends, moment, number
from shared.metering.reconciliation.command import TITLES
from shared.metering.reconciliation.comparison import Day
from shared.metering.reconciliation.csv_import import MEMBERS, REQUIRED
from shared.pipelines.application import answer
from tests.pages import Page, both, named, names_in, texts
from tests.shared.metering.metered import METER, TOKEN, Metered

pytestmark = pytest.mark.docs


@pytest.fixture(params=both("docs/metering"), ids=named)
def page(request: pytest.FixtureRequest) -> Page:
    each: Page = request.param
    return each


@pytest.fixture
def world(tmp_path: Path) -> Metered:
    made = Metered(tmp_path)
    made.sell("business-1")
    return made


def rows(page: Page, name: str) -> list[list[str]]:
    """The rows of the table in whose first column ``name`` stands."""
    (found,) = [table[1:] for table in page.tables if any(name in names_in(row[0]) for row in table)]
    return found


def test_the_events_of_the_page_are_taken_in(page, world):
    sent, answered = map(json.loads, texts(page, "json"))
    assert world.take_in(*sent["events"]) == intake.Intake(2, 0, [])
    first, second = sent["events"]
    assert set(first) | set(second) == event_rules.MEMBERS
    assert world.take_in(world.event("fresh"), {**second, "value": "3"}).members() == answered


def test_the_program_of_the_page(page, world):
    (text,) = texts(page, "python")
    defined: dict[str, Any] = {}
    exec(compile(text, page.name, "exec"), defined)  # noqa: S102 - our own documentation
    messages = [{"id": number, "instance": METER, "sent_at": world.clock.now(), "parts": "3"} for number in range(2)]
    with running(lambda request: answer(world.app, request, ROUTE)) as url:
        defined["usage"] = UsageClient(f"{url}/saas/usage", TOKEN)
        assert (defined["bill_messages"](messages).accepted, defined["bill_messages"](messages).duplicates) == (2, 2)
    world.hour_passes()
    world.upload()
    assert world.billed == 6


def test_the_members_of_an_event(page):
    assert {names_in(row[0])[0] for row in rows(page, "instanceId")} == event_rules.MEMBERS


def test_every_reason_is_listed(page):
    assert [names_in(row[0])[0] for row in rows(page, "too late")] == [reason.value for reason in event_rules.Reason]


def test_the_columns_of_a_reconciliation(page):
    (table,) = [table[1:] for table in page.tables if len(table[0]) == 3]
    assert [row[0] for row in table if row[0]] == [title for title in TITLES if title not in ("instance", "day")]
    members = Day("meter-1", date(2026, 11, 20)).members(datetime.now(UTC))
    assert [names_in(row[1])[0] for row in table] == [name for name in members if name not in ("instanceId", "day")]
    (shown,) = texts(page, "text")
    assert shown.splitlines()[0].split() == list(TITLES)


def test_what_is_read_in_a_bill(page):
    beijing = timezone(timedelta(hours=8))
    (table,) = [table[1:] for table in page.tables if any("`1234.5`" in row[1] for row in table)]
    times, numbers = (next(names_in(row[1]) for row in table if text in row[1]) for text in ("GMT", "1234.5"))
    begun = {moment(ends(text)[0], beijing) for text in times if text != "GMT+08:00"}
    assert {each.astimezone(beijing).strftime("%m-%d") for each in begun} == {"11-02"}
    assert {number(text.strip('"'), comma=text == "1.234,5") for text in numbers} == {Decimal("1234.5")}


def test_the_columns_of_a_file(page):
    for name in MEMBERS:
        assert f"`{name}`" in page.prose
    assert set(MEMBERS) - set(REQUIRED) == {"package"}


def test_the_numbers_of_the_page_are_those_of_the_code(page):
    numbers = [f"{intake.MOST:,}", str(event_rules.LONGEST_ID), str(event_rules.MOST_DIGITS), str(KEPT.days)]
    days, seconds = event_rules.LATEST.days, event_rules.LATEST.seconds
    numbers += [str(days), str(seconds // 3600), str(int(event_rules.AHEAD.total_seconds() // 60))]
    assert [number for number in numbers if number not in page.prose] == []
