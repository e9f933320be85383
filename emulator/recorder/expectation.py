"""What a call must be answered, by the protocol alone: success, or a refusal of what it says."""

from dataclasses import dataclass

from emulator.development import bundle_settings
from emulator.recorder.kinds import CallKind
from functions.gateway import find
from shared.clock import Clock, Deadline
from shared.commands import Version
from shared.errors import InvalidParameter, KooGalleryError, ResultCode
from shared.http import HttpRequest
from shared.protocol.choose import Dialect, sync_dialect
from shared.protocol.production.v1 import V1
from shared.protocol.production.v2 import V2

_DECODING = 60.0
"""Seconds, more than reading a call ever takes."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The result code, why it is not success, and the instances that must be there for it."""

    code: ResultCode = ResultCode.SUCCESS
    reason: str = ""
    instances: tuple[str, ...] = ()


def expected(request: HttpRequest, kind: CallKind, clock: Clock) -> Expectation:
    """For a call that was signed just now. Nothing is stored and nobody is asked."""
    settings = bundle_settings()
    dialect: Dialect
    if kind.sync:
        dialect = sync_dialect(settings, clock, request)
    elif kind.version is Version.V1:
        dialect = V1(settings, clock)
    else:
        dialect = V2(settings, clock, settings.required_keys(kind.setting))
    try:
        call = dialect.authenticate(request, Deadline(clock, _DECODING))
        command = dialect.decode(call)
        if find(call.activity) is None:
            raise InvalidParameter("activity is unknown")
    except KooGalleryError as error:
        return Expectation(error.code, str(error))
    if call.test or kind.sync:
        return Expectation()
    several = getattr(command, "instance_ids", ())
    single = getattr(command, "instance_id", "")
    return Expectation(instances=tuple(several) or ((single,) if single else ()))
