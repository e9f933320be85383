"""The seller's app, for commands on the store: its settings are those of the environment, with no development value."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from emulator.commands.options import Misuse, misused
from emulator.texts import Text
from shared import log
from shared.app import App, bootstrap
from shared.errors import KooGalleryError, Unavailable


@contextmanager
def seller_app(**about: str) -> Iterator[App]:
    """The app, whose log goes to standard error. Lines of the block have the fields ``about``, too.

    :raises Misuse: whatever it refuses, or that the store failed.
    """
    log.write_to(sys.stderr)
    with misused(KooGalleryError):
        try:
            app = bootstrap(os.environ.get)
            with log.about(**about):
                yield app
        except Unavailable as error:
            raise Misuse(Text("misuse.again", reason=str(error))) from error
