"""Result codes and the one exception tree whose members know their result code.

The codes are those of "调用结果码说明" (production interfaces, section 5). Texts are ASCII because no response
parameter but ``memo`` may carry Chinese (section 2.1), and never quote what the caller sent.
"""

from enum import StrEnum
from typing import ClassVar


class ResultCode(StrEnum):
    """``resultCode`` of an answer, six digits (production interfaces, section 5)."""

    SUCCESS = "000000"
    AUTHENTICATION_FAILED = "000001"
    INVALID_PARAMETER = "000002"
    UNKNOWN_INSTANCE = "000003"
    IN_PROCESS = "000004"
    INTERNAL_ERROR = "000005"
    NO_RESOURCE = "000100"
    MOBILE_PHONE_REFUSED = "000101"
    EMAIL_REFUSED = "000102"
    ALREADY_PURCHASED = "000103"
    PRODUCT_ERROR = "000104"
    ALREADY_SUBSCRIBED = "000105"
    SOLD_OUT = "000106"
    EMAIL_DOMAIN_EXISTS = "000107"


class KooGalleryError(Exception):
    """Root of every error this bundle raises on purpose.

    ``str(error)`` is the ``resultMsg`` sent to the marketplace: ASCII, at most 255 characters, free of secrets and of
    personal data. Never format a value the caller sent into it.
    """

    code: ClassVar[ResultCode] = ResultCode.INTERNAL_ERROR


class AuthenticationError(KooGalleryError):
    """The call does not prove that it comes from the marketplace. One text for every cause, so nothing is given
    away.
    """

    code = ResultCode.AUTHENTICATION_FAILED

    def __init__(self, reason: str = "signature") -> None:
        super().__init__("authentication failed")
        self.reason = reason
        """Why, for the log only: one of a few fixed words, e.g. ``signature``, ``window``, ``nonce``."""


class InvalidParameter(KooGalleryError):
    """A parameter is missing or malformed. The text names the parameter, never its value."""

    code = ResultCode.INVALID_PARAMETER


class Conflict(InvalidParameter):
    """An order that was already processed came again with other content. Nothing is changed."""


class UnknownInstance(KooGalleryError):
    """No such instance, or one that has been released and cannot take this command any more."""

    code = ResultCode.UNKNOWN_INSTANCE


class InProcess(KooGalleryError):
    """The work goes on (another copy of the call, a slow provisioner); asking again later gets the answer."""

    code = ResultCode.IN_PROCESS


class Unavailable(KooGalleryError):
    """Something this call depends on (open API, store, the seller's backend) did not answer in time; worth a retry."""


class ConfigurationError(KooGalleryError):
    """A setting is missing or unusable. The text names the setting and says what to do; it never shows a value."""


class NotSet(ConfigurationError):
    """A setting is needed that nobody has set."""


class ProvisioningError(KooGalleryError):
    """The provisioner says no. Raise it, or a ``ProvisioningError`` with a code of section 5, from a provisioner.

    :param message: ASCII text for the marketplace, without personal data.
    :param code: what to answer, e.g. ``ResultCode.SOLD_OUT``.
    """

    def __init__(self, message: str, code: ResultCode = ResultCode.INTERNAL_ERROR) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]
