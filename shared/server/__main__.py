"""``python -m shared.server``: the production server. ``koogallery serve`` is the same."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from shared.errors import ConfigurationError
from shared.server.supervisor import serve


def parser() -> ArgumentParser:
    """What the command takes."""
    made = ArgumentParser(prog="python -m shared.server", description=__doc__)
    made.add_argument("--host", default="127.0.0.1", help="address to listen on")
    made.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000", help="PORT, or 8000")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code: 1 where the settings are not complete, with a line for each that is wrong."""
    told = parser().parse_args(arguments)
    try:
        return serve(told.host, told.port)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever starts it
        return 1


if __name__ == "__main__":
    sys.exit(main())
