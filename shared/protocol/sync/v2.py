"""The sync interfaces of version 2: POST, JSON body, ``x-sign``/``x-timestamp``/``x-nonce`` (joint operation, 2.2)."""

from shared.call import Call, Nonce
from shared.clock import Clock, Deadline
from shared.commands import Command, Outcome, Version
from shared.config import Settings
from shared.http import HttpRequest, HttpResponse
from shared.protocol.answer import result, signed
from shared.protocol.sync.call import is_test, stripped
from shared.protocol.sync.lenient_json import read_members
from shared.protocol.sync.signing import canonical, check_moment, payload_members, read_sign, verify_payload


class SyncV2:
    """The dialect of ``/produceAPI/v2/<name>``."""

    def __init__(self, settings: Settings, clock: Clock, name: str) -> None:
        self._settings, self._clock, self._name = settings, clock, name

    def signing_key(self) -> str:
        """Key for answers to calls that could not be authenticated."""
        return self._settings.sync_access_key[0]

    def authenticate(self, request: HttpRequest, deadline: Deadline) -> Call:
        """The call, if its signature is right and its timestamp within 60 s of now.

        :raises AuthenticationError: the signature is missing or wrong.
        :raises InvalidParameter: timestamp, nonce or body is none.
        """
        timestamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
        signature = request.headers.get("x-sign", "")
        sent_at = check_moment(timestamp, nonce, self._clock.now())
        sign = read_sign(signature).decode()
        members = read_members(request.body)
        key = verify_payload(
            self._settings.sync_access_key,
            signature=signature,
            timestamp=timestamp,
            nonce=nonce,
            payloads=(canonical(members), request.body),
        )
        fields = stripped(payload_members(members))
        return Call(
            version=Version.V2,
            activity=self._name,
            test=is_test(fields),
            sent_at=sent_at,
            key=key,
            fields=fields,
            deadline=deadline,
            nonce=Nonce.of(nonce, f"{self._name} {sign}"),
        )

    def decode(self, call: Call) -> Command:
        """The command of an authenticated call.

        :raises InvalidParameter: no such interface, or a member is missing or malformed.
        """
        from shared.protocol.sync.commands import decode

        return decode(call, self._settings, self._clock)

    def encode(self, outcome: Outcome, key: str) -> HttpResponse:
        """The answer; signed too, because one page asks for it and none forbids it (section 1.1)."""
        return signed(result(outcome), key)
