"""``koogallery trigger``: one call of the marketplace to a server in whatever language."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import click

from emulator.checks import CHECKS, CheckResult, Verdict, examine
from emulator.commands.options import (
    Misuse,
    as_json,
    command,
    keys_of,
    misused,
    newest_key,
    products_file,
    server,
    target_of,
)
from emulator.commands.order_query import order_query
from emulator.composer import INTERFACES, CallWish, ComposedInterface, NotComposed, compose, of_product, prefilled
from emulator.conformance.address import is_loopback
from emulator.conformance.call_factory import CallFactory
from emulator.development import kept
from emulator.keys import SETTINGS, Keys, key_name
from emulator.marketplace.catalogue.product_files import read_file
from emulator.marketplace.catalogue.product_rules import ProductsRefused
from emulator.marketplace.catalogue.products import SHELF, ListedProduct
from emulator.openapi.order_query import Orders
from emulator.order_ids import line_of
from emulator.terminal import print_json
from emulator.texts import Text
from emulator.wire.calls import url_of
from emulator.wire.client import TIMEOUT, Answer, Reply, send
from shared.clock import SystemClock
from shared.commands import Version
from shared.errors import ConfigurationError
from shared.http import HttpRequest

_ORDERED = ("newInstance", "refreshInstance", "upgradeInstance", "orderNotify")
"""What version 2 asks the order query about."""


@command("trigger")
@click.argument("name")
@server
@click.option("--v1", is_flag=True)
@click.option("--v2", is_flag=True)
@products_file
@click.option("--product", metavar="ID")
@click.option("--plan", metavar="ID")
@click.option("--instance", metavar="ID")
@click.option("--order", metavar="ID")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE")
@click.option("--real", is_flag=True)
@click.option("--allow-remote", is_flag=True)
@click.option("--expect", metavar="CODE", default="", show_default=False)
@click.option("--orders-port", type=int, default=8100)
@click.option("--timeout", type=float, default=TIMEOUT)
@as_json
def trigger(**given: Any) -> int:
    with misused(ConfigurationError), misused(ProductsRefused), misused(NotComposed):
        return _triggered(SimpleNamespace(**given), kept() | dict(os.environ))


def _triggered(options: SimpleNamespace, environ: Mapping[str, str]) -> int:
    url = (
        options.url or f"http://127.0.0.1:{environ.get('PORT') or 8000}{environ.get('KOOGALLERY_BASE_PATH') or '/saas'}"
    )
    target, clock = target_of(url), SystemClock()
    if options.real and not (options.allow_remote or is_loopback(url)):
        raise Misuse(Text("composer.remote"))
    keys, product = _keys(options, environ), _product(options)
    call = _interface(options, keys, product)
    orders = Orders(clock)
    factory = CallFactory(keys, clock, target.path, orders=orders, bits=options.aes_bits)
    step = compose(factory, CallWish(call, _values(options, factory, call, product), options.real, options.expect))
    request = step.make()
    with _order_query(options, environ, orders, call):
        reply = send(target.base, request, options.timeout)
    findings = examine(reply, step.expected, CHECKS)
    _print(options, url_of(target.base, request), request, reply, findings)
    return 1 if any(each.verdict is Verdict.FAILED for each in findings) else 0


def _keys(options: SimpleNamespace, environ: Mapping[str, str]) -> Keys:
    """Those given; of the settings' file; for the bundle on this machine those of a laptop."""
    own = {
        name: getattr(options, name) or newest_key(setting, environ.get(setting, ""))
        for name, setting in SETTINGS.items()
    }
    return keys_of(options, own, development=options.development_keys or not options.url)


def _product(options: SimpleNamespace) -> ListedProduct | None:
    """The product of that name: one of the seller's file, or a sample.

    :raises Misuse: there is none.
    """
    if not options.product:
        return None
    own = [each.listed() for each in read_file(options.products).products] if options.products else []
    known = {**SHELF, **{each.id: each for each in own}}
    if options.product not in known:
        raise Misuse(Text("composer.no-product", names=", ".join(known)))
    return known[options.product]


