"""What only the PostgreSQL engine promises. The rest is in ``test_table.py`` of the port."""

import random
import sys
from typing import Literal

import psycopg
import pytest

from shared.app import App
from shared.clock import Deadline, SystemClock
from shared.config import Settings, of
from shared.errors import ConfigurationError, Unavailable
from shared.store.formats import ReadableTables
from shared.store.postgresql.pool import Pool
from shared.store.postgresql.statements import REMOVE_EXPIRED, about
from shared.store.postgresql.tables import PostgresTables
from shared.store.table import NAMES, Item, Write
from tests.fakes import FakeClock
from tests.postgresql import PASSWORD, PostgresServer
from tests.shared.store.child import INCREMENTS, start
from tests.shared.store.postgresql.conftest import Open
from tests.world import together

pytestmark = pytest.mark.engines


def test_makes_a_table_at_its_first_use_and_not_before(tables: PostgresTables, sql: psycopg.Connection) -> None:
    made = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'koogallery-%'"
    table = tables.table("instances")
    assert sql.execute(made).fetchone() == (0,)

    assert table.get("a") is None
    assert sql.execute(made).fetchone() == (1,)


def test_many_may_make_the_tables_at_once(opened: Open, url: str) -> None:
    stores = [opened(url) for _ in range(8)]
    together(8, lambda index: [stores[index].table(name).create({"pk": str(index), "sk": "-"}) for name in NAMES])

    for name in NAMES:
        assert len(stores[0].table(name).get_many([(str(index), "-") for index in range(8)])) == 8


def test_loses_no_update_of_two_processes_that_also_make_the_table(tables: PostgresTables, url: str) -> None:
    children = [start("count", url) for _ in range(2)]
    assert [process.wait(60) for process in children] == [0, 0]

    item = tables.table("instances").get("count")
    assert item is not None
    assert item["sum"] == 2 * INCREMENTS


def test_transactions_see_what_is_there_whatever_the_database_prefers(url: str, sql: psycopg.Connection) -> None:
    sql.execute(f"ALTER DATABASE {sql.info.dbname} SET default_transaction_isolation TO serializable".encode())
    pool = Pool(lambda: url + "?options=-c%20statement_timeout%3D7s")
    with pool.connection() as connection:
        isolation = connection.execute("SHOW transaction_isolation").fetchone()
        limit = connection.execute("SHOW statement_timeout").fetchone()
    pool.close()

    assert (isolation, limit) == (("read committed",), ("7s",))


def test_batches_that_share_keys_do_not_wait_for_each_other(opened: Open, url: str, sql: psycopg.Connection) -> None:
    tables = opened(url)
    table = tables.table("instances")
    table.put_many({"pk": str(number), "sk": "-"} for number in range(60))
    order = list(range(60))
    kinds: list[Literal["create", "replace", "delete"]] = ["create", "replace", "delete", "create", "replace"]

    def work(index: int) -> None:
        mixed = random.Random(index).sample(order, 60)
        for attempt in range(5):
            own = {"pk": f"{index}-{attempt}", "sk": "-"}
            table.create(own, [{"pk": str(number), "sk": "-"} for number in mixed])
            items = table.get_many([(str(number), "-") for number in mixed])
            table.write_many(Write(kinds[len(item["pk"]) + index % 3], item) for item in items)
            table.put_many({"pk": str(number), "sk": "-"} for number in mixed)
            table.delete_many((str(number), "-") for number in mixed[:20])

    together(6, work)
    table.put_many({"pk": str(number), "sk": "-"} for number in order)
    assert len(table.get_many([(str(number), "-") for number in order])) == 60
    tables.close()  # what a session counts is known for sure when it is over
    assert sql.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone() == (0,)


def test_an_item_and_what_stands_beside_it_are_one_transaction(tables: PostgresTables, sql: psycopg.Connection) -> None:
    table = tables.table("instances")
    created = table.create({"pk": "p", "sk": "-"})
    table.replace(created, [{"pk": "p", "sk": str(number)} for number in range(5)])
    written = sql.execute('SELECT xmin::text, count(*) FROM "koogallery-instances" GROUP BY xmin').fetchall()

    assert [count for _, count in written] == [6]


def test_keys_may_be_as_long_as_any_and_hold_anything(tables: PostgresTables) -> None:
    chance = random.Random(1)
    table = tables.table("instances")
    long = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(676))
    keys = [(long + end, sk) for end in ("aa", "ab", "") for sk in ("\0", "\0\0", "a\0", "\x01", long[:341])]
    table.put_many({"pk": pk, "sk": sk, "n": number} for number, (pk, sk) in enumerate(keys))

    assert [table.get(*key) for key in keys] == [
        {"pk": pk, "sk": sk, "n": number, "version": 1} for number, (pk, sk) in enumerate(keys)
    ]
    assert [item["sk"] for item in table.query(long).items] == ["\0", "\0\0", "\x01", "a\0", long[:341]]


