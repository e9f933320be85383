"""The usage of a month, below its orders. Quantities are exact; what they cost no call tells."""

from collections.abc import Sequence

import click

from emulator.terminal import print_table
from emulator.texts import Text
from shared.metering.monthly import MonthlyUsage
from shared.metering.reconciliation.comparison import plain
from shared.metering.reconciliation.csv_lines import csv_lines
from shared.metering.reconciliation.usage_bill import UsageDifference

MEMBERS = ("instanceId", "package", "quantity", "records")


def members(usage: Sequence[MonthlyUsage], differing: Sequence[UsageDifference] | None) -> dict[str, object]:
    """``{"usage"}``, and ``"usageDifferences"`` if the bill has usage to differ from."""
    document: dict[str, object] = {"usage": [_row(each) for each in usage]}
    if differing is not None:
        document["usageDifferences"] = [_difference(each) for each in differing]
    return document


def as_csv(usage: Sequence[MonthlyUsage]) -> str:
    """An empty line and a table of its own; nothing where nothing was used."""
    return "".join(["\n", *csv_lines(MEMBERS, (_row(each).values() for each in usage))]) if usage else ""


def show(usage: Sequence[MonthlyUsage]) -> None:
    """Print it, if there is any."""
    if usage:
        click.echo(str(Text("orders.usage")))
        print_table(
            (Text(f"orders.usage-column.{name}") for name in MEMBERS),
            ([value or "" for value in _row(each).values()] for each in usage),
        )


def show_differences(differing: Sequence[UsageDifference]) -> None:
    """Print, on standard error, where the bill has other usage."""
    for each in differing:
        click.echo(str(Text("orders.usage-differs", **_difference(each))), err=True)


def _row(each: MonthlyUsage) -> dict[str, str | int | None]:
    values = each.instance_id, each.package, plain(each.quantity), each.records
    return dict(zip(MEMBERS, values, strict=True))


def _difference(each: UsageDifference) -> dict[str, str]:
    return {"instanceId": each.instance_id, "accepted": plain(each.accepted), "billed": plain(each.billed)}
