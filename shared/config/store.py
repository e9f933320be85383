"""Where the store is."""

import re

from shared.config.values import Values
from shared.errors import ConfigurationError

_NAME = re.compile(r"[A-Za-z0-9_-]{3,48}")


def store(values: Values) -> tuple[str, str]:
    """The store's engine, and where it is: ``dynamodb`` and nothing; ``sqlite`` and the path of its file;
    ``postgresql`` and the URL of its database, password included.
    """
    value = values.get("KOOGALLERY_STORE", "dynamodb")
    engine, _, path = value.partition(":")
    if engine in ("postgresql", "postgres") and path.startswith("//"):
        return "postgresql", value
    if (engine, bool(path)) not in (("dynamodb", False), ("sqlite", True)):
        raise ConfigurationError(
            "KOOGALLERY_STORE must be dynamodb, sqlite:PATH or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    return engine, path


def single_table(values: Values) -> str | None:
    """The name of the one table that holds everything; ``None`` where each table of the bundle has its own."""
    name = values.get("KOOGALLERY_SINGLE_TABLE")
    if name and not _NAME.fullmatch(name):
        raise ConfigurationError("KOOGALLERY_SINGLE_TABLE must have 3 to 48 characters out of A-Z, a-z, 0-9, _ and -")
    return name or None