def test_what_cannot_all_be_done_in_time_is_not_begun(
    opened: Open, url: str, sql: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    table = opened(url + "?options=-c%20statement_timeout%3D0").table("instances")
    locked = table.create({"pk": "b", "sk": "-"})
    with sql.transaction():
        sql.execute('SELECT * FROM "koogallery-instances" FOR UPDATE')
        writes = [Write("create", {"pk": pk, "sk": "-"}) for pk in "ac"]
        with pytest.raises(Unavailable, match="57014"):
            table.write_many([*writes, Write("replace", {**locked, "x": 1})], Deadline(SystemClock(), 0.3))

    assert table.get_many([(pk, "-") for pk in "abc"]) == [locked]
    assert caplog.text == ""


def test_the_sweep_takes_the_longest_expired_and_nothing_else(opened: Open, url: str, sql: psycopg.Connection) -> None:
    clock = FakeClock()
    tables = opened(url, clock)
    now = int(clock.now().timestamp())
    tables.table("usage").put_many({"pk": f"{number:02}", "sk": "-", "expires": now - number} for number in range(30))
    kept: list[Item] = [
        {"pk": "never", "sk": "-"},
        {"pk": "not yet", "sk": "-", "expires": now + 1},
        {"pk": "late", "sk": "-", "expires": 10**30},
    ]
    tables.table("usage").put_many(kept)
    left = 'SELECT count(*) FROM "koogallery-usage"'

    assert tables.remove_expired(10) == 10
    assert sql.execute(left + f" WHERE expires <= {now - 20}").fetchone() == (0,)
    assert tables.remove_expired(100) == 20
    assert tables.remove_expired(100) == 0
    assert sql.execute(left).fetchone() == (3,)
    assert len(tables.table("usage").get_many([(str(item["pk"]), "-") for item in kept])) == 3


def test_the_sweep_looks_at_nothing_but_what_expires(tables: PostgresTables, sql: psycopg.Connection) -> None:
    tables.remove_expired(1)
    sql.execute("SET enable_seqscan = off")
    sql.execute("SET plan_cache_mode = force_generic_plan")
    sweep = about("koogallery-usage", REMOVE_EXPIRED).replace(b"%(now)s", b"$1").replace(b"%(most)s", b"$2")
    sql.execute(b"PREPARE sweep (bigint, bigint) AS " + sweep)
    plan = sql.execute("EXPLAIN EXECUTE sweep (1, 1)").fetchall()

    assert any("koogallery-usage-expires" in step for (step,) in plan)


@pytest.mark.parametrize(
    "broken",
    ["postgresql://{u}:wrong-{p}@127.0.0.1:{port}/postgres", "postgresql://{u}:{p}@127.0.0.1:9/postgres",
     "postgresql://{u}:{p}@127.0.0.1:{port}/nowhere", "postgresql://{u}:{p}@127.0.0.1:{port}/postgres?sslmode=require"],
)  # fmt: skip
def test_tells_no_password_when_it_cannot_connect(postgresql_server: PostgresServer, opened: Open, broken: str) -> None:
    url = broken.format(u="koogallery", p=PASSWORD, port=postgresql_server.port)
    tables = opened(url, FakeClock())

    with pytest.raises(Unavailable) as refused:
        tables.table("instances").create({"pk": "a", "sk": "-"})

    assert PASSWORD not in f"{refused.value!r} {tables!r}"
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{PASSWORD}%zz@h/d", f"postgresql://u:{PASSWORD}@h/d?no_such=1", "postgresql://u:p@h:x/d"]
)
def test_a_url_that_is_none_is_a_setting_to_mend(opened: Open, url: str) -> None:
    with pytest.raises((ConfigurationError, Unavailable)) as refused:
        opened(url, FakeClock()).table("instances").get("a")

    assert PASSWORD not in str(refused.value)


def test_a_database_that_cannot_hold_every_text_is_refused(
    postgresql_server: PostgresServer, sql: psycopg.Connection, opened: Open, url: str
) -> None:
    name = f"{sql.info.dbname}_latin"
    sql.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING latin1 LOCALE 'C' LOCALE_PROVIDER libc".encode())
    try:
        with pytest.raises(ConfigurationError, match="UTF8"):
            opened(f"{url}_latin").table("instances").get("a")
    finally:
        sql.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_a_prefix_that_postgresql_would_cut_is_refused(opened: Open) -> None:
    settings = {"KOOGALLERY_STORE": "postgresql://h/d", "KOOGALLERY_TABLE_PREFIX": "x" * 50}
    with pytest.raises(ConfigurationError, match="KOOGALLERY_TABLE_PREFIX"):
        _ = App(Settings(of(settings), lambda store, name: name)).tables


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("shared.store.postgresql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    app = App(Settings(of({"KOOGALLERY_STORE": "postgresql://h/d"}), lambda store, name: name))

    with pytest.raises(ConfigurationError, match=r"koogallery-functions\[postgresql\]"):
        _ = app.tables


def test_the_address_may_be_a_secret_that_is_rotated(url: str, sql: psycopg.Connection) -> None:
    role = f"r{sql.info.dbname}"
    sql.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD 'first'".encode())
    secret = [url.replace("koogallery:koogallery", f"{role}:first")]
    settings = Settings(of({"KOOGALLERY_STORE": "csms:store"}), lambda store, name: secret[0])
    readable = App(settings).tables
    assert isinstance(readable, ReadableTables)
    tables = readable.inner
    assert isinstance(tables, PostgresTables)
    try:
        created = tables.table("instances").create({"pk": "a", "sk": "-"})
        tables.close()
        sql.execute(f"ALTER ROLE {role} PASSWORD 'second'".encode())
        secret[0] = url.replace("koogallery:koogallery", f"{role}:second")

        assert tables.table("instances").get("a") == created
    finally:
        tables.close()
        sql.execute(f"REASSIGN OWNED BY {role} TO koogallery".encode())
        sql.execute(f"DROP ROLE {role}".encode())
