"""What was bought, part by part: of two orders that choose the same part of a specification, the newer one counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.instance.precedence import Stamp, outdated
from shared.instance.record import InstanceRecord


def chosen(record: InstanceRecord, parts: Mapping[str, Any], stamp: Stamp) -> InstanceRecord:
    """``record`` with the ``parts`` of its specification that an order of ``stamp`` chooses; ``record`` itself if newer
    orders have chosen all there is to change.
    """
    late = outdated(parts, record.chosen, stamp)
    counting = {name: value for name, value in parts.items() if name not in late}
    specification = replace(record.specification, **counting)
    if late and specification == record.specification:
        return record
    return replace(record, specification=specification, chosen={**record.chosen, **dict.fromkeys(counting, stamp)})
