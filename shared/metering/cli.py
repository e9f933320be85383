"""The commands of metering: ``import`` and ``reconcile``. Settings come from the environment."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta, timezone
from pathlib import Path

from shared import log
from shared.app import bootstrap
from shared.errors import KooGalleryError, Unavailable

FAILED = 2


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code: 0 if all is well, 1 for rejected rows or drift, 2 if it could not be done."""
    options = parser().parse_args(arguments)
    log.write_to(sys.stderr)
    try:
        app = bootstrap(os.environ.get)
        if options.command == "import":
            from shared.metering import import_command

            return import_command.run(app, options)
        from shared.metering.reconciliation import command as reconcile_command

        return reconcile_command.run(app, options)
    except Unavailable as error:
        sys.stderr.write(f"{error}; run the command again, nothing is counted twice\n")
    except (KooGalleryError, OSError) as error:
        sys.stderr.write(f"{error}\n")
    return FAILED


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m shared.metering",
        description="Usage from files, and what was billed for it.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _add_import(commands.add_parser("import", help="take in usage from a CSV file; again is harmless"))
    _add_reconcile(commands.add_parser("reconcile", help="usage and bills by instance and UTC day"))
    return parser


def _zone(hours: str) -> timezone:
    return timezone(timedelta(hours=float(hours)))


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="UTF-8, with the columns id, instance_id, time, value and maybe package"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--rejected", type=Path, metavar="OUT.csv", help="write what is rejected here, with the reason")


def _add_reconcile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE", help="first day"
    )
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE", help="last day")
    parser.add_argument(
        "--instance",
        action="append",
        default=[],
        metavar="ID",
        help="may be given several times; default: all that have records of these days, something pending, or a bill",
    )
    parser.add_argument("--instances-file", type=Path, metavar="FILE", help="one id a line")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    parser.add_argument("--bill", type=Path, metavar="BILL.csv", help="exported from the seller console")
    parser.add_argument(
        "--columns",
        default="",
        metavar="instance=…,begin=…,end=…,value=…",
        help="names of the bill's columns where they are not found",
    )
    parser.add_argument("--bill-encoding", metavar="NAME", help="such as gbk; default: what fits")
    parser.add_argument(
        "--bill-utc-offset",
        dest="bill_zone",
        type=_zone,
        default="8",
        metavar="HOURS",
        help="zone of the bill's times where they tell none; default: 8, Beijing",
    )
