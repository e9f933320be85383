"""What is personal in the store, and whose it is. Pure."""

from dataclasses import dataclass, replace

from shared.instance.hints import digest
from shared.instance.record import InstanceRecord
from shared.provisioning import Access, State
from shared.store.keys import split
from shared.store.table import Item


@dataclass(frozen=True, slots=True)
class DataSubject:
    """Who is to be forgotten: a customer of the marketplace, an enterprise, or a person.

    A person is an IAM user who bought, ``user_id``; with ``tenant_id`` a member of that enterprise.
    """

    customer_id: str = ""
    tenant_id: str = ""
    user_id: str = ""

    def has(self, record: InstanceRecord) -> bool:
        """Is it the buyer of the instance?"""
        if self.customer_id:
            return record.customer_id == self.customer_id
        buyer = record.content.buyer.user_id if record.content else None
        told = record.user_digest == digest(self.user_id) or buyer == self.user_id
        return bool(self.user_id and not self.tenant_id and told)

    def is_member(self, tenant_id: str, user_name: str) -> bool:
        """Is it this member, or the enterprise itself?"""
        return bool(self.tenant_id) and tenant_id == self.tenant_id and self.user_id in ("", user_name)


def impersonal(record: InstanceRecord, subject: DataSubject) -> InstanceRecord:
    """``record`` without what the buyer told, and without credentials. Order, times and what was bought stay.

    The address of an instance that is still in service stays too.
    """
    address = Access(record.access.front_end_url) if record.access and record.state is not State.RELEASED else None
    return replace(
        record,
        customer_id="" if subject.customer_id else record.customer_id,
        user_digest="",
        access=address,
        content=None,
        specification=replace(record.specification, parameters={}),
    )


@dataclass(frozen=True, slots=True)
class Belonging:
    """What an item of the directory is about; empty where it tells none."""

    tenant_id: str
    instance_id: str = ""
    user_name: str = ""


def about(item: Item) -> Belonging:
    """Of an item of the directory (:mod:`shared.store.bindings`, ``members`` and ``departments`` have the layouts)."""
    kind, *rest = split(item["pk"])
    parts = split(item["sk"])
    if kind in ("tenant-code", "unbound"):
        return Belonging(parts[0], parts[1])
    if kind == "tenant":
        return Belonging(rest[0], parts[-1])
    if kind == "departments":
        return Belonging(rest[0])
    return Belonging(rest[0], parts[1], parts[0])
