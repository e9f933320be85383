"""A call made fit for a repository: what is written of it, and what is said about it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from emulator.development import bundle_settings
from emulator.keys import Keys, several
from emulator.recorder.expectation import Expectation, expected
from emulator.recorder.kinds import CallKind, kind_of
from emulator.recorder.sanitise import Sanitiser
from emulator.recorder.source import identifier, source
from emulator.recorder.substitutes import Substitutes
from emulator.recorder.text import read_calls
from emulator.recorder.verdict import Signature, judged
from emulator.samples.files import SHAPES
from emulator.wire.resign import resigned
from shared.clock import SystemClock
from shared.http import HttpRequest

NO_KEYS = Keys()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded call.

    ``request`` holds made-up values and is signed with the development keys, at the time of recording. ``replaced``
    are the names of what was replaced. ``signature`` is about the call as it was received, ``expectation`` about the
    answer that is due.
    """

    name: str
    kind: CallKind
    request: HttpRequest
    replaced: tuple[str, ...]
    signature: Signature
    expectation: Expectation

    def events(self) -> dict[str, dict[str, Any]]:
        """The event of each platform, by the path of its file."""
        return {f"{platform}/{self.name}.json": shape(self.request) for platform, shape in SHAPES.items()}

    @property
    def test_path(self) -> str:
        """The path of the test's file, beside the folders of the events."""
        return f"test_{identifier(self.name)}.py"

    def test_source(self) -> str:
        """A pytest file that plays the events and can fail."""
        return source(self.name, self.kind, self.expectation)


class RecordingOptions(TypedDict, total=False):
    """How a call is recorded; see :func:`of_requests`."""

    keys: Keys
    salt: str
    keep: Collection[str]
    name: str


def recorded(text: str, **options: Unpack[RecordingOptions]) -> list[Recording]:
    """Every call in ``text``, in order; the forms are those of :data:`emulator.recorder.text.FORMS`.

    :raises NoCallFound: there is no call in it.
    :raises ValueError: ``name`` is none for a file.
    """
    return of_requests(read_calls(text).requests, **options)


def of_requests(
    requests: Sequence[HttpRequest],
    *,
    keys: Keys = NO_KEYS,
    salt: str = "",
    keep: Collection[str] = (),
    name: str = "",
) -> list[Recording]:
    """The recordings of several calls that belong together.

    :param keys: the seller's own: to say whether a call was signed rightly, and to read phone and mail of version 1.
    :param salt: the same original gets the same substitute in all recordings with the same salt; without one, only
        within this one.
    :param keep: names of parameters that stay as they are.
    :param name: what recordings are called, with a number if there are several; default: by interface and version.
    :raises NotACall: one is none of the marketplace's.
    :raises ValueError: ``name`` is none for a file.
    """
    substitutes = Substitutes(salt)
    width = max(2, len(str(len(requests))))
    return [
        _recording(request, substitutes, keys, keep, _named(name, request, f"{number:0{width}}" * (len(requests) > 1)))
        for number, request in enumerate(requests, 1)
    ]


def of_request(request: HttpRequest, **options: Unpack[RecordingOptions]) -> Recording:
    """The recording of one call, however it is known. Parameters and errors as in :func:`of_requests`."""
    return of_requests([request], **options)[0]


def _named(name: str, request: HttpRequest, number: str) -> str:
    if name and not _NAME.fullmatch(name):
        raise ValueError("a recording's name may have letters, digits, and - _ . between them")
    if name:
        return f"{name}-{number}" if number else name
    return "-".join(part for part in (number, kind_of(request).name) if part)


def _recording(
    request: HttpRequest, substitutes: Substitutes, keys: Keys, keep: Collection[str], name: str
) -> Recording:
    kind, clock = kind_of(request), SystemClock()
    sanitiser = Sanitiser(substitutes, several(keys.key), keep)
    signed = resigned(sanitiser.cleaned(request, kind), bundle_settings(), clock)
    replaced = tuple(sorted(sanitiser.replaced))
    return Recording(name, kind, signed, replaced, judged(request, kind, keys), expected(signed, kind, clock))
