"""Where the store is."""

from shared.config.values import Values
from shared.errors import ConfigurationError


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
