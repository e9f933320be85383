"""``koogallery check``: does a server, in whatever language, do what it must?"""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from emulator.commands.options import Misuse, command, json_file, keys_of, misused, server, target_of
from emulator.commands.order_query import order_query
from emulator.conformance.address import is_loopback
from emulator.conformance.call_factory import CallFactory
from emulator.conformance.case import CallCase
from emulator.conformance.catalogue import CASES, chosen
from emulator.conformance.probing import probed
from emulator.conformance.report import Report
from emulator.conformance.report_html import as_html
from emulator.conformance.report_junit import as_junit
from emulator.conformance.report_table import show, show_list
from emulator.conformance.runner import Runner
from emulator.development import rsa_key
from emulator.keys import SETTINGS, Keys, key_name
from emulator.marketplace.delivery.sender import Target
from emulator.openapi.order_query import Orders
from emulator.terminal import steps_done
from emulator.texts import Text
from emulator.wire.client import TIMEOUT, send
from emulator.wire.client_secret import public_half
from emulator.wire.signature.doctor.mends import MEND_LANGUAGES
from shared.clock import SystemClock
from shared.errors import ConfigurationError

FORMS = {"json": Report.as_json, "junit": as_junit, "html": as_html}
VERSIONS = ("v1", "v2")


@command("check")
@server
@click.option("--v1", is_flag=True)
@click.option("--v2", is_flag=True)
@click.option("--only", multiple=True, metavar="ID")
@click.option("--list", is_flag=True)
@click.option("--sync", is_flag=True)
@click.option("--real", is_flag=True)
@click.option("--allow-remote", is_flag=True)
@click.option("--orders-port", type=int, default=8100)
@click.option("--timeout", type=float, default=TIMEOUT)
@click.option("--calls", is_flag=True)
@click.option("--mend", type=click.Choice(list(MEND_LANGUAGES)))
@json_file
@click.option("--junit", type=Path, metavar="FILE")
@click.option("--html", type=Path, metavar="FILE")
def check(**given: Any) -> int:
    options = SimpleNamespace(**given)
    with misused(ValueError), misused(ConfigurationError):
        return _listed(options) if options.list else _checked(options, os.environ)


def _listed(options: SimpleNamespace) -> int:
    versions = _versions(options)
    show_list(case for case in CASES if not case.version or case.version in versions)
    return 0


def _checked(options: SimpleNamespace, environ: Mapping[str, str]) -> int:
    target = _target(options)
    keys = _keys(options)
    versions = [version for version in _versions(options) if getattr(keys, key_name(version, ""))]
    cases = chosen(options.only, versions, real=options.real, sync=options.sync)
    clock = SystemClock()
    orders = Orders(clock)
    factory = CallFactory(keys, clock, target.path, orders=orders, bits=options.aes_bits)
    started, before = clock.now(), time.monotonic()
    number = sum(isinstance(case, CallCase) for case in cases)
    asked = options.real and "v2" in versions
    serving = order_query(environ, orders, options.orders_port) if asked else nullcontext()
    with serving, steps_done(number) as told:
        sending = partial(send, target.base, timeout=options.timeout)
        results = Runner(options.url, factory, sending, lambda case: told(f"{case.id:28}")).run(cases)
        answers = probed(results, factory, sending)
    report = Report(options.url, started.isoformat(timespec="seconds"), time.monotonic() - before, results, answers)
    show(report, calls=options.calls, language=options.mend or "")
    for form, write in FORMS.items():
        if file := getattr(options, form):
            file.write_text(write(report), encoding="utf-8")
    for version in _versions(options):
        if version not in versions:
            print(Text("running.unchecked", n=version[1], name=SETTINGS[key_name(version, "")]), file=sys.stderr)
    return 0 if report.passed else 1


def _versions(options: SimpleNamespace) -> list[str]:
    asked = [version for version in VERSIONS if getattr(options, version)]
    return asked or list(VERSIONS)


def _keys(options: SimpleNamespace) -> Keys:
    """The newest of each kind.

    :raises Misuse: a version was asked for by name, or all, and its key is missing.
    """
    keys = keys_of(options, vars(options), development=options.development_keys)
    if options.development_keys and options.sync and not keys.rsa_public_key:
        keys = replace(keys, rsa_public_key=public_half(rsa_key()))
    if not any(getattr(keys, key_name(version, "")) for version in _versions(options)):
        names = " or ".join(SETTINGS[key_name(version, "")] for version in _versions(options))
        raise Misuse(Text("misuse.no-key", names=names))
    return keys


def _target(options: SimpleNamespace) -> Target:
    """The server to check.

    :raises Misuse: the address is none, or not one for real orders.
    """
    target = target_of(options.url)
    if options.real and not (options.allow_remote or is_loopback(options.url)):
        raise Misuse(Text("misuse.remote"))
    return target
