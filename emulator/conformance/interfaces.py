"""Each interface in each form the seller console has a case for (production interfaces, sections 2 and 3)."""

from functools import partial

from emulator.conformance import fields, sources
from emulator.conformance.case import Case
from emulator.conformance.case_builders import CaseGroup
from emulator.conformance.fields import MANY, of, only
from emulator.wire.debug_fields import INSTANCE, ORDER, ORDERED, TARGET, UPGRADE
from shared.commands import Version

_NEW = CaseGroup(Version.V1, "new")
_LIFE = CaseGroup(Version.V1, "life")
_V2 = CaseGroup(Version.V2, "life")
_RETURN = "UNSUBSCRIBE_RENEWAL_PERIOD"

V1_INTERFACES: tuple[Case, ...] = (
    _NEW.debug("period", "newInstance", fields.yearly),
    _NEW.debug("trial", "newInstance", partial(fields.yearly, trialFlag=1)),
    _NEW.debug("no-trial", "newInstance", partial(fields.yearly, trialFlag=0)),
    _NEW.debug("one-time", "newInstance", partial(fields.purchase, chargingMode=3, amount=10)),
    _NEW.debug("on-demand", "newInstance", partial(fields.purchase, chargingMode=0)),
    _NEW.debug("package", "newInstance", fields.package),
    _NEW.debug("contact", "newInstance", fields.contact),
    _NEW.debug("extension", "newInstance", fields.extension),
    _NEW.debug("repeated", "newInstance", fields.yearly, times=2, source=sources.DEBUGGING),
    _LIFE.debug("renew", "refreshInstance", fields.renewal),
    _LIFE.debug("renew-no-product", "refreshInstance", partial(fields.renewal, productId=None)),
    _LIFE.debug("renew-formal", "refreshInstance", partial(fields.renewal, trialToFormal=1)),
    _LIFE.debug("renew-returned", "refreshInstance", partial(fields.renewal, days=365, orderAmount="-100.00")),
    _LIFE.debug("expire", "expireInstance", of(orderId=ORDER)),
    _LIFE.debug("expire-no-order", "expireInstance", of()),
    _LIFE.debug("release", "releaseInstance", of(orderId=ORDER)),
    _LIFE.debug("release-again", "releaseInstance", of(orderId=ORDER), times=2),
    _LIFE.debug("upgrade", "upgrade", of(**UPGRADE)),
    _LIFE.debug("freeze", "instanceStatus", of(instanceStatus="FREEZE")),
    _LIFE.debug("unfreeze", "instanceStatus", of(instanceStatus="NORMAL")),
    _LIFE.debug("query", "queryInstance", of(), instances=(INSTANCE,)),
    _LIFE.debug("query-many", "queryInstance", of(instanceId=",".join(MANY)), instances=MANY),
)

V2_INTERFACES: tuple[Case, ...] = (
    _V2.debug("new", "newInstance", fields.purchase_v2),
    _V2.debug("new-again", "newInstance", fields.purchase_v2, times=2),
    _V2.debug("renew", "refreshInstance", fields.renewal_v2),
    _V2.debug("renew-no-product", "refreshInstance", partial(fields.renewal_v2, productId=None)),
    _V2.debug("renew-formal", "refreshInstance", partial(fields.renewal_v2, scene="TRIAL_TO_FORMAL", days=365)),
    _V2.debug("renew-returned", "refreshInstance", partial(fields.renewal_v2, scene=_RETURN, days=365)),
    _V2.debug("renew-change", "refreshInstance", partial(fields.renewal_v2, scene="RENEWAL_CHANGE")),
    _V2.debug("renew-milliseconds", "refreshInstance", fields.with_milliseconds),
    _V2.debug("freeze", "updateInstanceStatus", of(status="FREEZE")),
    _V2.debug("unfreeze", "updateInstanceStatus", of(status="UNFREEZE")),
    _V2.debug("release", "releaseInstance", of(**ORDERED)),
    _V2.debug("release-expired", "releaseInstance", of()),
    _V2.debug("release-again", "releaseInstance", of(), times=2),
    _V2.debug("upgrade", "upgradeInstance", of(**ORDERED)),
    _V2.debug("query", "queryInstance", of(), instances=(INSTANCE,)),
    _V2.debug("query-many", "queryInstance", of(instanceId=",".join(MANY)), instances=MANY),
    _V2.debug("change-check", "changeInstanceCheck", of(productInfo={**TARGET})),
    _V2.debug("change-check-list", "changeInstanceCheck", of(productInfo=[{**TARGET}]), advised=True),
    _V2.debug("order-notify", "orderNotify", only(**ORDERED)),
)
