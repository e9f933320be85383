"""The customers of the marketplace."""

from emulator.marketplace.storage.database import Document


class Customer(Document):
    """A buyer's account: ``id`` is the ``customerId``. ``arrears``: the balance is negative."""

    name: str
    mobile_phone: str
    email: str
    enterprise: str
    arrears: bool = False


FIRST = (
    ("acme", "13800000001", "buyer@acme.example", "Acme 有限公司"),
    ("northwind", "13800000002", "buyer@northwind.example", "Northwind 贸易"),
    ("contoso", "13800000003", "buyer@contoso.example", "Contoso 科技"),
)
"""Name, phone, mail and enterprise of the accounts there are from the start."""
