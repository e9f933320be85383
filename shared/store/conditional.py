"""A write that counts unless somebody was faster."""

from collections.abc import Sequence

from shared.store.table import Exists, Item, Stale, Table


def write_over(table: Table, seen: Item | None, item: Item, beside: Sequence[Item] = ()) -> Item | None:
    """``item`` as it is stored in place of what was ``seen`` under its key, ``None`` for nothing; with what stands
    ``beside`` it (:class:`shared.store.table.Table`).

    :returns: ``None`` if somebody has written there since.
    """
    try:
        return table.replace(item | {"version": seen["version"]}, beside) if seen else table.create(item, beside)
    except (Exists, Stale):
        return None
