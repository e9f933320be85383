"""Posts the messages of organisation sync, and stores what the seller was last told of each object."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from emulator.marketplace.delivery.deliveries import Deliveries
from emulator.marketplace.delivery.messages import Delivery, Message, Purpose
from emulator.marketplace.ids import Ids
from emulator.marketplace.organisation.documents import (
    Binding,
    Credential,
    Employee,
    Enterprise,
    EnterpriseDepartment,
    LastStamp,
    Said,
    Subject,
    keyed,
)
from emulator.marketplace.organisation.sync_payloads import (
    ACTIVITIES,
    DELETED,
    Flag,
    application_fields,
    department_fields,
    departments_fields,
    state_after,
    tenant_fields,
    user_members,
    users_fields,
)
from emulator.marketplace.storage.database import Database
from emulator.wire.sync_calls import stamp
from shared.clock import Clock, epoch_ms, moment_of

_FORGOTTEN: Mapping[str, Any] = {"at": 0, "told": {"state": DELETED}}
USERS_AT_MOST = 500
"""Users of one call (section 1.4)."""


class SyncWord(NamedTuple):
    """Something that is said, and what there is to keep of it: see :class:`Said`."""

    subject: Subject
    key: str = ""
    told: Mapping[str, str] = {}


class Untold(NamedTuple):
    """The latest word about something, which the seller has not accepted; ``message`` says whether it still may."""

    subject: Subject
    key: str
    instance_id: str
    message: Message


@dataclass
class SyncNotifier:
    """Posts messages about what is in ``database``.

    Each carries the time of the act, not of the attempt: ``timeStamp``, of users ``currentSyncTime``. So the seller can
    tell which is newer when an old one is sent again by hand, and no two of an enterprise have the same.

    ``signing_clock``: the seller's idea of now.
    """

    database: Database
    clock: Clock
    signing_clock: Clock
    ids: Ids
    deliveries: Deliveries
    credential: Credential

    def tenant(self, binding: Binding, enterprise: Enterprise, flag: Flag) -> Message:
        """tenantSync. What was said of its users does not count any more once it is unbound."""
        if flag is Flag.DELETE:
            self.database.put(*[each.model_copy(update=_FORGOTTEN) for each in self._said_of_users(binding)])
        fields = tenant_fields(enterprise, binding.order_id)
        return self._say(binding, Purpose.TENANT, flag, fields, [SyncWord(Subject.TENANT)])

    def application(self, binding: Binding, enterprise: Enterprise, ciphertext: str, flag: Flag) -> Message:
        """applicationSync.

        :param ciphertext: the client secret, encrypted with the seller's public key.
        """
        fields = application_fields(enterprise, self.credential.app_id, ciphertext)
        return self._say(binding, Purpose.APPLICATION, flag, fields, [SyncWord(Subject.APPLICATION)])

    def department(self, binding: Binding, department: EnterpriseDepartment, flag: Flag) -> Message:
        """singleOrgSync."""
        word = SyncWord(Subject.DEPARTMENT, department.code)
        return self._say(binding, Purpose.DEPARTMENT, flag, department_fields(department), [word])

    def departments(self, binding: Binding, departments: Iterable[EnterpriseDepartment]) -> Message:
        """allOrgSync."""
        fields = departments_fields(binding.version, departments)
        return self._say(binding, Purpose.DEPARTMENTS, None, fields, [SyncWord(Subject.DEPARTMENTS)])

    def users(
        self, binding: Binding, enterprise: Enterprise, employees: Sequence[Employee], flag: Flag
    ) -> list[Message]:
        """authSync, as often as it takes."""
        starts = range(0, len(employees), USERS_AT_MOST)
        return [self._batch(binding, enterprise, employees[start : start + USERS_AT_MOST], flag) for start in starts]

    def heard_of(self, binding: Binding, user_name: str) -> bool:
        """Was the instance ever told of a member?"""
        return self.database.get(Said, _said_id(binding, SyncWord(Subject.USER, user_name))) is not None

    def untold(self, tenant_id: str) -> list[Untold]:
        """What the seller does not know, or did not say that it knows."""
        said = self.database.all(Said, tenant_id)
        messages = {each: self.database.the(Message, each) for each in {word.message_id for word in said}}
        found = (Untold(each.subject, each.key, each.instance_id, messages[each.message_id]) for each in said)
        return [each for each in found if each.message.state is not Delivery.DELIVERED]

    def retry(self, tenant_id: str) -> int:
        """Send again what was given up and is not out of date, as the buyer chooses to; how many messages that is."""
        given_up = {each.message.id for each in self.untold(tenant_id) if each.message.state is Delivery.GIVEN_UP}
        for message_id in given_up:
            self.deliveries.restart(message_id)
        return len(given_up)

    def _said_of_users(self, binding: Binding) -> list[Said]:
        said = self.database.all(Said, binding.tenant_id)
        return [each for each in said if (each.subject, each.instance_id) == (Subject.USER, binding.instance_id)]

    def _batch(self, binding: Binding, enterprise: Enterprise, employees: Sequence[Employee], flag: Flag) -> Message:
        users = [user_members(each, contacts=enterprise.shares_contacts) for each in employees]
        state = state_after(flag.of(binding.version, Purpose.USERS))
        words = [SyncWord(Subject.USER, user["userName"], _kept(user, state)) for user in users]
        fields = users_fields(binding.version, self.credential.app_id, users)
        return self._say(binding, Purpose.USERS, flag, fields, words)

    def _say(
        self,
        binding: Binding,
        purpose: Purpose,
        flag: Flag | None,
        fields: Mapping[str, Any],
        words: Sequence[SyncWord],
    ) -> Message:
        at = self._next_stamp(binding.tenant_id)
        when = {"currentSyncTime" if purpose is Purpose.USERS else "timeStamp": stamp(moment_of(at))}
        flags = {} if flag is None else {"flag": int(flag.of(binding.version, purpose))}
        message = Message(
            id=self.ids.hexadecimal("message"),
            purpose=purpose,
            version=binding.version,
            activity=ACTIVITIES[purpose],
            fields={"instanceId": binding.instance_id, "tenantId": binding.tenant_id, **fields, **flags, **when},
            about=binding.tenant_id,
            order_id=binding.order_id,
            created_at=self.clock.now(),
        )
        self.database.put(*[_said(binding, word, message.id, at) for word in words])
        return self.deliveries.post(message)

    def _next_stamp(self, tenant_id: str) -> int:
        last = self.database.get(LastStamp, tenant_id)
        at = max(epoch_ms(self.signing_clock.now()), last.at + 1 if last else 0)
        self.database.put(LastStamp(id=tenant_id, at=at))
        return at


def _said(binding: Binding, word: SyncWord, message_id: str, at: int) -> Said:
    return Said(
        id=_said_id(binding, word),
        tenant_id=binding.tenant_id,
        instance_id=binding.instance_id,
        subject=word.subject,
        key=word.key,
        message_id=message_id,
        at=at,
        told=word.told,
    )


def _said_id(binding: Binding, word: SyncWord) -> str:
    return keyed(binding.tenant_id, binding.instance_id, word.subject, word.key)


def _kept(user: Mapping[str, Any], state: str) -> dict[str, str]:
    return {name: str(value) for name, value in user.items()} | {"state": state}
