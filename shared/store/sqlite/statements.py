"""What is said in SQL."""

from functools import cache

from shared.store.items import NEVER

MAKE = """CREATE TABLE IF NOT EXISTS {name} (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL, item TEXT NOT NULL,
    PRIMARY KEY (pk, sk)) WITHOUT ROWID"""
GET = "SELECT item FROM {name} WHERE pk = ? AND sk = ? AND expires > ?"
# SQLite looks for each by its key, in this order; for "(pk, sk) IN" it would read the whole table.
GET_THOSE = (
    "WITH wanted (pk, sk) AS (VALUES {keys}) SELECT item FROM wanted CROSS JOIN {name} AS stored"
    " ON stored.pk = wanted.pk AND stored.sk = wanted.sk WHERE expires > ?"
)
PUT = "INSERT OR REPLACE INTO {name} (pk, sk, version, expires, item) VALUES (?, ?, ?, ?, ?)"
CREATE = (
    PUT.replace(" OR REPLACE", "") + " ON CONFLICT (pk, sk) DO UPDATE SET"
    " version = excluded.version, expires = excluded.expires, item = excluded.item WHERE {name}.expires <= ?"
)
REPLACE = "UPDATE {name} SET version = ?, expires = ?, item = ? WHERE pk = ? AND sk = ? AND version = ? AND expires > ?"
DELETE = "DELETE FROM {name} WHERE pk = ? AND sk = ? AND version = ? AND expires > ?"
REMOVE = "DELETE FROM {name} WHERE pk = ? AND sk = ?"
FORWARD = "SELECT sk, expires, item FROM {name} WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk LIMIT ?"
BACKWARD = "SELECT sk, expires, item FROM {name} WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk DESC LIMIT ?"
# All that is found of a partition is one JSON text, which takes less time than to fetch its rows one by one.
FIRST_PAGES = (
    "WITH wanted (pk) AS (VALUES {partitions}) SELECT (SELECT '[' || coalesce(group_concat(item), '') || ']'"
    " FROM (SELECT item FROM {name} WHERE pk = wanted.pk ORDER BY sk LIMIT ?)) FROM wanted"
)
SCAN = "SELECT pk, sk, item FROM {name} WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?"
# Made by the first sweep, not by the first call after an upgrade, which cannot wait for it.
INDEX = 'CREATE INDEX IF NOT EXISTS "{bare}-expires" ON {name} (expires) WHERE expires < {never}'
SWEEP = (
    "DELETE FROM {name} WHERE (pk, sk) IN "
    "(SELECT pk, sk FROM {name} WHERE expires <= ? AND expires < {never} ORDER BY expires LIMIT ?)"
)


@cache
def about(name: str, statement: str, count: int = 0) -> str:
    """The statement about the table called ``name``, which is free of quotes as ``table_name`` let it pass, and about
    so many keys or partitions.
    """
    keys, partitions = (", ".join([each] * count) for each in ("(?, ?)", "(?)"))
    return statement.format(name=f'"{name}"', bare=name, never=NEVER, keys=keys, partitions=partitions)
