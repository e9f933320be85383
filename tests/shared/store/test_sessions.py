"""Sessions, and how they end."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from shared.clock import epoch_ms, moment_of
from shared.errors import ConfigurationError
from shared.store.cipher import StorageCipher
from shared.store.sessions import LONGEST, Session, Sessions, key_of
from shared.store.sqlite.table import SqliteTables
from shared.store.table import Stale
from tests.fakes import CountingTables, FakeClock

TWO_HOURS = timedelta(hours=2)
KEY = "a-storage-key-for-tests"
HERE = ("instance-1", "tenant-1")


class SessionsWorld:
    """A table of sessions on a clock."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.tables = CountingTables(SqliteTables(str(folder / "store.sqlite"), self.clock))
        self.sessions = self.with_keys(KEY)

    def with_keys(self, *keys: str) -> Sessions:
        return Sessions(self.tables.table("sessions"), StorageCipher(keys), self.clock, "app-1")

    def of(self, app_id: str) -> Sessions:
        return Sessions(self.tables.table("sessions"), StorageCipher([KEY]), self.clock, app_id)

    def end_user(self, user_name: str = "zhang@acme") -> None:
        self.sessions.end_users("instance-1", "tenant-1", "app-1", [user_name])

    def begin(self, tenant: str = "tenant-1", user: str = "zhang@acme", instance: str = "instance-1") -> str:
        self.clock.advance(0.001)
        now = self.clock.now()
        session = Session(
            key="",
            tenant_id=tenant,
            tenant_name="Acme",
            user_name=user,
            instance_id=instance,
            domain="https://acme.example.com",
            began_ms=epoch_ms(now),
            ends_ms=epoch_ms(now + LONGEST),
            access_ends_ms=epoch_ms(now + TWO_HOURS),
            renew_ms=epoch_ms(now + TWO_HOURS),
            refresh_token="refresh-1",
        )
        return self.sessions.begin(session)[0]


@pytest.fixture
def world(tmp_path: Path) -> SessionsWorld:
    return SessionsWorld(tmp_path)


def test_a_session_is_found_by_its_id_alone(world: SessionsWorld) -> None:
    session_id = world.begin()
    session = world.sessions.find(session_id)

    assert session is not None
    assert (session.user_name, session.refresh_token) == ("zhang@acme", "refresh-1")
    assert session.key == key_of(session_id)
    assert world.sessions.named(session.key) == session
    assert world.sessions.find(session.key) is None, "its name does not open it"
    assert world.sessions.find("") is None


def test_ids_are_never_the_same(world: SessionsWorld) -> None:
    assert len({world.begin() for _ in range(50)}) == 50


def test_a_check_costs_two_reads(world: SessionsWorld) -> None:
    session_id = world.begin()
    world.tables.reset()
    world.sessions.find(session_id)

    assert world.tables.calls == {("sessions", "get"): 1, ("sessions", "get_many"): 1}


def test_a_session_ends_with_its_time(world: SessionsWorld) -> None:
    session_id = world.begin()
    world.clock.advance(LONGEST - timedelta(seconds=1))
    assert world.sessions.find(session_id) is not None
    world.clock.advance(2)
    assert world.sessions.find(session_id) is None


def test_ending_one_leaves_the_others(world: SessionsWorld) -> None:
    first, second = world.begin(), world.begin()
    world.sessions.end(first)
    world.sessions.end(first)

    assert world.sessions.find(first) is None
    assert world.sessions.find(second) is not None


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (lambda sessions: sessions.end_users(*HERE, "app-1", ["zhang@acme"]), {"zhang"}),
        (lambda sessions: sessions.end_users(*HERE, "app-1", ["zhang@acme", "li@acme"]), {"zhang", "li"}),
        (lambda sessions: sessions.end_application(*HERE, "app-1"), {"zhang", "li"}),
        (lambda sessions: sessions.end_tenant(*HERE), {"zhang", "li"}),
        (lambda sessions: sessions.end_instance("instance-1"), {"zhang", "li"}),
        (lambda sessions: sessions.end_instance("instance-2"), {"other tenant", "other instance"}),
        (lambda sessions: sessions.end_users(*HERE, "app-1", []), set()),
        (lambda sessions: sessions.end_users(*HERE, "app-2", ["zhang@acme"]), set()),
        (lambda sessions: sessions.end_application(*HERE, "app-2"), set()),
        (lambda sessions: sessions.end_tenant("instance-2", "tenant-1"), {"other instance"}),
    ],
    ids=[
        "user", "users", "application", "tenant", "instance", "another instance", "nobody",
        "user of another application", "another application", "tenant of another instance",
    ],
)  # fmt: skip
def test_all_sessions_of_a_subject_end_at_once(world, end, ended) -> None:
    ids = {
        "zhang": world.begin(),
        "li": world.begin(user="li@acme"),
        "other tenant": world.begin(tenant="tenant-2", instance="instance-2"),
        "other instance": world.begin(user="li@acme", instance="instance-2"),
    }
    assert all(world.sessions.find(session_id) for session_id in ids.values())
    world.tables.reset()
    end(world.sessions)

    assert world.tables.total <= 1
    assert {name for name, session_id in ids.items() if not world.sessions.find(session_id)} == ended


