"""Two servers on one SQLite store under load, one killed again and again, timers doubled: no update is lost, no
instance made twice, no answer unsigned, no run doubled.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from emulator.wire.calls import V1Calls, members_of
from emulator.wire.client import Answer
from shared.clock import SystemClock
from shared.config import Settings, of
from shared.http import HttpRequest
from shared.instance.repository import Instances
from shared.server.schedule import TIMERS
from shared.store.cipher import StorageCipher
from shared.store.sqlite.table import SqliteTables
from tests.shared.server.served import SETTINGS, Served, served
from tests.shared.server.test_supervisor import purchase, signed_with
from tests.world import KEY

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

SECONDS, BUYERS, KILLS = 14.0, 6, 5
YEARS = range(2030, 2060)


@dataclass
class Buyer:
    """Buys, renews and asks, each call as often as it takes, as the marketplace does; to either server."""

    number: int
    servers: list[Served]
    over: Event
    renewed: dict[str, set[str]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        calls = V1Calls(KEY, SystemClock())
        chance = random.Random(self.number)
        for round_ in range(10_000):
            if self.over.is_set():
                return
            order = f"CS{self.number}-{round_}"
            instance = f"business-{order}"
            self.until_success(purchase(order_id=order), chance)
            self.renewed[instance] = set()
            for year in chance.sample(YEARS, 3):
                renewal = f"R{order}-{year}"
                self.until_success(
                    calls.call("refreshInstance", instanceId=instance, orderId=renewal, expireTime=f"{year}1120235959"),
                    chance,
                )
                self.renewed[instance].add(renewal)

    def until_success(self, request: HttpRequest, chance: random.Random) -> None:
        for _ in range(400):
            reply = chance.choice(self.servers).send(request)
            if not isinstance(reply, Answer):
                self.answers["none"] += 1
                time.sleep(0.05)
                continue
            code = members_of(signed_with(KEY, reply))["resultCode"]
            self.answers[code] += 1
            if code == "000000":
                return
            assert code in ("000004", "000005"), code
            time.sleep(0.05)
        raise AssertionError("the order never came through")


def killed(server: Served, over: Event) -> Iterator[int]:
    """Kill one of the processes that answer, and every second time the timekeeper too."""
    for number in range(KILLS):
        over.wait(SECONDS / (KILLS + 1))
        for pid in [*server.children("web")[number % 2 :][:1], *server.children("timekeeper")[: number % 2]]:
            os.kill(pid, signal.SIGKILL)
            yield pid


def test_nothing_is_lost_doubled_or_unsigned(tmp_path: Path) -> None:
    over, began = Event(), SystemClock().now()
    # What a dead process held is free soon, or the test would take a minute.
    soon = {"KOOGALLERY_LEASE": "2"}
    with served(tmp_path, soon) as one, served(tmp_path, soon) as other, ThreadPoolExecutor(BUYERS) as pool:
        buyers = [Buyer(number, [one, other], over) for number in range(BUYERS)]
        running = [pool.submit(buyer.run) for buyer in buyers]
        try:
            pids = list(killed(other, over))
        finally:
            over.set()
        for each in running:
            each.result()
        answers = sum((buyer.answers for buyer in buyers), Counter[str]())
        runs = [line for server in (one, other) for line in server.lines("timer")]

    assert len(pids) >= KILLS
    assert answers["000000"] > 100
    _instances_are_right(tmp_path, {name: renewed for each in buyers for name, renewed in each.renewed.items()})
    _runs_are_single(runs, began)


def _instances_are_right(folder: Path, renewed: dict[str, set[str]]) -> None:
    """Each purchase made one instance, and each renewal that was answered is in it."""
    clock = SystemClock()
    with closing(SqliteTables(str(folder / "store.sqlite"), clock)) as tables:
        settings = Settings(of(SETTINGS), lambda store, name: name)
        cipher = StorageCipher(settings.storage_key)
        instances = Instances(tables.table("instances"), cipher, clock, settings.history_kept)
        for name, orders in renewed.items():
            record = instances.get(name)
            assert record is not None
            assert orders <= {order.rstrip("/") for order in record.applied}, name
        stored = len(instances.get_many(list(renewed)))
    asked = [line.split() for line in (folder / "asked").read_text().splitlines()]
    keys: dict[str, str] = {}
    for what, instance, key in asked:
        if what == "create":
            assert keys.setdefault(instance, key) == key, "a creation that is repeated has the same key"
    assert stored == len(renewed) == len(keys.keys() & renewed.keys())


def _runs_are_single(runs: list[dict[str, Any]], began: datetime) -> None:
    """No timer ran more often than it was due, however many servers there are and however often they die: a run that
    was killed is run again, one that ended is not.
    """
    for timer in TIMERS:
        due = {timer.due(began), timer.due(SystemClock().now())}
        assert 1 <= len([run for run in runs if run["interface"] == timer.name]) <= len(due)
