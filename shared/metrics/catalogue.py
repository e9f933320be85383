"""Every metric, read from the log lines that are written anyway.

On Lambda a line carries its metrics in CloudWatch's embedded metric format: a member more in the same JSON. Powertools'
``Metrics`` would write a second line for each call, and collects in one place what side by side threads count. On a
server the lines are counted in memory (:mod:`shared.metrics.counts`). On Huawei Cloud LTS finds them by their words.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SUCCESS = ("000000", "200", "302", "303")


class MetricKind(StrEnum):
    """A counter only grows, a gauge is what was seen last, a duration is summed and counted."""

    COUNTER = "counter"
    GAUGE = "gauge"
    DURATION = "duration"


class Only(StrEnum):
    """Which of the lines count."""

    ALL = "all"
    REAL_FAILED = "failed calls"
    PROBE_FAILED = "failed debug calls"
    ERROR = "lines of level ERROR"


@dataclass(frozen=True, slots=True)
class Metric:
    """``name`` as CloudWatch has it; made of the log ``lines`` with these texts, or of all.

    ``field``: the number in them, else each counts one. ``label``: by which field Prometheus tells them apart;
    CloudWatch, which charges for each value, does not. ``none``: the line that says there was nothing to count, as
    Prometheus sees a step from 0 to 1, and none from nothing to 1.
    """

    name: str
    kind: MetricKind
    lines: tuple[str, ...]
    unit: str = "Count"
    field: str = ""
    label: str = ""
    only: Only = Only.ALL
    none: str = ""

    @property
    def series(self) -> str:
        """As Prometheus has it."""
        words = "".join(f"_{each.lower()}" if each.isupper() else each for each in self.name)
        return f"koogallery{words}" + ("_total" if self.kind is MetricKind.COUNTER else "")

    def value(self, message: str, fields: Mapping[str, Any]) -> float | None:
        """What a line adds, or says; ``None`` if it is not about this."""
        if self.none and message == self.none:
            return 0
        if (self.lines and message not in self.lines) or not _counts(self.only, fields):
            return None
        return fields.get(self.field) if self.field else 1


COUNTER, GAUGE, DURATION = MetricKind
METRICS = (
    Metric("Calls", COUNTER, ("answered",), label="interface"),
    Metric("FailedCalls", COUNTER, ("answered",), label="interface", only=Only.REAL_FAILED),
    Metric("FailedProbes", COUNTER, ("answered",), label="interface", only=Only.PROBE_FAILED),
    Metric("AnswerMilliseconds", DURATION, ("answered",), "Milliseconds", "milliseconds", "interface"),
    Metric("RefusedCalls", COUNTER, ("refused",), label="reason"),
    Metric("FailedOrders", GAUGE, ("risk",), field="failed_orders"),
    Metric("FailingProbeDays", GAUGE, ("risk",), field="failing_days"),
    Metric("OpenMessages", GAUGE, ("risk",), field="open"),
    Metric("Findings", GAUGE, ("risk",), field="findings"),
    Metric("Runs", COUNTER, ("run",), label="interface"),
    Metric("FailedRuns", COUNTER, ("a scheduled run failed",), label="interface", none="run"),
    Metric("OldestUsageSeconds", GAUGE, ("run",), "Seconds", "oldest_seconds"),
    Metric("OldestEventSeconds", GAUGE, ("run",), "Seconds", "waiting_seconds"),
    Metric("UnbilledUsage", COUNTER, ("usage cannot be billed", "usage came too late to be billed")),
    Metric("SellerRefused", COUNTER, ("the usage API refuses this seller: check keys and clock",)),
    Metric("ErrorLines", COUNTER, (), only=Only.ERROR),
)
OF_ANY_LINE = tuple(each for each in METRICS if not each.lines)
BY_LINE: Mapping[str, tuple[Metric, ...]] = {
    line: tuple(each for each in METRICS if line in (*each.lines, each.none)) + OF_ANY_LINE
    for metric in METRICS
    for line in metric.lines
}


def measured(message: str, fields: Mapping[str, Any]) -> Iterator[tuple[Metric, float]]:
    """What a log line says of which metrics; its ``level`` is one of its fields."""
    for metric in BY_LINE.get(message, OF_ANY_LINE):
        if (value := metric.value(message, fields)) is not None:
            yield metric, value


def embedded(namespace: str, message: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a log line one in CloudWatch's embedded metric format; nothing for most lines."""
    values = dict(measured(message, fields))
    if not values:
        return {}
    told = [{"Name": metric.name, "Unit": metric.unit} for metric in values]
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": told}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, **{metric.name: value for metric, value in values.items()}}


def _counts(only: Only, fields: Mapping[str, Any]) -> bool:
    if only is Only.ALL:
        return True
    if only is Only.ERROR:
        return fields.get("level") == "ERROR"
    failed = str(fields.get("result", "")) not in SUCCESS
    return failed and bool(fields.get("test")) is (only is Only.PROBE_FAILED)
