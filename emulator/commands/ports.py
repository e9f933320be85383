"""The ports that commands listen on."""

from collections.abc import Mapping

from shared.errors import ConfigurationError

PORTS: Mapping[str, int] = {"PORT": 8000, "CONSOLE_PORT": 8100}


def port_of(environ: Mapping[str, str], variable: str) -> int:
    """The port that an environment variable names, or its default.

    :raises ConfigurationError: it is none.
    """
    text = environ.get(variable, "").strip() or str(PORTS[variable])
    if text.isascii() and text.isdigit() and int(text) < 65536:
        return int(text)
    raise ConfigurationError(f"{variable} must be a port number")
