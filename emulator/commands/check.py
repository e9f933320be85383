"""``python -m emulator check``: the command line of the checker."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from emulator.commands.options import Misuse, add_keys, newest, target_of
from emulator.conformance.address import is_loopback
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CallCase, Case
from emulator.conformance.catalogue import CASES, chosen
from emulator.conformance.report import Report
from emulator.conformance.report_html import as_html
from emulator.conformance.report_junit import as_junit
from emulator.conformance.report_table import console, show, show_list
from emulator.conformance.runner import Runner, Told
from emulator.development import KEYS, rsa_key
from emulator.keys import SETTINGS, Keys, key_name
from emulator.marketplace.delivery.sender import Target
from emulator.openapi.order_query import OrderQueryApi, Orders
from emulator.wire.client import TIMEOUT, send
from emulator.wire.client_secret import public_half
from emulator.wire.server import running
from shared.clock import SystemClock

FORMS = {"json": Report.as_json, "junit": as_junit, "html": as_html}
VERSIONS = ("v1", "v2")


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Check a server; its exit code."""
    options = parser().parse_args(arguments)
    try:
        return _listed(options) if options.list else _checked(options, environ)
    except (Misuse, ValueError, OSError) as error:
        print(f"check: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m emulator check",
        description="Does a seller's server do what the marketplace asks for? Sends debug calls only, unless --real.",
        epilog="Exit code: 0 if nothing failed, 1 otherwise, 2 for wrong use.",
    )
    made.add_argument("url", nargs="?", help="production address, e.g. https://isv.example.com/saas")
    add_keys(made)
    made.add_argument("--v1", action="store_true", help="only version 1 (with --v2: both, as by default)")
    made.add_argument("--v2", action="store_true", help="only version 2")
    made.add_argument("--only", action="append", default=[], metavar="ID", help="only these cases; v1.refused.* works")
    made.add_argument("--list", action="store_true", help="show the cases and send nothing")
    made.add_argument("--sync", action="store_true", help="the sync interfaces of joint operation too")
    made.add_argument("--real", action="store_true", help="real orders too: they create instances on your system")
    made.add_argument("--allow-remote", action="store_true", help="--real against another machine")
    made.add_argument("--orders-port", type=int, default=8100, help="where --real serves the order query (8100)")
    made.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds to wait for an answer (20)")
    made.add_argument("--calls", action="store_true", help="show every call of a failed case, signatures explained")
    for form in FORMS:
        made.add_argument(f"--{form}", type=Path, metavar="FILE", help=f"write the report as {form} too")
    return made


def _listed(options: argparse.Namespace) -> int:
    versions = _versions(options)
    show_list(case for case in CASES if not case.version or case.version in versions)
    return 0


def _checked(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    target = _target(options)
    keys = _keys(options, environ)
    versions = [version for version in _versions(options) if getattr(keys, key_name(version, ""))]
    cases = chosen(options.only, versions, real=options.real, sync=options.sync)
    clock = SystemClock()
    orders = Orders(clock)
    factory = CallFactory(keys, clock, target.path, orders=orders, bits=options.aes_bits)
    started, before = clock.now(), time.monotonic()
    with _order_query(options, environ, orders, versions), _progress(cases) as told:
        runner = Runner(options.url, factory, lambda request: send(target.base, request, options.timeout), told)
        results = runner.run(cases)
    report = Report(options.url, started.isoformat(timespec="seconds"), time.monotonic() - before, results)
    show(report, calls=options.calls)
    for form, write in FORMS.items():
        if file := getattr(options, form):
            file.write_text(write(report), encoding="utf-8")
    for version in _versions(options):
        if version not in versions:
            print(f"version {version[1]} was not checked: no {SETTINGS[key_name(version, '')]}", file=sys.stderr)
    return 0 if report.passed else 1


def _versions(options: argparse.Namespace) -> list[str]:
    asked = [version for version in VERSIONS if getattr(options, version)]
    return asked or list(VERSIONS)


def _keys(options: argparse.Namespace, environ: Mapping[str, str]) -> Keys:
    """The newest of each kind.

    :raises Misuse: a version was asked for by name, or all, and its key is missing.
    """
    defaults = KEYS if options.development_keys else {}
    keys = Keys(**newest(options, environ, SETTINGS, defaults), rsa_public_key=_public_key(options))
    if not any(getattr(keys, key_name(version, "")) for version in _versions(options)):
        names = " or ".join(SETTINGS[key_name(version, "")] for version in _versions(options))
        raise Misuse(f"no key: set {names}, or use the option for it (--help)")
    return keys


def _public_key(options: argparse.Namespace) -> str:
    file: Path | None = options.rsa_public_key
    if file:
        return file.read_text(encoding="ascii", errors="replace")
    return public_half(rsa_key()) if options.development_keys and options.sync else ""


def _target(options: argparse.Namespace) -> Target:
    """The server to check.

    :raises Misuse: the address is none, or not one for real orders.
    """
    target = target_of(options.url)
    if options.real and not (options.allow_remote or is_loopback(options.url)):
        raise Misuse("--real creates instances: for a server on another machine add --allow-remote")
    return target


def _order_query(
    options: argparse.Namespace, environ: Mapping[str, str], orders: Orders, versions: Sequence[str]
) -> AbstractContextManager[object]:
    """The marketplace's order query, which a server of version 2 asks about real orders."""
    if not (options.real and "v2" in versions):
        return nullcontext()
    ak, sk = (environ.get(name) or KEYS[name] for name in ("KOOGALLERY_AK", "KOOGALLERY_SK"))
    return running(OrderQueryApi(ak, sk, SystemClock(), orders).answer, port=options.orders_port)


@contextmanager
def _progress(cases: Sequence[Case]) -> Iterator[Told]:
    """A bar on a terminal; elsewhere nothing."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=console(errors=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=sum(isinstance(case, CallCase) for case in cases))
        yield lambda case: bar.update(task, description=f"{case.id:28}", advance=1)
