"""What is said in SQL. ``writer`` marks whose write a row is, so that a write which comes twice knows its own."""

from shared.store.items import NEVER

MAKE = """CREATE TABLE IF NOT EXISTS "{name}" (
    pk bytea NOT NULL, sk bytea NOT NULL, version bigint NOT NULL, expires bigint NOT NULL, writer bytea NOT NULL,
    item json NOT NULL, PRIMARY KEY (pk, sk));
CREATE INDEX IF NOT EXISTS "{name}-expires" ON "{name}" (expires) WHERE expires < {never}"""

GET = 'SELECT item FROM "{name}" WHERE pk = %s AND sk = %s AND expires > %s'
GET_MANY = 'SELECT item FROM "{name}" WHERE expires > %(now)s AND {those}'
IN_THE_WAY = 'SELECT pk, sk, version, item FROM "{name}" WHERE writer <> %(writer)s AND {those}'
FORWARD = """SELECT sk, CASE WHEN expires > %(now)s THEN item END FROM "{name}"
    WHERE pk = %(pk)s AND sk >= %(low)s AND sk < %(high)s ORDER BY sk LIMIT %(limit)s"""
BACKWARD = FORWARD.replace("ORDER BY sk", "ORDER BY sk DESC")
SCAN = """SELECT pk, sk, item FROM "{name}" WHERE (pk, sk) > (%(pk)s, %(sk)s) ORDER BY pk, sk LIMIT %(limit)s"""
FIRST_PAGES = """SELECT place, page.* FROM unnest(%(pks)s::bytea[]) WITH ORDINALITY AS wanted (pk, place), LATERAL (
    SELECT sk, CASE WHEN expires > %(now)s THEN item END FROM "{name}" AS stored
    WHERE stored.pk = wanted.pk ORDER BY sk LIMIT %(limit)s) AS page ORDER BY place, sk"""

CREATE = """INSERT INTO "{name}" AS old (pk, sk, version, expires, writer, item)
    VALUES (%(pk)s, %(sk)s, 1, %(expires)s, %(writer)s, %(item)s::json)
    {over} WHERE old.expires <= %(now)s OR old.writer = excluded.writer"""
REPLACE = """UPDATE "{name}" SET version = %(version)s + 1, expires = %(expires)s, writer = %(writer)s,
    item = %(item)s::json WHERE pk = %(pk)s AND sk = %(sk)s AND ({still_that} OR writer = %(writer)s)"""
DELETE = 'DELETE FROM "{name}" WHERE pk = %(pk)s AND sk = %(sk)s AND {still_that}'
LIMIT_TIME = b"SELECT set_config('statement_timeout', %s, true)"

PUT_MANY = """INSERT INTO "{name}" (pk, sk, version, expires, writer, item)
    SELECT pk, sk, 1, expires, %(writer)s, item::json
    FROM unnest(%(pks)s::bytea[], %(sks)s::bytea[], %(expires)s::bigint[], %(items)s::text[])
    AS new (pk, sk, expires, item) {over}"""
REMOVE_MANY = """DELETE FROM "{name}" WHERE (pk, sk) IN (
    SELECT pk, sk FROM "{name}" WHERE {those} ORDER BY pk, sk FOR UPDATE)"""
REMOVE_EXPIRED = """DELETE FROM "{name}" WHERE (pk, sk) IN (SELECT pk, sk FROM "{name}"
    WHERE expires <= %(now)s AND expires < {never} ORDER BY expires LIMIT %(most)s FOR UPDATE SKIP LOCKED)"""

_PARTS = {
    "never": NEVER,
    "those": "(pk, sk) IN (SELECT * FROM unnest(%(pks)s::bytea[], %(sks)s::bytea[]))",
    "still_that": "version = %(version)s AND expires > %(now)s",
    "over": "ON CONFLICT (pk, sk) DO UPDATE SET version = excluded.version, expires = excluded.expires, "
    "writer = excluded.writer, item = excluded.item",
}


def about(name: str, statement: str) -> bytes:
    """The statement about the table called ``name``, which needs no quoting."""
    return statement.format(name=name, **_PARTS).encode()
