"""The made-up usage of the benchmarks is what it says it is, and what was used is what is billed."""

import random
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from emulator.bench.metered_seller import START, MeteredSeller, MeteredUsage


def usage(size: int, late: float = 0.05, again: float = 0.1) -> MeteredUsage:
    return MeteredUsage(size, ["instance-0", "instance-1"], random.Random(1), late, again)


def test_used_is_the_sum_of_different_events() -> None:
    some = usage(3000)
    sent = [event for page in some.pages() for event in page]
    times = Counter(event["id"] for event in sent)

    assert len(times) == 3000
    assert Counter(times.values()) == {1: 2700, 2: 300}
    assert some.sent == len(sent) == 3300
    assert some.used == sum(Decimal(value) for value in {event["id"]: event["value"] for event in sent}.values())


def test_a_repeat_comes_in_another_page_and_a_page_is_no_larger_than_a_call() -> None:
    pages = list(usage(3000).pages())

    assert all(len({event["id"] for event in page}) == len(page) <= 1000 for page in pages)


def test_some_are_late_unless_nothing_may_be() -> None:
    def late(some: MeteredUsage) -> float:
        times = [datetime.fromisoformat(event["time"]) for page in some.pages() for event in page]
        return sum(time < START for time in times) / len(times)

    assert 0.03 < late(usage(3000)) < 0.07
    assert late(usage(300, late=0, again=0)) == 0


def test_what_was_used_is_billed_though_calls_fail(tmp_path: Path) -> None:
    settings = {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", "KOOGALLERY_USAGE_BATCH": "2"}
    seller = MeteredSeller(settings, 2, failing=0.5)
    some = usage(100)
    seller.clock.sleep(3600)
    for page in some.pages():
        seller.take_in(page)
    seller.clock.sleep(3600)
    accepted = seller.upload()

    assert seller.billed() == some.used
    assert seller.client.failed > 0
    assert accepted >= 2
