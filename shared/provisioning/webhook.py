"""The built-in provisioner: calls the seller's own backend, in whatever language, over signed HTTPS.

Messages are JSON signed after Standard Webhooks. A change carries the same ``webhook-id`` and ``Idempotency-Key``
however often it is sent, so a backend that remembers either makes it once. ``docs/provisioning.md`` shows its side.
"""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from shared.clock import Clock
from shared.config import Settings
from shared.directory import User
from shared.errors import InProcess, NotSet, ProvisioningError, ResultCode
from shared.http import HttpResponse
from shared.outbound import HttpClient
from shared.provisioning import (
    Access,
    Buyer,
    FreezeReason,
    Instance,
    InstancePage,
    MemberChange,
    OrderSummary,
    Package,
    Pending,
    Refusal,
    Renewal,
    Specification,
    Usage,
)
from shared.provisioning.webhook_answers import read_access, read_instances, read_packages, read_refusal, read_usage
from shared.provisioning.webhook_channel import ACCEPTED, NOTHING_TO_SAY, NotUnderstood, WebhookChannel
from shared.provisioning.webhook_messages import message

READ_TIMEOUT = 3.0
"""Seconds at most for a question, which the marketplace or a buyer waits for."""

_VISIBLE = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"


class WebhookProvisioner:
    """A :class:`shared.provisioning.Provisioner` behind a URL, which also hears of orders
    (:class:`shared.provisioning.OrderFollower`).
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        timeout: float,
        allow_private: bool,
        clock: Clock,
        *,
        client: HttpClient | None = None,
    ) -> None:
        """
        :param url: where all messages go: ``https``; ``http`` to this machine itself if ``allow_private``.
        :param secrets: ``whsec_…``, newest first. All sign, so they can be exchanged without a gap.
        :param timeout: seconds for one call.
        :param allow_private: may the backend be in a private network or on this machine?
        :raises ConfigurationError: one of them is unusable.
        """
        self._channel = WebhookChannel(url, secrets, allow_private=allow_private, clock=clock, client=client)
        self._timeout = timeout
        self._clock = clock

    @classmethod
    def from_settings(
        cls, settings: Settings, clock: Clock, *, client: HttpClient | None = None
    ) -> "WebhookProvisioner":
        """Built from ``KOOGALLERY_WEBHOOK_URL``, ``_SECRET``, ``_TIMEOUT`` and ``_ALLOW_PRIVATE``.

        :raises ConfigurationError: one of them is missing or unusable.
        """
        if not settings.webhook_url:
            raise NotSet("set KOOGALLERY_WEBHOOK_URL, or name another KOOGALLERY_PROVISIONER")
        secrets, timeout = settings.webhook_secrets, settings.webhook_timeout
        return cls(settings.webhook_url, secrets, timeout, settings.webhook_allow_private, clock, client=client)

    def create(self, instance: Instance, buyer: Buyer, key: str) -> Access | Pending:
        """``instance.create``: 200 with ``access``, or 202."""
        response = self._change("instance.create", key, instance=instance, buyer=buyer)
        return Pending() if response.status == ACCEPTED else read_access(response)

    def describe(self, instance: Instance) -> Access | Pending | None:
        """``instance.describe``: 200 with ``access``, 202 while creation goes on, 204 if nothing has changed."""
        response = self._ask("instance.describe", instance=instance)
        if response.status == NOTHING_TO_SAY:
            return None
        return Pending() if response.status == ACCEPTED else read_access(response)

    def renew(self, instance: Instance, renewal: Renewal, key: str) -> None:
        """``instance.renew``: 200 or 204."""
        _finish(self._change("instance.renew", key, instance=instance, renewal=renewal))

    def change(self, instance: Instance, specification: Specification, key: str) -> None:
        """``instance.change``: 200 or 204."""
        _finish(self._change("instance.change", key, instance=instance, specification=specification))

    def can_change(self, instance: Instance, specification: Specification) -> Refusal | None:
        """``instance.can_change``: 204 if it can, 200 with ``refusal``."""
        response = self._ask("instance.can_change", instance=instance, specification=specification)
        return None if response.status == NOTHING_TO_SAY else read_refusal(response)

    def freeze(self, instance: Instance, reason: FreezeReason, key: str) -> None:
        """``instance.freeze``: 200 or 204."""
        _finish(self._change("instance.freeze", key, instance=instance, reason=reason))

    def unfreeze(self, instance: Instance, key: str) -> None:
        """``instance.unfreeze``: 200 or 204."""
        _finish(self._change("instance.unfreeze", key, instance=instance))

    def release(self, instance: Instance, key: str) -> None:
        """``instance.release``: 200 or 204; a backend that does not know the instance has nothing left to do."""
        try:
            _finish(self._change("instance.release", key, instance=instance))
        except ProvisioningError as error:
            if error.code is not ResultCode.UNKNOWN_INSTANCE:
                raise

    def usage(self, instance: Instance) -> Sequence[Usage]:
        """``instance.usage``: 200 with ``usage``, 204 for none."""
        response = self._ask("instance.usage", instance=instance)
        return () if response.status == NOTHING_TO_SAY else read_usage(response)

    def order_told(self, order: OrderSummary, key: str) -> None:
        """``order.changed``: 200 or 204."""
        ids = {"order_id": order.order_id, "order_line_id": order.order_line_id}
        _finish(self._change("order.changed", key, **ids, order=order))

    def _change(self, kind: str, key: str, **data: Any) -> HttpResponse:
        digest = hashlib.sha256(f"{kind}\n{key}".encode()).hexdigest()
        body = message(kind, self._clock.now(), **data)
        return self._channel.send(f"msg_{digest[:32]}", body, {"Idempotency-Key": quote(key, _VISIBLE)}, self._timeout)

    def _ask(self, kind: str, **data: Any) -> HttpResponse:
        body = message(kind, self._clock.now(), **data)
        return self._channel.send(f"msg_{uuid.uuid4().hex}", body, {}, min(self._timeout, READ_TIMEOUT))


class ListeningWebhook(WebhookProvisioner):
    """One whose backend also knows the optional messages (``KOOGALLERY_WEBHOOK_OPTIONAL``): also a
    :class:`shared.provisioning.PackageKeeper`, :class:`shared.provisioning.MemberListener` and
    :class:`shared.provisioning.InstanceLister`.
    """

    def packages(self, instance: Instance) -> Sequence[Package]:
        """``instance.packages``: 200 with ``packages``, 204 for none."""
        response = self._ask("instance.packages", instance=instance)
        return () if response.status == NOTHING_TO_SAY else read_packages(response)

    def used_up(self, instance: Instance, key: str) -> None:
        """``instance.used_up``: 200 or 204."""
        _finish(self._change("instance.used_up", key, instance=instance))

    def member_changed(self, tenant_id: str, user: User, change: MemberChange, key: str) -> None:
        """``member.changed``: 200 or 204."""
        _finish(self._change("member.changed", key, tenant_id=tenant_id, user=user, change=change))

    def list_instances(self, after: str | None) -> InstancePage | None:
        """``instance.list``: 200 with ``instances``; 204, or a refusal of any kind, if the backend does not list."""
        try:
            response = self._ask("instance.list", after=after)
        except (ProvisioningError, NotUnderstood):
            return None
        return None if response.status == NOTHING_TO_SAY else read_instances(response)


def _finish(response: HttpResponse) -> None:
    if response.status == ACCEPTED:
        raise InProcess("the seller's backend is at work, ask again")
