"""Options of the usage API; where the documents leave a behaviour open, both are offered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from emulator.openapi.usage.refusals import UsageDialect


@dataclass(frozen=True, slots=True)
class UsageBehaviour:
    """``limit``: records in a call; older tables say 100. ``whole``: record codes that refuse the whole call (see
    :data:`emulator.openapi.usage.validation.CALL_CODES`). ``skew``: how far the gateway's clock is wrong. ``refused``:
    record codes by ``metering_sn`` or instance id, for records that break no rule.
    """

    dialect: UsageDialect = UsageDialect.MKT
    asynchronous: bool = False
    limit: int = 1000
    whole: frozenset[str] = frozenset({"007"})
    needs_ak_sk: bool = False
    skew: timedelta = timedelta()
    refused: Mapping[str, str] = field(default_factory=dict)
