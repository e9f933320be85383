"""Reasons why a login is refused, and the exception that carries one."""

from enum import StrEnum

from shared.errors import KooGalleryError


class RefusalReason(StrEnum):
    """Why a login is refused. The value stands in logs and in JSON answers."""

    LOGIN_REQUIRED = "login-required"
    NOT_AUTHORISED = "not-authorised"
    DISABLED = "disabled"
    UNKNOWN_TENANT = "unknown-tenant"
    FROZEN = "frozen"
    RELEASED = "released"
    CODE_USED = "code-used"
    REFUSED = "sign-in-refused"
    LOST = "login-lost"
    MALFORMED = "malformed"
    BAD_ADDRESS = "address-refused"
    MARKETPLACE_DOWN = "marketplace-down"
    BUSY = "busy"
    NOT_SET_UP = "not-set-up"
    INTERNAL = "internal-error"


class LoginRefused(KooGalleryError):
    """A login is refused. ``tenant_id`` is known where signing out with the marketplace may help."""

    def __init__(self, reason: RefusalReason, tenant_id: str = "") -> None:
        super().__init__(reason.value)
        self.reason, self.tenant_id = reason, tenant_id
