"""What is wrong with the settings of a server on a machine of one's own: all at once, so that it is mended at once."""

from collections.abc import Callable, Iterator

from shared.config import Setting, Settings
from shared.errors import ConfigurationError, NotSet

ALWAYS = ("KOOGALLERY_STORE", "KOOGALLERY_STORAGE_KEY", "KOOGALLERY_PROVISIONER")
EITHER = ("KOOGALLERY_KEY", "KOOGALLERY_ACCESS_KEY")
WHERE: tuple[tuple[Callable[[Settings], bool], tuple[str, ...]], ...] = (
    (lambda s: bool(s.get("KOOGALLERY_ACCESS_KEY")), ("KOOGALLERY_AK", "KOOGALLERY_SK")),
    (lambda s: s.get("KOOGALLERY_PROVISIONER") == "webhook", ("KOOGALLERY_WEBHOOK_URL", "KOOGALLERY_WEBHOOK_SECRET")),
    (lambda s: bool(s.events_url), ("KOOGALLERY_EVENTS_SECRET",)),
    (
        lambda s: bool(s.get("KOOGALLERY_APP_ID")),
        ("KOOGALLERY_APP_URL", "KOOGALLERY_PUBLIC_URL", "KOOGALLERY_SESSION_KEY"),
    ),
    (lambda s: bool(s.get("KOOGALLERY_DYNAMODB_ACCESS_KEY")), ("KOOGALLERY_DYNAMODB_SECRET_KEY",)),
)
"""What must be set where something else is: version 2 asks for the order of a purchase, and so on."""


def problems(settings: Settings) -> list[str]:
    """All that is missing or cannot be used, as texts that show no value; empty if a server can run."""
    found = [*_missing(settings), *_unusable(settings)]
    return list(dict.fromkeys(found))


def _missing(settings: Settings) -> Iterator[str]:
    needed = [name for where, names in WHERE if _holds(where, settings) for name in names]
    for name in (*ALWAYS, *needed):
        if not _is_set(settings, name):
            yield f"set {name}"
    if not any(_is_set(settings, name) for name in EITHER):
        yield f"set {' or '.join(EITHER)}, for the version of the protocol you chose"


def _is_set(values: Settings, name: str) -> bool:
    try:
        return bool(values.get(name))
    except ConfigurationError:
        return True  # why it cannot be used is told apart


def _holds(condition: Callable[[Settings], bool], settings: Settings) -> bool:
    try:
        return condition(settings)
    except ConfigurationError:
        return False


def _unusable(settings: Settings) -> Iterator[str]:
    for name in [name for name, each in vars(Settings).items() if isinstance(each, Setting | property)]:
        try:
            getattr(settings, name)
        except NotSet:
            continue
        except ConfigurationError as error:
            yield str(error)
