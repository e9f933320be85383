"""Protocol version 2: POST, JSON body, ``signature``/``timestamp``/``nonce`` in the query (sections 3 and 4.4)."""

from collections.abc import Sequence

from shared.call import Call, Nonce
from shared.clock import Clock, Deadline
from shared.commands import Command, Created, Described, Failed, InstanceInfo, Outcome, Version
from shared.config import Settings
from shared.errors import InvalidParameter, ResultCode
from shared.http import HttpRequest, HttpResponse
from shared.json_object import read_object
from shared.protocol.answer import app_info, result, signed, usage_info
from shared.protocol.fields import is_debug
from shared.protocol.production.v2_commands import decode
from shared.protocol.signing import verify_body

MOCK_ORDERS = "MOCK"
"""How the ids of the order query's debugging orders begin (section 3.10); no real order's id does."""


class V2:
    """The dialect of version 2; ``keys`` are those of the interface class called (basic, order notification)."""

    def __init__(self, settings: Settings, clock: Clock, keys: Sequence[str]) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = keys

    def signing_key(self) -> str:
        """Key for answers to calls that could not be authenticated."""
        return self._keys[0]

    def authenticate(self, request: HttpRequest, deadline: Deadline) -> Call:
        """The call, if its signature is right and its timestamp within 60 s of now.

        :raises AuthenticationError: otherwise.
        :raises InvalidParameter: what was signed is not a JSON object.
        """
        signature = request.first("signature") or ""
        verified = verify_body(
            self._keys,
            signature=signature,
            timestamp=request.first("timestamp") or "",
            nonce=request.first("nonce") or "",
            body=request.body,
            now=self._clock.now(),
        )
        if "json" not in request.headers.get("content-type", "json").lower():
            raise InvalidParameter("Content-Type must be application/json")
        fields = read_object(request.body)
        return Call(
            version=Version.V2,
            activity=str(fields.get("activity", "")),
            test=is_debug(fields) or str(fields.get("orderId")).startswith(MOCK_ORDERS),
            sent_at=verified.sent_at,
            key=verified.key,
            fields=fields,
            deadline=deadline,
            nonce=Nonce.of(verified.nonce, signature.lower()),
        )

    def decode(self, call: Call) -> Command:
        """The command of an authenticated call.

        :raises InvalidParameter: unknown activity, or a member is missing or malformed.
        """
        return decode(call)

    def encode(self, outcome: Outcome, key: str) -> HttpResponse:
        """The answer; signed too, because some pages ask for it and none forbids it (section 6.2)."""
        members = result(outcome)
        if isinstance(outcome, Created):
            if outcome.in_process:
                members = result(Failed(ResultCode.IN_PROCESS, "in process"))
            members["instanceId"] = outcome.instance_id
            if outcome.access:
                # Not in the table of section 3.1, but the console's list of mandatory members names it (section 8).
                members["appInfo"] = {"frontEndUrl": outcome.access.front_end_url}
        elif isinstance(outcome, Described):
            # Polling ends where information is returned (section 3.2), so nothing is said of what is not there yet.
            ready = [_instance_info(instance) for instance in outcome.instances if not instance.pending]
            members = members | {"info": ready} if ready else result(Failed(ResultCode.IN_PROCESS, "in process"))
        return signed(members, key)


def _instance_info(info: InstanceInfo) -> dict[str, object]:
    members: dict[str, object] = {"instanceId": info.instance_id}
    if info.access:
        # Plain, unlike in version 1 (section 3.2).
        members["appInfo"] = app_info(info.access, user_name=info.access.user_name, password=info.access.password)
    if info.usage:
        members["usageInfo"] = [usage_info(usage) for usage in info.usage]
    return members
