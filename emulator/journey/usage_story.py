"""The steps of a life of usage, and what must be so after each of them."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from emulator.checks import CheckResult, Requirement, Verdict
from emulator.checks.reading import at
from emulator.journey.life import Life2
from emulator.journey.player import Player
from emulator.openapi.usage.api import UsageApi
from emulator.openapi.usage.bill import as_csv
from emulator.openapi.usage.instances import Bought
from emulator.texts import Parameter, Text, joined
from emulator.wire.client import Answer, Reply, send
from shared.http import HttpRequest
from shared.metering.reconciliation.comparison import Day, plain
from shared.provisioning import Charging
from shared.server.routes import usage_path

TAKEN = Requirement("usage.taken")
ACCEPTED = Requirement("usage.accepted")
TOLD = Requirement("usage.told")
BILLED = Requirement("usage.billed")
RECONCILED = Requirement("usage.reconciled")
"""What must be so in a life of usage."""


@dataclass(frozen=True, slots=True)
class StoryUse:
    """An event: ``minute`` is hour and minute since the story's hour and names it, ``value`` is decimal."""

    minute: str
    value: str


class UsageStory:
    """Plays against the bundle of ``player``; ``api`` is the marketplace's side, ``upload`` one scheduled run."""

    def __init__(self, player: Player, api: UsageApi, upload: Callable[[], Mapping[str, int]]) -> None:
        self._player, self._api, self._upload = player, api, upload
        self._used = Decimal(0)
        self._hour = player.clock.now()

    def buy(self) -> None:
        """Order and create a pay-per-use instance, which both sides then know."""
        player, clock = self._player, self._player.clock
        self._hour = clock.now().replace(minute=0, second=0, microsecond=0)
        started_at = clock.now()
        self._life = Life2(player.ordering, days=None, charging=Charging.ON_DEMAND)
        player.live(self._life, "buy")
        self._api.instances.register(Bought(self._instance, started_at))
        player.live(self._life, "query")

    def take_in(
        self, step: str, uses: Sequence[StoryUse], *, accepted: int = 0, duplicates: int = 0, rejected: int = 0
    ) -> None:
        """Post events as the seller's application does. Those that are new count as used."""
        reply = send(self._player.base, self._posted([self._event(use) for use in uses]))
        found = _counts(reply)
        wanted = {"accepted": accepted, "duplicates": duplicates, "rejected": rejected}
        if accepted:
            self._used += sum((Decimal(use.value) for use in uses), Decimal(0))
        told = _in_words(found)
        problem = None
        if found != wanted:
            problem = Text("reasons.taken", told=told or Text("reasons.no-such-answer"), wanted=_in_words(wanted))
        sent = {"instanceId": self._instance, "usage": told}
        self._add(step, sent, TAKEN, problem, reply=reply)

    def upload(self, step: str, *, met: int | None = None) -> None:
        """Run the scheduled upload. Afterwards everything used is accepted.

        :param met: status that an answer must have had (0: none came), if something was to go wrong.
        """
        self._api.statuses.clear()
        started = time.monotonic()
        counts = self._upload()
        milliseconds = (time.monotonic() - started) * 1000
        total, statuses = self._api.records.total(self._instance), list(self._api.statuses)
        problem = None
        if total != self._used:
            problem = Text("reasons.accepted", total=str(total), used=str(self._used), counts=str(dict(counts)))
        elif met is not None and met not in statuses:
            problem = Text("reasons.not-met", status=met)
        answers = _listed(str(status) if status else Text("reasons.unanswered") for status in statuses)
        sent = {"answers": answers, "total": _count("total", total)}
        self._add(step, sent, ACCEPTED, problem, milliseconds=milliseconds)

    def query(self) -> None:
        """Ask for the usage as the marketplace does."""
        reading = self._player.play("query", self._life.query())
        values = [value for _, value in at(reading.members, "info[].usageInfo[].usageValue")]
        problem = None if values == [self._used] else Text("reasons.told", values=str(values), used=str(self._used))
        self._add("total", {"usage": ", ".join(map(str, values))}, TOLD, problem)

    def release(self) -> None:
        """The buyer unsubscribes; the marketplace has closed the instance once the seller has said so."""
        self._player.live(self._life, "release-unsubscribed")
        self._api.instances.change(self._instance, closed_at=self._player.clock.now())

    def bill(self) -> None:
        """The marketplace collects; nothing can be changed after that."""
        lines = self._api.bill(instance_id=self._instance)
        billed = sum((line.usage_value for line in lines), Decimal(0))
        windows = {(line.begin_time, line.end_time) for line in lines}
        refused = [each.code for each in self._api.records.abnormal(instance_id=self._instance)]
        problem = None
        if billed != self._used or len(windows) != len(lines):
            amounts = {"billed": str(billed), "used": str(self._used)}
            problem = Text("reasons.billed", lines=len(lines), refused=str(refused), **amounts)
        found = {"records": Decimal(len(lines)), "billed": billed, "used": self._used}
        sent = {name: _count(name, amount) for name, amount in found.items()}
        self._add("bill", sent, BILLED, problem)

    def reconcile(self, reconcile: Callable[[str, date, date, str], Sequence[Day]]) -> Sequence[Day]:
        """The seller's side puts the bill beside what it has on file."""
        lines = as_csv(self._api.bill(instance_id=self._instance))
        days = reconcile(self._instance, self._hour.date(), self._player.clock.now().date(), lines)
        ingested = sum((day.ingested for day in days), Decimal(0))
        wrong = [day for day in days if day.drifts or day.pending or day.accepted != day.ingested]
        problem = None
        if wrong or ingested != self._used:
            told = "; ".join(json.dumps(day.members(self._player.clock.now())) for day in days)
            problem = Text("reasons.reconciled", used=plain(self._used), days=told or Text("reasons.no-days"))
        drift = sum((day.drift or Decimal(0) for day in days), Decimal(0))
        self._add("reconciliation", {"drift": _count("drift", drift)}, RECONCILED, problem)
        return days

    @property
    def _instance(self) -> str:
        return self._life.instance

    def _event(self, use: StoryUse) -> dict[str, str]:
        moment = self._hour + timedelta(hours=int(use.minute[:2]), minutes=int(use.minute[2:]))
        event_id = f"{self._life.order['orderId']}-{use.minute}"
        return {"id": event_id, "instanceId": self._instance, "time": moment.isoformat(), "value": use.value}

    def _posted(self, events: Iterable[Mapping[str, str]]) -> HttpRequest:
        settings = self._player.settings
        token = settings.app_tokens[0]
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        body = json.dumps({"events": list(events)}).encode()
        return HttpRequest("POST", usage_path(settings), headers=headers, body=body)

    def _add(
        self,
        step: str,
        sent: Mapping[str, Parameter],
        requirement: Requirement,
        problem: Text | None,
        *,
        reply: Reply | None = None,
        milliseconds: float = 0.0,
    ) -> None:
        failure = CheckResult(requirement, Verdict.FAILED, problem) if problem else None
        code = str(reply.status) if isinstance(reply, Answer) else ""
        title = Text(f"journey.steps.{step}")
        self._player.add(title, sent, failure, reply, code=code, milliseconds=milliseconds)


def _in_words(counts: Mapping[str, int]) -> Parameter:
    return _listed(_count(name, Decimal(count)) for name, count in counts.items() if count)


def _count(name: str, amount: Decimal) -> Text:
    return Text(f"journey.counts.{name}", n=plain(amount))


def _listed(parts: Iterable[Parameter]) -> Parameter:
    some = list(parts)
    return joined("journey.list", some) if some else ""


def _counts(reply: Reply) -> dict[str, int]:
    """What the intake says it did, empty if it says nothing of the kind."""
    try:
        members: dict[str, Any] = json.loads(reply.body) if isinstance(reply, Answer) else {}
        accepted, duplicates, rejected = members["accepted"], members["duplicates"], members["rejected"]
        return {"accepted": accepted, "duplicates": duplicates, "rejected": len(rejected)}
    except (ValueError, KeyError, TypeError):
        return {}
