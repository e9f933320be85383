"""``python -m shared.metering``."""

import sys

from shared.metering.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
