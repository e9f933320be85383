"""Which of the five interfaces a body is meant for (joint operation, sections 1.2 to 1.6)."""

from shared.call import Call
from shared.errors import InvalidParameter

OWN = {
    "tenantSync": ("tenantCode", "domainName"),
    "applicationSync": ("clientId", "clientSecret"),
    "authSync": ("userList",),
    "singleOrgSync": ("orgCode",),
    "allOrgSync": ("orgInfoList", "orgInfo"),
}
"""What the body of one interface alone has, and always has at least one of."""


def refuse_others(call: Call) -> None:
    """The signature covers the body, not the path: a body that was meant for one interface is refused by the others, so
    that no user's or department's deletion passes for a tenant's.

    :raises InvalidParameter: there is no such interface; else names what the body has of another, or lacks of this one.
    """
    if call.activity not in OWN:
        raise InvalidParameter("there is no such interface")
    found = [name for name, value in call.fields.items() if value not in (None, "")]
    own = OWN[call.activity]
    if foreign := [name for name in found if name not in own and any(name in others for others in OWN.values())]:
        raise InvalidParameter(f"{foreign[0]} does not belong to this interface")
    if not any(name in own for name in found):
        raise InvalidParameter(f"{own[0]} is missing or malformed")
