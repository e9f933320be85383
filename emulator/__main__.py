"""``python -m emulator`` is ``koogallery``."""

import sys

from emulator.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
