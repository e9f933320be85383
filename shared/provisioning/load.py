"""From ``KOOGALLERY_PROVISIONER`` to the provisioner."""

import importlib
import inspect
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias, cast

from shared.clock import Clock
from shared.config import Settings
from shared.errors import ConfigurationError
from shared.provisioning import Provisioner

Setting: TypeAlias = Callable[[str], str | None]

_NAME = "KOOGALLERY_PROVISIONER"
_METHODS = {name: member for name, member in vars(Provisioner).items() if inspect.isfunction(member) and name[0] != "_"}


def load(spec: str, settings: Settings, clock: Clock) -> Provisioner:
    """The provisioner ``spec`` names.

    :param spec: ``webhook`` (the seller's backend behind a URL), ``demo``, or ``module:attribute``. The attribute is an
        instance, or a class, which is called without arguments, or its ``from_settings(setting)`` if it has that.
    :param settings: what the webhook provisioner is set up by; ``setting`` gives a setting by name, empty if not set.
    :raises ConfigurationError: ``spec`` leads nowhere, or to something that is no provisioner; the text says why not.
    """
    if spec == "webhook":
        from shared.provisioning.webhook import ListeningWebhook, WebhookProvisioner

        kind = ListeningWebhook if settings.webhook_optional else WebhookProvisioner
        return kind.from_settings(settings, clock)
    if spec == "demo":
        from shared.provisioning.demo import DemoProvisioner

        return DemoProvisioner()
    return _checked(_instance(_found(spec), settings.get))


def _found(spec: str) -> Any:
    module, _, attribute = spec.partition(":")
    if not module or not attribute:
        raise ConfigurationError(f"{_NAME} must be webhook, demo or module:attribute")
    try:
        return attrgetter(attribute)(importlib.import_module(module))
    except ImportError as error:
        raise ConfigurationError(f"{_NAME}: the module cannot be imported; is it in the package?") from error
    except AttributeError as error:
        raise ConfigurationError(f"{_NAME}: the module has no such attribute, or fails to load") from error


def _instance(found: Any, setting: Setting) -> Any:
    if not inspect.isclass(found):
        return found
    return found.from_settings(setting) if hasattr(found, "from_settings") else found()


def _checked(candidate: Any) -> Provisioner:
    missing = [name for name in _METHODS if not callable(getattr(candidate, name, None))]
    if missing:
        raise ConfigurationError(f"{_NAME}: the provisioner lacks {', '.join(missing)}")
    other = [name for name, method in _METHODS.items() if not _takes(getattr(candidate, name), method)]
    if other:
        raise ConfigurationError(
            f"{_NAME}: other parameters than shared.provisioning.Provisioner in {', '.join(other)}"
        )
    return cast("Provisioner", candidate)


def _takes(method: Any, pattern: Any) -> bool:
    """Can ``method`` be called as ``pattern`` is, and does it answer at once?"""
    if inspect.iscoroutinefunction(method):
        return False
    try:
        inspect.signature(method).bind(*list(inspect.signature(pattern).parameters)[1:])
    except TypeError:
        return False
    except ValueError:  # written in C: has no signature to compare
        return True
    return True
