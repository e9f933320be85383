"""The statements of ``docs/postgresql.md`` are given as they stand there, on a server."""

import psycopg
import pytest

from tests.pages import page, texts
from tests.postgresql import own_server
from tests.shared.store.postgresql.conftest import Open

pytestmark = [pytest.mark.engines, pytest.mark.docs, pytest.mark.slow]


def test_its_user_and_database_are_enough(opened: Open) -> None:
    setup, look = texts(page("docs/postgresql.md"), "sql")
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for statement in (
                setup.replace("ROLE koogallery", "ROLE seller").replace("OWNER koogallery", "OWNER seller").split(";")
            ):
                if statement.strip():
                    connection.execute(statement.encode())
        url = f"postgresql://seller:a%20long%20random%20password@127.0.0.1:{server.port}/koogallery"
        store = opened(url)
        store.table("instances").put_many({"pk": str(number), "sk": "-", "state": "ACTIVE"} for number in range(3))
        store.remove_expired(1)
        store.close()
        with psycopg.connect(url) as connection:
            assert connection.execute(look.encode()).fetchall() == [("ACTIVE", 3)]
