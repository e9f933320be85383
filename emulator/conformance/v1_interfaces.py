"""Version 1: each interface in each form the seller console has a case for (production interfaces, section 2)."""

from typing import Any

from emulator.conformance import sources
from emulator.conformance.call_factory import INSTANCE, CallFactory
from emulator.conformance.case import Case
from emulator.conformance.case_builders import CaseGroup, calls, v1
from emulator.conformance.v1_fields import MANY, contact, extension, many, of_order, purchase, renewal, upgrade, yearly


def returned(factory: CallFactory) -> dict[str, Any]:
    """A renewed year that is returned."""
    return renewal(factory, expireTime=factory.ordering.later(365), orderAmount="-100.00")


_NEW = CaseGroup(
    "v1",
    "new",
    "key",
    sources.NEW,
    "A product is put on sale only with its saved purchase cases, and they are run again every morning and afternoon.",
    "Answer 000000 with instanceId and appInfo.frontEndUrl. Ignore parameters this product has no use for.",
)
_LIFE = CaseGroup(
    "v1",
    "life",
    "key",
    sources.OVERVIEW,
    "The case belongs to what must be saved before a product is put on sale, and is run again twice a day.",
    "With testFlag=1 accept any instanceId, touch nothing, and answer 000000.",
)


V1_INTERFACES: tuple[Case, ...] = (
    _NEW.case("period", "newInstance: yearly product, trialFlag absent", v1("newInstance", yearly)),
    _NEW.case("trial", "newInstance: trialFlag=1", v1("newInstance", lambda factory: yearly(factory, trialFlag=1))),
    _NEW.case("no-trial", "newInstance: trialFlag=0", v1("newInstance", lambda factory: yearly(factory, trialFlag=0))),
    _NEW.case(
        "one-time",
        "newInstance: bought once",
        v1("newInstance", lambda factory: purchase(factory, chargingMode=3, amount=10)),
        advice="One-time products come without expireTime, periodType and periodNumber: insist on none of them.",
    ),
    _NEW.case(
        "on-demand",
        "newInstance: pay per use",
        v1("newInstance", lambda factory: purchase(factory, chargingMode=0)),
        advice="Pay-per-use products come without expireTime: do not insist on it.",
    ),
    _NEW.case(
        "package",
        "newInstance: package",
        v1("newInstance", lambda factory: purchase(factory, chargingMode=5, expireTime=factory.ordering.later(365))),
    ),
    _NEW.case(
        "contact",
        "newInstance: with encrypted phone and mail address",
        v1("newInstance", contact),
        why="Products published with these authorisations get both, encrypted as user name and password are.",
        advice="Decrypt after verifying: 16 characters of IV, then base64 of AES-CBC under the key derived from the "
        "Key, in the size chosen when the product was published (--aes-bits).",
    ),
    _NEW.case(
        "extension",
        "newInstance: with saasExtendParams",
        v1("newInstance", extension),
        advice="saasExtendParams is base64 of a JSON array of name and value. For the signature take it as received.",
    ),
    _NEW.case(
        "repeated",
        "newInstance: the same order again, with another businessId",
        calls(
            lambda factory: factory.v1("newInstance", yearly(factory)),
            lambda factory: factory.v1("newInstance", yearly(factory)),
        ),
        why="Debug calls must be repeatable: saved cases run twice a day for ever.",
        advice="With testFlag=1 keep nothing that makes the second call fail.",
        source=sources.DEBUGGING,
    ),
    _LIFE.case("renew", "refreshInstance", v1("refreshInstance", renewal), source=sources.RENEWAL),
    _LIFE.case(
        "renew-no-product",
        "refreshInstance: productId absent",
        v1("refreshInstance", lambda factory: renewal(factory, productId=None)),
        source=sources.RENEWAL,
        advice="productId comes only if the period type changes: do not insist on it.",
    ),
    _LIFE.case(
        "renew-formal",
        "refreshInstance: trialToFormal=1",
        v1("refreshInstance", lambda factory: renewal(factory, trialToFormal=1)),
        source=sources.RENEWAL,
    ),
    _LIFE.case(
        "renew-returned",
        "refreshInstance: a renewed period is returned",
        v1(
            "refreshInstance",
            lambda factory: renewal(factory, expireTime=factory.ordering.later(365), orderAmount="-100.00"),
        ),
        why="退续费 comes as a renewal with a negative orderAmount and an earlier expireTime.",
        advice="Take expireTime as the new date, earlier or later, and let orderAmount be negative.",
        source=sources.RENEWAL,
    ),
    _LIFE.case("expire", "expireInstance", v1("expireInstance", of_order), source=sources.EXPIRY),
    _LIFE.case(
        "expire-no-order",
        "expireInstance: orderId absent",
        v1("expireInstance", lambda _: {"instanceId": INSTANCE}),
        source=sources.EXPIRY,
        advice="The page's own sample has no orderId: find the instance by instanceId alone.",
    ),
    _LIFE.case("release", "releaseInstance", v1("releaseInstance", of_order), source=sources.RELEASE),
    _LIFE.case(
        "release-again",
        "releaseInstance: twice",
        calls(*[lambda factory: factory.v1("releaseInstance", of_order(factory))] * 2),
        source=sources.RELEASE,
        advice="A repeated release is a success: there is nothing left to do.",
    ),
    _LIFE.case("upgrade", "upgrade", v1("upgrade", upgrade), source=sources.UPGRADE),
    _LIFE.case(
        "freeze",
        "instanceStatus: FREEZE",
        v1("instanceStatus", lambda _: {"instanceId": INSTANCE, "instanceStatus": "FREEZE"}),
        source=sources.STATUS,
    ),
    _LIFE.case(
        "unfreeze",
        "instanceStatus: NORMAL",
        v1("instanceStatus", lambda _: {"instanceId": INSTANCE, "instanceStatus": "NORMAL"}),
        source=sources.STATUS,
    ),
    _LIFE.case(
        "query",
        "queryInstance: one instance",
        v1("queryInstance", lambda _: {"instanceId": INSTANCE}, instances=(INSTANCE,)),
        source=sources.QUERY,
        advice="With testFlag=1 describe any instanceId that is asked for, under that id.",
    ),
    _LIFE.case(
        "query-many",
        f"queryInstance: {MANY} instances, separated by commas",
        calls(
            lambda factory: factory.v1(
                "queryInstance", {"instanceId": ",".join(many(factory))}, instances=many(factory)
            ),
        ),
        source=sources.QUERY,
        why="One call asks for up to 100 instances; the parameter is longer than the 64 characters its table says.",
        advice="Split instanceId at its commas, and give info one element for each id. Let the address be 4 KB long.",
    ),
)
