"""The sync interfaces of version 1: POST, JSON body, header ``authToken`` (joint operation, sections 2.3 and 2.4)."""

from shared.call import Call
from shared.clock import Clock, Deadline
from shared.commands import Command, Outcome, Version
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse
from shared.protocol.answer import result, signed
from shared.protocol.sync.call import ZONE, is_test, stripped
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import property_members, read_token, verify_properties
from shared.protocol.times import sent_at


class SyncV1:
    """The dialect of ``/produceAPI/<name>``."""

    def __init__(self, settings: Settings, clock: Clock, name: str) -> None:
        self._settings, self._clock, self._name = settings, clock, name

    def signing_key(self) -> str:
        """Key for answers to calls that could not be authenticated."""
        return self._settings.key[0]

    def authenticate(self, request: HttpRequest, deadline: Deadline) -> Call:
        """The call, if its ``authToken`` is right (and its ``timeStamp`` within ``KOOGALLERY_V1_WINDOW``, if set).

        :raises AuthenticationError: otherwise.
        :raises InvalidParameter: the body is no JSON object, or a name stands twice.
        """
        token = request.headers.get("authtoken", "")
        read_token(token)
        members = read_members(request.body)
        key = verify_properties(self._settings.key, token, members)
        fields = stripped(property_members(members))
        return Call(
            version=Version.V1,
            activity=self._name,
            test=is_test(fields),
            sent_at=sent_at(str(fields["timeStamp"]), ZONE, self._clock.now(), self._settings.v1_window),
            key=key,
            fields=fields,
            deadline=deadline,
        )

    def decode(self, call: Call) -> Command:
        """The command of an authenticated call.

        :raises InvalidParameter: no such interface, or a member is missing or malformed.
        """
        from shared.protocol.sync.commands import decode

        return decode(call, self._settings, self._clock)

    def encode(self, outcome: Outcome, key: str) -> HttpResponse:
        """The answer, signed with ``Body-Sign``."""
        return signed(result(outcome), key)
