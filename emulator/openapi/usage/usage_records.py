"""Stored usage records: accepted, abnormal, and waiting for validation."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from emulator.openapi.usage.bill import CollectedLine, collection_after
from emulator.openapi.usage.record import SentRecord
from emulator.openapi.usage.tables import SENT, UsageTables, as_text

_SENT = ", ".join(SENT)


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """A record that has not been looked at. ``code``: it is refused with that, though it may break no rule."""

    sent: SentRecord
    old_api: bool
    at: datetime
    code: str = ""


@dataclass(frozen=True, slots=True)
class Abnormal:
    """A record that was refused, as the seller console's SDR management shows it. ``number``: for paging."""

    sent: SentRecord
    code: str
    at: datetime
    number: int = 0


class UsageRecords(UsageTables):
    """First wins: by ``metering_sn``, and by instance, begin and end (section 2.4, rule 5). Thread-safe.

    Its size is on disk and not in memory, if ``connection`` is that of a file; for the parameters see
    :class:`emulator.platforms.shared_connection.SharedConnection`.
    """

    def repeated_sn(self, sent: SentRecord) -> bool:
        """Has an accepted record this ``metering_sn``?"""
        statement = "SELECT 1 FROM usage_record WHERE metering_sn = ? AND metering_sn <> ''"
        return bool(self.rows(statement, sent.metering_sn))

    def repeated_window(self, sent: SentRecord) -> bool:
        """Has an accepted record of the instance the same begin and end?"""
        statement = "SELECT 1 FROM usage_record WHERE instance_id = ? AND begin_time = ? AND end_time = ?"
        return bool(self.rows(statement, *sent.window))

    def accept(self, sent: SentRecord, at: datetime, *, daily: bool) -> bool:
        """Take a record that breaks no rule, unless it repeats an accepted one."""
        return self.insert("usage_record", sent, collected_at=as_text(collection_after(at, daily=daily)))

    def refuse(self, sent: SentRecord, code: str, at: datetime) -> None:
        """Keep a refused record for the console."""
        self.insert("usage_abnormal", sent, code=code, at=as_text(at))

    def wait(self, received: ReceivedRecord) -> None:
        """Keep a record that will be looked at later."""
        more: dict[str, str | int] = {"old_api": received.old_api, "at": as_text(received.at), "code": received.code}
        self.insert("usage_waiting", received.sent, **more)

    def waiting(self) -> int:
        """How many records :meth:`UsageApi.settle` has to look at."""
        return int(self.rows("SELECT count(*) FROM usage_waiting")[0][0])

    def taken(self, most: int) -> list[ReceivedRecord]:
        """Up to ``most`` of the records that wait, oldest first. They wait no longer."""
        with self.changing():
            rows = self.rows(
                f"SELECT {_SENT}, old_api, at, code, number FROM usage_waiting ORDER BY number LIMIT ?",  # noqa: S608
                most,
            )
            if rows:
                self.rows("DELETE FROM usage_waiting WHERE number <= ?", rows[-1][-1])
        return [
            ReceivedRecord(SentRecord(*sent), bool(old_api), datetime.fromisoformat(at), code)
            for *sent, old_api, at, code, _ in rows
        ]

    def abnormal(self, limit: int = -1, before: int | None = None, instance_id: str = "") -> list[Abnormal]:
        """Refused records, oldest first, as the seller console shows them; of one instance if given.

        :param limit: only the latest so many; -1 for all.
        :param before: only those with a smaller ``number``: that of the first on the page seen last.
        """
        condition, values = _of(instance_id)
        if before is not None:
            condition, values = f"{condition} AND number < ?", [*values, before]
        rows = self.rows(
            f"SELECT {_SENT}, code, at, number FROM usage_abnormal WHERE {condition} ORDER BY number DESC LIMIT ?",  # noqa: S608
            *values,
            limit,
        )
        return [
            Abnormal(SentRecord(*sent), code, datetime.fromisoformat(at), number)
            for *sent, code, at, number in reversed(rows)
        ]

    def total(self, instance_id: str) -> Decimal:
        """Sum of an instance's accepted records, billed by now or later."""
        statement = "SELECT coalesce(usage_sum(usage_value), '0') FROM usage_record WHERE instance_id = ?"
        return Decimal(self.rows(statement, instance_id)[0][0])

    def bill(self, now: datetime, limit: int = -1, after: int = 0, instance_id: str = "") -> list[CollectedLine]:
        """What was collected up to ``now``, in the order of acceptance: the first ``limit`` lines with a ``number``
        greater than ``after``, of one instance if given.
        """
        condition, values = _of(instance_id)
        rows = self.rows(
            "SELECT instance_id, begin_time, end_time, usage_value, relate_pkg_instance, collected_at, number "  # noqa: S608
            f"FROM usage_record WHERE {condition} AND collected_at <= ? AND number > ? ORDER BY number LIMIT ?",
            *values,
            as_text(now),
            after,
            limit,
        )
        return [
            CollectedLine(instance, begin, end, Decimal(value), package, _compact(collected_at), number)
            for instance, begin, end, value, package, collected_at, number in rows
        ]

    def instances_seen(self) -> list[str]:
        """The instances that records came for, known or not, by id."""
        statement = "SELECT instance_id FROM usage_record UNION SELECT instance_id FROM usage_abnormal ORDER BY 1"
        return [str(instance_id) for (instance_id,) in self.rows(statement)]


def _of(instance_id: str) -> tuple[str, list[str | int]]:
    return ("instance_id = ?", [instance_id]) if instance_id else ("1", [])


def _compact(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y%m%dT%H%M%SZ}"
