"""What the commands for a server in whatever language have in common: its address, and the keys to call it with."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from emulator.marketplace.delivery.sender import Target


class Misuse(Exception):
    """The command line asks for something that cannot be done; the text says why."""


def add_keys(parser: ArgumentParser) -> None:
    """The keys between marketplace and seller, each by default from the setting of its name."""
    parser.add_argument("--key", help="Key of version 1; default: $KOOGALLERY_KEY")
    parser.add_argument("--access-key", help="access key of version 2; default: $KOOGALLERY_ACCESS_KEY")
    parser.add_argument("--notify-key", help="access key of orderNotify; default: $KOOGALLERY_NOTIFY_ACCESS_KEY")
    parser.add_argument("--sync-key", help="access key of version 2's sync; default: $KOOGALLERY_SYNC_ACCESS_KEY")
    parser.add_argument("--rsa-public-key", type=Path, metavar="FILE", help="encrypts client secrets")
    parser.add_argument("--development-keys", action="store_true", help="what is not given is as make serve has it")
    parser.add_argument("--aes-bits", type=int, choices=(128, 256), default=256, help="of phone and mail in version 1")


def target_of(url: str | None) -> Target:
    """The server at a production address.

    :raises Misuse: it is none.
    """
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misuse("give the production address: http(s)://host/path, without a query")
    return Target(f"{parts.scheme}://{parts.netloc}", parts.path or "/")


def newest(
    options: Namespace, environ: Mapping[str, str], settings: Mapping[str, str], defaults: Mapping[str, str]
) -> dict[str, str]:
    """The newest key of each kind in ``settings``: the option so named, else the setting, else ``defaults``."""
    given = {
        name: getattr(options, name) or environ.get(setting) or defaults.get(setting, "")
        for name, setting in settings.items()
    }
    return {name: value.split(",")[0].strip() for name, value in given.items()}
