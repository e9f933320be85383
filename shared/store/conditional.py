"""A write that counts unless somebody was faster."""

from shared.store.table import Exists, Item, Stale, Table


def write_over(table: Table, seen: Item | None, item: Item) -> Item | None:
    """``item`` as it is stored in place of what was ``seen`` under its key, ``None`` for nothing.

    :returns: ``None`` if somebody has written there since.
    """
    try:
        return table.replace(item | {"version": seen["version"]}) if seen else table.create(item)
    except (Exists, Stale):
        return None