def test_a_session_belongs_to_one_application(world: SessionsWorld) -> None:
    session_id = world.begin()
    session = world.sessions.find(session_id)

    assert session is not None
    assert session.app_id == "app-1"
    assert world.of("app-2").find(session_id) is None
    assert world.of("").find(session_id) is None
    assert world.of("app-1").find(session_id) == session


def first_release(world: SessionsWorld, *marks: str) -> str:
    """A session as the first release stored it, and marks as it made them; the session's id."""
    session_id = world.begin()
    table = world.tables.table("sessions")
    item = table.get(f"session#{key_of(session_id)}")
    assert item is not None
    cipher = StorageCipher([KEY])
    members = json.loads(cipher.open(item["sealed"]))
    del members["app_id"]
    table.replace({**item, "sealed": cipher.seal(json.dumps(members))})
    moment = {"at_ms": epoch_ms(world.clock.now()), "expires": int(world.clock.now().timestamp()) + 86400}
    table.put_many({"pk": mark, "sk": "-", **moment} for mark in marks)
    return session_id


def test_sessions_of_the_first_release_go_on_and_end(world: SessionsWorld) -> None:
    ends: list[Callable[[], object]] = [
        world.end_user,
        lambda: world.sessions.end_application(*HERE, "app-1"),
        lambda: world.sessions.end_tenant(*HERE),
    ]
    for end in ends:
        session_id = first_release(world)
        session = world.sessions.find(session_id)
        assert session is not None
        assert world.sessions.replace(session).app_id == ""
        end()
        assert world.sessions.find(session_id) is None


def test_what_the_first_release_ended_stays_so(world: SessionsWorld) -> None:
    user = sha256(json.dumps(["tenant-1", "zhang@acme"]).encode()).hexdigest()
    for mark in (f"ended-user#{user}", "ended-tenant#tenant-1", "ended-instance#instance-1"):
        assert world.sessions.find(first_release(world, mark)) is None


def test_who_comes_back_begins_anew(world: SessionsWorld) -> None:
    before = world.begin()
    world.end_user()
    after = world.begin()

    assert world.sessions.find(before) is None
    assert world.sessions.find(after) is not None


def test_a_login_that_began_before_the_end_does_not_outlive_it(world: SessionsWorld) -> None:
    """It looked at the directory before the user was removed, and stores its session after."""
    looked = world.sessions.find(world.begin())
    assert looked is not None
    world.end_user()
    session_id, _ = world.sessions.begin(looked)

    assert world.sessions.find(session_id) is None


def test_marks_outlive_every_session_they_end(world: SessionsWorld) -> None:
    session_id = world.begin()
    world.sessions.end_tenant("instance-1", "tenant-1")
    world.clock.advance(LONGEST - timedelta(seconds=2))

    assert world.sessions.find(session_id) is None


def test_a_change_is_lost_once_the_session_has_ended(world: SessionsWorld) -> None:
    session_id = world.begin()
    session = world.sessions.find(session_id)
    assert session is not None
    changed = world.sessions.replace(replace(session, refresh_token="refresh-2"))
    assert world.sessions.find(session_id) == changed
    with pytest.raises(Stale):
        world.sessions.replace(session)
    world.sessions.end(session_id)
    with pytest.raises(Stale):
        world.sessions.replace(changed)


def test_ending_wins_over_a_change_at_the_same_time(world: SessionsWorld) -> None:
    session_id = world.begin()
    session = world.sessions.find(session_id)
    assert session is not None

    def change_first(table: str, method: str) -> None:
        if method == "delete":
            world.tables.before = lambda table, method: None
            world.sessions.replace(session)

    world.tables.before = change_first
    world.sessions.end(session_id)

    assert world.sessions.find(session_id) is None


def test_a_code_is_spent_once(world: SessionsWorld) -> None:
    assert world.sessions.spend_code("tenant-1", "code-1")
    assert not world.sessions.spend_code("tenant-1", "code-1")
    assert world.sessions.spend_code("tenant-2", "code-1")


def test_nothing_in_the_store_can_be_read_or_used(world: SessionsWorld, tmp_path: Path) -> None:
    session_id = world.begin()
    world.end_user()
    world.sessions.spend_code("tenant-1", "secret-code")
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        text = "\n".join(connection.iterdump())
    connection.close()

    assert key_of(session_id) in text
    secrets = (session_id, "zhang@acme", "refresh-1", "secret-code", "Acme")
    assert [word for word in secrets if word in text] == []


def test_a_repr_shows_no_secret(world: SessionsWorld) -> None:
    session = world.sessions.find(world.begin())

    assert not any(word in repr(session) for word in ("zhang", "refresh-1", "Acme"))


def test_keys_can_be_exchanged(world: SessionsWorld) -> None:
    session_id = world.begin()

    assert world.with_keys("a-newer-storage-key", "a-storage-key-for-tests").find(session_id) is not None
    with pytest.raises(ConfigurationError, match="KOOGALLERY_STORAGE_KEY"):
        world.with_keys("a-newer-storage-key").find(session_id)


def test_moments_are_milliseconds(world: SessionsWorld) -> None:
    assert moment_of(epoch_ms(world.clock.now())) == world.clock.now()
