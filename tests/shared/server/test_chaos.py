"""Two servers on one store under load, one killed again and again, timers doubled: no update is lost, no instance made
twice, no answer unsigned, no run doubled. On PostgreSQL, as on two machines, the whole server is killed, and the
database crashes once.

``CHAOS_SECONDS=600 pytest tests/shared/server/test_chaos.py -s`` goes on for longer and shows the figures.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from emulator.wire.calls import V1Calls, members_of
from emulator.wire.client import Answer
from shared.app import App
from shared.clock import SystemClock
from shared.config import Settings, of
from shared.http import HttpRequest
from shared.secrets import resolver
from shared.server.schedule import TIMERS
from shared.store.engines import tables
from shared.store.postgresql.tables import PostgresTables
from shared.store.sqlite.table import SqliteTables
from tests.postgresql import PostgresServer, own_server
from tests.shared.server.served import SETTINGS, TWO_PROCESSES, Served, served
from tests.shared.server.test_supervisor import purchase, signed_with
from tests.world import KEY

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

SECONDS = float(os.environ.get("CHAOS_SECONDS", "4.5"))
BUYERS = 6
BETWEEN = 1.6
"""Seconds between two kills."""
YEARS = range(2030, 2060)


@dataclass
class Buyer:
    """Buys, renews and asks, each call as often as it takes, as the marketplace does; to either server."""

    number: int
    servers: list[Served]
    over: Event
    renewed: dict[str, set[str]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

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
            began = time.monotonic()
            reply = chance.choice(self.servers).send(request)
            self.seconds.append(time.monotonic() - began)
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


def processes_killed(server: Served) -> int:
    """Kill one of the processes that answer, and every second time the timekeeper too; how often?"""
    kills, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(BETWEEN)
        for pid in [*server.children("web")[kills % 2 :][:1], *server.children("timekeeper")[: kills % 2]]:
            os.kill(pid, signal.SIGKILL)
        kills += 1
    return kills


def machines_killed(server: Served, database: PostgresServer) -> int:
    """Kill the server and start it anew, and crash the database half-way; how often was it killed?"""
    kills, began, crashed = 0, time.monotonic(), False
    while not crashed or time.monotonic() < began + SECONDS:
        time.sleep(BETWEEN)
        server.kill()
        kills += 1
        if not crashed and time.monotonic() > began + SECONDS / 2:
            database.stop()
            time.sleep(0.5)
            database.start()
            crashed = True
        server.start()
        server.healthy()
    return kills


def test_nothing_is_lost_doubled_or_unsigned_on_one_machine(tmp_path: Path) -> None:
    survives(tmp_path, {"KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}", **TWO_PROCESSES}, processes_killed)


def test_nothing_is_lost_doubled_or_unsigned_on_two_machines(tmp_path: Path) -> None:
    with own_server(durable=True) as database:
        survives(tmp_path, {"KOOGALLERY_STORE": database.url}, lambda server: machines_killed(server, database))


def survives(folder: Path, store: Mapping[str, str], disturb: Callable[[Served], int]) -> None:
    """Buyers buy and renew on two servers while the second one is disturbed; then all is as they were told."""
    over, began = Event(), SystemClock().now()
    # What a dead process held is free soon, or the test would take a minute.
    settings = {**store, "KOOGALLERY_LEASE": "2"}
    with served(folder, settings) as one, served(folder, settings) as other, ThreadPoolExecutor(BUYERS) as pool:
        buyers = [Buyer(number, [one, other], over) for number in range(BUYERS)]
        running = [pool.submit(buyer.run) for buyer in buyers]
        try:
            kills = disturb(other)
        finally:
            over.set()
        for each in running:
            each.result()
        runs = [line for server in (one, other) for line in server.lines("timer")]
    answers = sum((buyer.answers for buyer in buyers), Counter[str]())
    _show(answers, [seconds for buyer in buyers for seconds in buyer.seconds], kills)

    assert kills >= SECONDS / 10
    assert answers["000000"] > 100
    renewed = {name: orders for each in buyers for name, orders in each.renewed.items()}
    found = Settings(of({**SETTINGS, **settings}), resolver(of({})))
    with closing(cast("SqliteTables | PostgresTables", tables(found, SystemClock()))) as stored:
        _instances_are_right(App(found, tables=stored), renewed)
    _creations_are_single(folder, renewed.keys())
    _runs_are_single(runs, began)


def _show(answers: Counter[str], seconds: list[float], kills: int) -> None:
    p50, p99 = (sorted(seconds)[int(len(seconds) * part)] for part in (0.5, 0.99))
    rate = len(seconds) / SECONDS
    print(f"{kills} kills; {rate:.0f} calls/s, p50 {p50:.3f} s, p99 {p99:.3f} s; {dict(answers)}")  # noqa: T201 - figures


def _instances_are_right(app: App, renewed: Mapping[str, set[str]]) -> None:
    """Each purchase made its instance, and each renewal that was answered is in it."""
    for name, orders in renewed.items():
        record = app.instances.get(name)
        assert record is not None
        assert orders <= {order.rstrip("/") for order in record.applied}, name


def _creations_are_single(folder: Path, bought: Collection[str]) -> None:
    """The provisioner was told of these instances and no others, and of each with one key however often."""
    keys: dict[str, str] = {}
    for what, instance, key in [line.split() for line in (folder / "asked").read_text().splitlines()]:
        if what == "create":
            assert keys.setdefault(instance, key) == key
    assert keys.keys() == set(bought)


def _runs_are_single(runs: list[dict[str, Any]], began: datetime) -> None:
    """No timer ran more often than it was due, however many servers there are and however often they die: a run that
    was killed is run again, one that ended is not.
    """
    minutes = int((SystemClock().now() - began) / timedelta(minutes=1)) + 1
    for timer in TIMERS:
        due = {timer.due(began + timedelta(minutes=number)) for number in range(minutes)}
        due.add(timer.due(SystemClock().now()))
        assert 1 <= len([run for run in runs if run["interface"] == timer.name]) <= len(due)
