"""Thousands of calls of every interface, well and in every kind of trouble: what is secret or personal is nowhere but
where it belongs.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from emulator.commands.cli import main
from shared import log
from shared.metrics.counts import Counts
from shared.watch.findings import findings
from shared.watch.risk import risk
from tests.event_receiver import EventReceiver
from tests.logs import captured
from tests.private_calls import JOBS, live
from tests.private_world import BOUND, CHOSEN, MARK, PHONE, PrivateWorld, person

FEW = 400
PERSONAL = re.compile(rf"{MARK}|{CHOSEN}|{PHONE}\d{{5}}")
COMMANDS = (
    ("list",),
    ("list", "--json"),
    ("find", "--customer", "customer-1"),
    ("find", "--user", person(1)["userId"], "--json"),
    ("show", BOUND),
    ("show", BOUND, "--json"),
    ("timeline", "--customer", "customer-1"),
    ("orders", "--month", "2026-11"),
    ("orders", "--month", "2026-11", "--json"),
    ("risk",),
    ("risk", "--json"),
    ("resync", BOUND, "--dry-run"),
    ("resync", BOUND),
    ("retry", "CS-bound"),
    ("complete", BOUND),
    ("redrive", "events", "--dry-run"),
    ("redrive", "usage", "--dry-run"),
    ("usage", "export", "--month", "2026-11"),
    ("reconcile", "--from", "2026-11-20", "--to", "2026-11-21"),
    ("migrate", "--dry-run"),
    ("erase", "--customer", "customer-1", "--dry-run"),
)
INTERFACES = {
    *("purchase", "renew", "upgrade", "status", "expire", "release", "query", "change-check", "order-notify"),
    *("tenant-sync", "application-sync", "user-sync", "department-sync", "usage", "directory"),
    *("login", "login_callback", "session", "session_refresh", "logout"),
}
WEBHOOK = {"instance.create": "the buyer who buys", "member.changed": "the person who may use it now"}
"""Messages to the seller's backend in which personal data belongs."""


def stored(folder: Path) -> str:
    """Everything in the store as text."""
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        return "\n".join(connection.iterdump())


def shown(text: str) -> str:
    """With what JSON and SQL escape, as a reader would see it."""
    return text + re.sub(r"\\u[0-9a-f]{4}", lambda found: json.loads(f'"{found[0]}"'), text)


@pytest.mark.parametrize("calls", [FEW, pytest.param(3_000, marks=pytest.mark.slow)])
def test_nothing_is_where_it_does_not_belong(
    calls: int,
    tmp_path: Path,
    receiver: EventReceiver,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    pytestconfig: pytest.Config,
) -> None:
    """The few calls are always the same; the many are others in each run, so that runs add up."""
    chosen = calls if calls == FEW else pytestconfig.getoption("--hypothesis-seed") or calls
    counts = Counts(tmp_path)
    monkeypatch.setattr(log, "_ears", [counts.line])
    with captured() as lines:
        world = PrivateWorld(tmp_path, receiver, seed=int(chosen))
        bad = live(world, calls)
        codes = {command: main(command) for command in COMMANDS}
    printed = capfd.readouterr()

    assert calls / 8 < bad < calls
    answered = lines("answered")
    assert {line.get("interface") for line in answered} >= INTERFACES
    assert {line["result"] for line in answered} >= {"000000", "000001", "000002", "000005", "200", "401"}
    assert {line["interface"] for line in lines("run")} == set(JOBS)
    assert world.raised
    assert receiver.attempts
    assert len(world.secrets) > 20 + calls / 200
    assert max(codes.values()) <= 1, codes
    sinks = {
        "log": lines.text,
        "printed": printed.out + printed.err,
        "metrics": counts.text(),
        "events": json.dumps(receiver.attempts),
        "findings": repr(findings(world.app)),
        "risk": repr(risk(world.app)),
        "raised": "\n".join(world.raised),
        "reprs": repr([world.app, vars(world.app), world.app.instances.get(BOUND)]),
        "store": stored(tmp_path),
        **{kind: "\n".join(told).replace(CHOSEN, "") for kind, told in world.heard.items() if kind not in WEBHOOK},
    }
    assert set(WEBHOOK) <= world.heard.keys()
    for name, text in sinks.items():
        readable = shown(text)
        assert PERSONAL.findall(readable) == [], name
        assert [secret for secret in world.secrets if secret in readable] == [], name
    for secret in world.secrets:
        assert not any(secret in told for kind in WEBHOOK for told in world.heard[kind])


def test_it_would_be_seen(tmp_path: Path, receiver: EventReceiver) -> None:
    """What is looked for does come in: the backend is told all of the buyer, and the store holds it sealed."""
    world = PrivateWorld(tmp_path, receiver, seed=1)
    live(world, 60)
    told = "".join(world.heard["instance.create"])
    assert {found[: len(PHONE)] for found in PERSONAL.findall(told)} == {MARK, CHOSEN[:6], PHONE}
    assert "customer-1" in stored(tmp_path)
