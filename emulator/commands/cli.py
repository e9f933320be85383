"""The command line behind the make targets: ``run``, ``demo``, ``serve``, ``invoke``, ``bench``; and the tools."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from shared.errors import ConfigurationError

TOOLS = {
    "bench": ("emulator.bench", "the benchmarks"),
    "check": ("emulator.commands.check", "does a server, in whatever language, do what it must?"),
    "console": ("emulator.commands.console", "the marketplace and its web console, for a server in whatever language"),
    "deploy": ("emulator.deployment.command", "to a cloud: keys, build, stack, and a check of the address"),
    "record": ("emulator.commands.record", "a real call becomes a sample event and a test, without its personal data"),
    "soak": ("emulator.commands.soak", "everything at random with every fault, then a verdict"),
}
"""Commands with options of their own (``--help``): where their ``main`` is, and what they do."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code: 0 for success, 1 for failure, 2 for wrong use."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ✓ still gets the table
    if arguments and arguments[0] in TOOLS:
        return int(import_module(TOOLS[arguments[0]][0]).main(list(arguments[1:])))
    options = _parser().parse_args(arguments)
    try:
        return _execute(options)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _execute(options: argparse.Namespace) -> int:
    # Imported late: --help and mistakes answer at once.
    if options.command == "invoke":
        from emulator.seller.invoke import invoke

        return invoke(os.environ, options.function, options.event, sign=options.sign)
    from emulator.commands import local_run as targets

    if options.command == "serve":
        return targets.serve(os.environ)
    return targets.run(os.environ, keep_serving=options.command == "run")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="The bundle on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="bundle and emulator; plays the journey, then keeps serving")
    commands.add_parser("demo", help="bundle and emulator; plays the journey, exit code 0 if each step passed")
    commands.add_parser("serve", help="only the bundle")
    for name, (_, purpose) in TOOLS.items():
        commands.add_parser(name, add_help=False, help=purpose)
    invoke = commands.add_parser("invoke", help="one handler once, as the platform would call it")
    invoke.add_argument("function", nargs="?", default="", help="module of functions/, e.g. sweep")
    invoke.add_argument("event", nargs="?", help="JSON file; default: a timer event, or the sample in events/")
    invoke.add_argument(
        "--sign",
        action=argparse.BooleanOptionalAction,
        help="sign the event anew, now and with the keys in use (default for the samples in events/: version 2 gives a "
        "signature one minute)",
    )
    return parser
