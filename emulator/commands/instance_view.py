"""Instances and their history, as JSON for programs and as tables on a terminal. Times are UTC."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click

from emulator.terminal import print_json, print_table
from emulator.texts import Text
from shared.instance.history import Happening
from shared.instance.lookup import Found
from shared.instance.precedence import reasons
from shared.instance.record import InstanceRecord

COLUMNS = ("instanceId", "state", "orderId", "customerId", "expiresAt")
NO_INSTANCE = 1


def show_page(found: Found, *, json: bool) -> None:
    """Print a page, and how to get the next one; as JSON ``{"instances", "next"?}``."""
    instances = [_brief(each) for each in found.instances]
    if json:
        print_json({"instances": instances, **({"next": found.next} if found.next else {})})
        return
    print_table(map(_word, COLUMNS), (each.values() for each in instances))
    if found.next:
        click.echo(str(Text("instances.more", next=found.next)))


def show_whole(record: InstanceRecord, history: Iterable[Happening], *, json: bool) -> None:
    """Print what is known of an instance; as JSON ``{"instance", "history"}``."""
    known = _whole(record)
    if json:
        print_json({"instance": known, "history": [_entry(each) for each in history]})
        return
    shown = ((name, value) for name, value in known.items() if name != "instanceId" and value not in (None, ""))
    print_table(("", record.instance_id), shown)
    show_history(((record.instance_id, each) for each in history), json=False)


def show_history(entries: Iterable[tuple[str, Happening]], *, json: bool) -> None:
    """Print entries in their order, each with its instance; as JSON ``{"history"}``."""
    if json:
        print_json({"history": [{"instanceId": instance_id, **_entry(each)} for instance_id, each in entries]})
        return
    titles = map(_word, ("at", "instanceId", "what", "states", "orderId", "result", "reason", "by"))
    print_table(titles, (_row(*entry) for entry in entries))


def _row(instance_id: str, each: Happening) -> tuple[str | None, ...]:
    states = f"{each.before or '–'} → {each.after}"
    return told(each.at), instance_id, each.what, states, each.order_id, each.result, each.reason, each.by


def no_instance(*, quiet: bool) -> int:
    """The exit code where nothing is found; it is said on standard error unless ``quiet``."""
    if not quiet:
        click.echo(str(Text("instances.none")), err=True)
    return NO_INSTANCE


def told(moment: datetime | None) -> str | None:
    """``2027-11-20T15:59:59Z``."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if moment else None


def _brief(record: InstanceRecord) -> dict[str, str | None]:
    return {
        "instanceId": record.instance_id,
        "state": record.state.value,
        "orderId": record.order_id,
        "customerId": record.customer_id,
        "expiresAt": told(record.expires_at),
    }


def _whole(record: InstanceRecord) -> Mapping[str, Any]:
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
        "freezeReasons": sorted(reason.value for reason in reasons(record.wishes)),
        "unfinished": list(record.tried),
    }


def _entry(entry: Happening) -> dict[str, str]:
    members = {
        "at": told(entry.at),
        "what": entry.what,
        "orderId": entry.order_id,
        "result": entry.result,
        "reason": entry.reason,
        "from": entry.before,
        "to": entry.after,
        "by": entry.by,
    }
    return {name: value for name, value in members.items() if value}


def _word(name: str) -> str:
    return str(Text(f"instances.column.{name}"))
