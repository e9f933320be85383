"""``python -m emulator deploy PLATFORM``."""

import sys
from collections.abc import Sequence
from importlib import import_module

PLATFORMS = {"aws": "emulator.deployment.aws.command"}
"""Where the command of each platform is."""


def main(arguments: Sequence[str]) -> int:
    """Deploy to the platform that stands first; its exit code, 2 for none."""
    if arguments and arguments[0] in PLATFORMS:
        return int(import_module(PLATFORMS[arguments[0]]).main(list(arguments[1:])))
    print(f"usage: python -m emulator deploy {{{','.join(PLATFORMS)}}} [--help]", file=sys.stderr)
    return 2