def _interface(options: SimpleNamespace, keys: Keys, product: ListedProduct | None) -> ComposedInterface:
    """The call of that name: in the version asked for, in that of the product, or in the newest there is a key for.

    :raises Misuse: there is none.
    """
    asked = [version for version in Version if getattr(options, version.value)]
    versions = asked or ([product.version] if product else [Version.V2, Version.V1])
    found = [INTERFACES[version, options.name] for version in versions if (version, options.name) in INTERFACES]
    signed = [each for each in found if getattr(keys, key_name(each.version, each.name, sync=each.sync))]
    if not found:
        names = ", ".join(dict.fromkeys(name for version, name in INTERFACES if version in versions))
        raise Misuse(Text("composer.unknown", names=names))
    return (signed or found)[0]


def _values(
    options: SimpleNamespace, factory: CallFactory, call: ComposedInterface, product: ListedProduct | None
) -> dict[str, str]:
    """:raises Misuse: a pair is none."""
    known = {each.name for each in call.fields}
    plan = product.plan(options.plan or "") if product else None
    values = of_product(factory, call, product, plan) if product and plan else prefilled(factory, call)
    asked = {"instanceId": options.instance, "orderId": options.order}
    asked |= {"orderLineId": line_of(options.order)} if options.order else {}
    values |= {name: value for name, value in asked.items() if value and name in known}
    for pair in options.values:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise Misuse(Text("composer.pair", given=pair))
        values[name] = value
    return values


@contextmanager
def _order_query(
    options: SimpleNamespace, environ: Mapping[str, str], orders: Orders, call: ComposedInterface
) -> Iterator[None]:
    """The order query, for a server that asks it about a real order.

    :raises Misuse: its port is taken.
    """
    with ExitStack() as stack:
        if options.real and call.version is Version.V2 and call.name in _ORDERED:
            try:
                stack.enter_context(order_query(environ, orders, options.orders_port))
            except OSError:
                raise Misuse(Text("composer.port", port=options.orders_port)) from None
        yield


def _print(options: SimpleNamespace, url: str, request: HttpRequest, reply: Reply, findings: list[CheckResult]) -> None:
    failed = next((each for each in findings if each.verdict is Verdict.FAILED), None)
    if options.json:
        print_json(_document(url, request, reply, findings))
        return
    print(f"{request.method} {url} ({Text('composer.real' if options.real else 'composer.debug')})")
    if request.body:
        print(request.body.decode())
    print()
    if isinstance(reply, Answer):
        print(Text("composer.answered", status=reply.status, milliseconds=f"{reply.milliseconds:.0f}"))
        print(reply.body.decode("utf-8", "replace"))
    else:
        print(reply.reason)
    print()
    if failed is None:
        print(Text("composer.passed"))
        return
    print(Text("composer.failed", problem=Text("calls.unmet", title=failed.check.title, why=failed.reason or "")))
    print(failed.check.advice)


def _document(url: str, request: HttpRequest, reply: Reply, findings: list[CheckResult]) -> dict[str, Any]:
    answer = None
    if isinstance(reply, Answer):
        body = reply.body.decode("utf-8", "replace")
        took = round(reply.milliseconds, 2)
        answer = {"status": reply.status, "headers": dict(reply.headers), "body": body, "milliseconds": took}
    sent = {"method": request.method, "url": url, "headers": dict(request.headers), "body": request.body.decode()}
    found = [
        {"check": each.check.id, "verdict": each.verdict.value} | ({"reason": str(each.reason)} if each.reason else {})
        for each in findings
    ]
    ok = all(each.verdict is not Verdict.FAILED for each in findings)
    problem = {} if isinstance(reply, Answer) else {"problem": str(reply.reason)}
    return {"ok": ok, "request": sent, "answer": answer, **problem, "findings": found}
