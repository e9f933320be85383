"""Which values stay: an allow-list of names, and of what their values may look like. Everything else is replaced."""

import re

from emulator.openapi.mock_orders import MOCK_ORDERS

ACTIVITY = re.compile(r"[A-Za-z]{1,32}")
_DIGITS = r"[0-9]{1,2}"
_COUNT = r"[0-9]{1,7}"
_MOMENT = r"20[0-9]{12,15}"
_MOCK = rf"(?:{'|'.join(MOCK_ORDERS)})"
"""Orders that the marketplace makes up itself (production interfaces, section 3.10)."""
_PRODUCT = r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}"

KEPT: dict[str, str] = {
    "activity": ACTIVITY.pattern,
    "amount": _COUNT,
    "bandWidth": _COUNT,
    "chargingMode": r"[0-9]|ON_DEMAND|PERIOD|ONE_TIME|ON_DEMAND_PKG",
    "currentSyncTime": _MOMENT,
    "diskSize": _COUNT,
    "enable": r"(?i:true|false)|[01]",
    "expireTime": _MOMENT,
    "flag": _DIGITS,
    "instanceStatus": r"FREEZE|NORMAL",
    "linearValue": _COUNT,
    "orderAmount": r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?",
    "orderId": _MOCK,
    "orderLineId": rf"{_MOCK}-[0-9]{{1,6}}",
    "periodNumber": _DIGITS,
    "periodType": r"(?i:year|month|day)",
    "productId": _PRODUCT,
    "provisionType": _DIGITS,
    "role": r"(?i:user|admin)",
    "scene": r"TRIAL_TO_FORMAL|RENEWAL|UNSUBSCRIBE_RENEWAL_PERIOD|RENEWAL_CHANGE",
    "skuCode": _PRODUCT,
    "status": r"FREEZE|UNFREEZE",
    "testFlag": _DIGITS,
    "timeStamp": _MOMENT,
    "trialFlag": _DIGITS,
    "trialToFormal": _DIGITS,
}
"""Parameters whose values say nothing about anybody, as long as they have their documented form."""

SIGNATURE = ("authToken", "signature", "timestamp", "nonce")
"""Parameters of a query that are made anew with the signature."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]+(?:\s*;\s*charset=\"?[\w-]+\"?)?", re.IGNORECASE)
_HEADERS = ("accept", "content-type")


def stays(name: str, text: str) -> bool:
    """May the value of parameter ``name`` stay?"""
    return name.strip() in KEPT and re.fullmatch(KEPT[name.strip()], text) is not None


def is_name(text: str) -> bool:
    """Does it look like a parameter's name, and not like something somebody filled in?"""
    return _NAME.fullmatch(text.strip()) is not None


def header_stays(name: str, value: str) -> bool:
    """May a header stay? Only what says how the body is to be read."""
    return name in _HEADERS and _MEDIA_TYPE.fullmatch(value.strip()) is not None
