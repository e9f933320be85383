"""Instances and their history, as JSON for programs and as tables on a terminal. Times are UTC."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from emulator.conformance.report_table import console, empty_table
from emulator.texts import Text

if TYPE_CHECKING:
    from shared.instance.history import Happening
    from shared.instance.lookup import Found
    from shared.instance.record import InstanceRecord

COLUMNS = ("instanceId", "state", "orderId", "customerId", "expiresAt")
NO_INSTANCE = 1


def as_page(found: "Found") -> str:
    """``{"instances", "next"?}``."""
    page: dict[str, Any] = {"instances": [_brief(each) for each in found.instances]}
    return _text(page | ({"next": found.next} if found.next else {}))


def as_whole(record: "InstanceRecord", history: Iterable["Happening"]) -> str:
    """``{"instance", "history"}``."""
    return _text({"instance": _whole(record), "history": [_entry(each) for each in history]})


def as_timeline(entries: Iterable[tuple[str, "Happening"]]) -> str:
    """``{"history"}``, each entry with its instance."""
    return _text({"history": [{"instanceId": instance_id, **_entry(each)} for instance_id, each in entries]})


def show_page(found: "Found") -> None:
    """Print a page, and how to get the next one."""
    table = empty_table(*map(_word, COLUMNS))
    for each in found.instances:
        table.add_row(*(str(_brief(each)[name] or "") for name in COLUMNS))
    console().print(table)
    if found.next:
        click.echo(str(Text("instances.more", next=found.next)))


def show_whole(record: "InstanceRecord") -> None:
    """Print what is known of an instance."""
    table = empty_table("", record.instance_id)
    for name, value in _whole(record).items():
        if name != "instanceId" and value not in (None, ""):
            table.add_row(name, str(value))
    console().print(table)


def show_history(entries: Iterable[tuple[str, "Happening"]]) -> None:
    """Print entries in their order."""
    table = empty_table(*map(_word, ("at", "instanceId", "what", "states", "orderId", "result", "reason", "by")))
    for instance_id, each in entries:
        states = f"{each.before or '–'} → {each.after}"
        table.add_row(told(each.at), instance_id, each.what, states, each.order_id, each.result, each.reason, each.by)
    console().print(table)


def no_instance(*, quiet: bool) -> int:
    """The exit code where nothing is found; it is said on standard error unless ``quiet``."""
    if not quiet:
        click.echo(str(Text("instances.none")), err=True)
    return NO_INSTANCE


def told(moment: datetime | None) -> str | None:
    """``2027-11-20T15:59:59Z``."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if moment else None


def _brief(record: "InstanceRecord") -> dict[str, str | None]:
    return {
        "instanceId": record.instance_id,
        "state": record.state.value,
        "orderId": record.order_id,
        "customerId": record.customer_id,
        "expiresAt": told(record.expires_at),
    }


def _whole(record: "InstanceRecord") -> Mapping[str, Any]:
    """All but secrets and what the buyer filled in."""
    bought = record.specification
    return {
        **_brief(record),
        "orderLineId": record.order_part,
        "protocol": record.protocol.value,
        "productId": bought.product_id,
        "skuCode": bought.sku_code,
        "chargingMode": bought.charging.value if bought.charging else None,
        "quantity": bought.quantity,
        "trial": record.trial,
        "createdAt": told(record.created_at),
        "startedAt": told(record.started_at),
        "frozenAt": told(record.frozen_at),
        "closedAt": told(record.closed_at),
        "undone": record.undone,
        "freezeReasons": sorted(reason.value for reason in _reasons(record)),
        "unfinished": list(record.tried),
    }


def _reasons(record: "InstanceRecord") -> Iterable[Any]:
    from shared.instance.precedence import reasons

    return reasons(record.wishes) if record.wishes else ()


def _entry(entry: "Happening") -> dict[str, str]:
    told_at = {"at": told(entry.at), "what": entry.what}
    more = {
        "orderId": entry.order_id,
        "result": entry.result,
        "reason": entry.reason,
        "from": entry.before,
        "to": entry.after,
        "by": entry.by,
    }
    return {name: value for name, value in {**told_at, **more}.items() if value}


def _word(name: str) -> str:
    return str(Text(f"instances.column.{name}"))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)
