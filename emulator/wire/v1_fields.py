"""What a call of version 1 says of a purchase (production interfaces, section 2.1), with the console's values."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.order_ids import business_id
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.production.extend_params import encode_extend_params

CUSTOMER = "68cbc86abc2018ab880d92f36422fa0e"
PHONE, EMAIL = "13800000000", "buyer@example.com"
PRODUCT, OTHER_PRODUCT = "00301-666666-0--0", "00301-666688-0--0"
SKU, OTHER_SKU = "d0abcd12-1234-5678-ab0a-11ab111a1aa1", "d0abcd12-1234-5678-ab0a-11ab111a1aa2"
ONE_YEAR: Mapping[str, Any] = MappingProxyType({"periodType": "year", "periodNumber": 1})
YEARLY: Mapping[str, Any] = MappingProxyType({"chargingMode": 1, **ONE_YEAR})
EXTENSION: Mapping[str, str] = MappingProxyType({"emailDomainName": "mail.example.com"})
"""What the seller asks every buyer for."""


def purchase(**more: Any) -> dict[str, Any]:
    """The parameters of a call whose buyer shares nothing, ``businessId`` a fresh one; ``None`` leaves one out."""
    fields = {
        "businessId": business_id(),
        "customerId": CUSTOMER,
        "customerName": "sample-customer",
        "productId": PRODUCT,
        "skuCode": SKU,
        "orderAmount": "100.00",
    }
    return fields | more


def contact(cipher: FieldCipher) -> dict[str, str]:
    """What a buyer can agree to share, encrypted."""
    return {"mobilePhone": cipher.encrypt(PHONE), "email": cipher.encrypt(EMAIL)}


def extension() -> dict[str, str]:
    """The buyer's answer to what the seller asks for."""
    return {
        "saasExtendParams": encode_extend_params([{"name": name, "value": value} for name, value in EXTENSION.items()])
    }
