"""``koogallery risk``: how far is the product from being hidden or delisted?"""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from emulator.commands.instance_view import told
from emulator.commands.options import as_json, command
from emulator.commands.seller_app import seller_app
from emulator.terminal import print_json, print_table
from emulator.texts import Text
from shared.watch.findings import Finding, findings
from shared.watch.message import FailedMessage
from shared.watch.retries import MOST_FAILED_ORDERS, MOST_FAILING_DAYS
from shared.watch.risk import Risk
from shared.watch.risk import risk as present

MESSAGE = ("activity", "orderId", "instanceId", "result", "reason", "since", "until", "repeats")
PROBE = ("day", "activity", "result", "reason")
REFUSED = ("day", "reason", "count")
FINDING = ("check", "subject", "since", "command")


@command("risk")
@as_json
def risk(json: bool) -> int:
    with seller_app() as app:
        document = as_document(present(app), findings(app))
    if json:
        print_json(document)
    else:
        _show(document)
    return 0 if document["ok"] else 1


def as_document(found: Risk, kept: Sequence[Finding]) -> Mapping[str, Any]:
    """``{"ok", "orders", "probes", "open", "refused", "findings"}``."""
    failed, probes = found.failed_orders, [{name: getattr(each, name) for name in PROBE} for each in found.probes]
    return {
        "ok": not found.is_high,
        "orders": {
            "month": found.month,
            "failed": len(failed),
            "limit": MOST_FAILED_ORDERS,
            "list": list(map(_message, failed)),
        },
        "probes": {"daysInARow": found.failing_days, "limit": MOST_FAILING_DAYS, "failed": probes},
        "open": list(map(_message, found.open)),
        "refused": [
            {"day": day, "reason": reason, "count": count, "sudden": day == found.day and reason in found.sudden}
            for (day, reason), count in sorted(found.refused.items())
        ],
        "findings": [
            {"check": each.check, "subject": each.subject, "since": told(each.since), "command": each.mended_by}
            for each in kept
        ],
    }


def _message(message: FailedMessage) -> dict[str, Any]:
    return {
        "activity": message.activity,
        "orderId": message.order_id,
        "instanceId": message.instance_id,
        "result": message.result,
        "reason": message.reason,
        "since": told(message.since),
        "until": told(message.until),
        "repeats": message.repeats,
    }


def _show(document: Mapping[str, Any]) -> None:
    orders, probes, opened = document["orders"], document["probes"], document["open"]
    sudden = [each["reason"] for each in document["refused"] if each["sudden"]]
    _part(
        Text("risk.orders", month=orders["month"], count=orders["failed"], most=orders["limit"]),
        MESSAGE,
        orders["list"],
    )
    _part(Text("risk.probes", count=probes["daysInARow"], most=probes["limit"]), PROBE, probes["failed"])
    _part(Text("risk.open", count=len(opened)), MESSAGE, opened)
    if sudden:
        _part(Text("risk.sudden", reasons=", ".join(sudden)), REFUSED, document["refused"])
    _part(Text("risk.findings", count=len(document["findings"])), FINDING, document["findings"])
    click.echo(str(Text("risk.low" if document["ok"] else "risk.high")))


def _part(title: Text, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    click.echo(str(title))
    if rows:
        titles = (Text(f"risk.column.{name}") for name in columns)
        print_table(titles, ((str(each[name]) for name in columns) for each in rows))
