"""A connection to a PostgreSQL server: how it is made, and when it gives up."""

import logging
import math
import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from shared.errors import ConfigurationError

STATEMENT_SECONDS = 5.0
"""After that the server ends a statement, unless the address says otherwise."""
SILENCE_SECONDS = STATEMENT_SECONDS + 2
"""After that nothing is expected any more of a server that should have ended the statement itself."""

# What the address (libpq's) may replace.
_DEFAULTS = {
    "connect_timeout": 3,
    "fallback_application_name": "koogallery",
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
# What the engine relies on, a limit that the address may replace, and what the address says.
_OPTIONS = r"-c statement_timeout={}s {} -c default_transaction_isolation=read\ committed"

# It would tell host and user in lines of its own form; what fails is raised as well.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)

T = TypeVar("T")


class PatientConnection(psycopg.Connection[TupleRow]):
    """Waits for an answer no longer than ``patience`` seconds, whatever became of the server and the network."""

    patience = SILENCE_SECONDS

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **options: Any) -> T:
        return super().wait(self._until(gen, time.monotonic() + self.patience), *arguments, **options)

    def _until(self, steps: Generator[Any, Any, T], end: float) -> Generator[Any, Any, T]:
        """The steps of psycopg, which it goes on with every tenth of a second if nothing came."""
        ready = None
        while True:
            try:
                ready = yield (steps.send(ready) if ready is not None else next(steps))
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            if not ready and time.monotonic() > end:
                self.pgconn.finish()
                raise psycopg.OperationalError("no answer in time")


def connect(address: str) -> PatientConnection:
    """A new connection, each of whose statements stands for itself.

    :param address: URL or other connection string of libpq.
    :raises ConfigurationError: it is none, or the database cannot hold every text.
    :raises psycopg.OperationalError: no connection.
    """
    connection = PatientConnection.connect(**_parameters(address), autocommit=True)
    if connection.info.parameter_status("server_encoding") != "UTF8":
        connection.close()
        raise ConfigurationError("KOOGALLERY_STORE: the database must have the encoding UTF8")
    return connection


def _parameters(address: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(address)
    except psycopg.Error:
        # The text of the original may show the password.
        raise ConfigurationError("KOOGALLERY_STORE is no address of a PostgreSQL database") from None
    options = _OPTIONS.format(math.ceil(STATEMENT_SECONDS), given.get("options") or "")
    return {**_DEFAULTS, **given, "client_encoding": "utf8", "options": options}
