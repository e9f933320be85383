"""Protocol version 1: GET, everything in the query, ``authToken`` (production interfaces, sections 2 and 4.1)."""

from datetime import UTC

from shared.call import Call
from shared.clock import Clock, Deadline
from shared.commands import Command, Created, Described, Failed, InstanceInfo, Outcome, Version
from shared.config import Settings
from shared.errors import ResultCode
from shared.http import HttpRequest, HttpResponse
from shared.protocol.answer import app_info, result, signed, usage_info
from shared.protocol.field_cipher import FieldCipher
from shared.protocol.fields import is_debug
from shared.protocol.production.v1_commands import decode
from shared.protocol.signing import verify_query
from shared.protocol.times import sent_at
from shared.provisioning import Access


class V1:
    """The dialect of version 1."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def signing_key(self) -> str:
        """Key for answers to calls that could not be authenticated."""
        return self._settings.key[0]

    def authenticate(self, request: HttpRequest, deadline: Deadline) -> Call:
        """The call, if its ``authToken`` is right (and its ``timeStamp`` within ``KOOGALLERY_V1_WINDOW``, if set).

        :raises AuthenticationError: otherwise.
        """
        verified = verify_query(self._settings.key, request.query)
        fields = verified.parameters
        return Call(
            version=Version.V1,
            activity=fields.get("activity", ""),
            test=is_debug(fields),
            sent_at=sent_at(fields.get("timeStamp", ""), UTC, self._clock.now(), self._settings.v1_window),
            key=verified.key,
            fields=fields,
            deadline=deadline,
        )

    def decode(self, call: Call) -> Command:
        """The command of an authenticated call.

        :raises InvalidParameter: unknown activity, or a parameter is missing or malformed.
        """
        return decode(call, self._settings)

    def encode(self, outcome: Outcome, key: str) -> HttpResponse:
        """The signed answer."""
        if isinstance(outcome, Created) and outcome.in_process and self._settings.v1_pending == "busy":
            outcome = Failed(ResultCode.IN_PROCESS, "in process, ask again")
        members = result(outcome)
        if isinstance(outcome, Created | Described):
            # Encrypted with the key that signs: the one the marketplace is seen to hold.
            members |= _content(outcome, FieldCipher([key], self._settings.cipher_bits))
        return signed(members, key)


def _content(outcome: Created | Described, cipher: FieldCipher) -> dict[str, object]:
    members: dict[str, object] = {"encryptType": cipher.encrypt_type}
    if isinstance(outcome, Described):
        return members | {"info": [_instance_info(instance, cipher) for instance in outcome.instances]}
    members["instanceId"] = outcome.instance_id
    if outcome.access:
        members["appInfo"] = _app_info(outcome.access, cipher)
    return members


def _app_info(access: Access, cipher: FieldCipher) -> dict[str, object]:
    return app_info(
        access,
        user_name=cipher.encrypt(access.user_name) if access.user_name is not None else None,
        password=cipher.encrypt(access.password) if access.password is not None else None,
    )


def _instance_info(info: InstanceInfo, cipher: FieldCipher) -> dict[str, object]:
    members: dict[str, object] = {"instanceId": info.instance_id}
    if info.access:
        members["appInfo"] = _app_info(info.access, cipher)
    if info.usage:
        members["usageInfo"] = [usage_info(usage) for usage in info.usage]
    return members
