"""Where a key stands, and how it is written there: a file that a setting refers to, or nowhere we may write."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.config import Lookup
from shared.config.values import REFERENCE
from shared.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """``store``: ``file``, ``secretsmanager``, ``ssm``, ``csms``, or empty for the environment itself. ``member`` of
    the JSON object there, if there are several keys in it.
    """

    store: str = ""
    name: str = ""
    member: str = ""

    @property
    def writable(self) -> bool:
        return self.store == "file"

    def write(self, value: str) -> None:
        """Put ``value`` there, complete or not at all; whoever may read the file stays the same.

        :raises ConfigurationError: it cannot be written.
        """
        path = Path(self.name)
        try:
            text = self._with_member(path.read_text(encoding="utf-8"), value) if self.member else f"{value}\n"
            replace_privately(path, text)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError(f"{path} cannot be written: {type(error).__name__}") from None

    def _with_member(self, text: str, value: str) -> str:
        members = json.loads(text)
        return json.dumps({**members, self.member: value}, ensure_ascii=False, indent=2) + "\n"


def place_of(name: str, lookup: Lookup) -> KeyPlace:
    """Where the value of setting ``name`` stands."""
    found = REFERENCE.fullmatch((lookup(name) or "").strip())
    if not found:
        return KeyPlace()
    path, _, member = found[2].partition("#")
    return KeyPlace(found[1], path, member)


def replace_privately(path: Path, text: str) -> None:
    """Write a file anew beside itself and put it in its place, with the mode and the owner that it had; a new one is
    for its owner alone.

    :raises OSError: that cannot be done.
    """
    known = path.stat() if path.exists() else None
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if known:
            Path(beside).chmod(known.st_mode & 0o777)
            os.chown(beside, known.st_uid, known.st_gid)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
