"""An answer that a cache keeps is the answer to somebody else's call."""

import re
from collections.abc import Iterator, Sequence

from emulator.doctor.diagnosis import Diagnosis, error
from emulator.wire.client import Answer

KEPT = {
    "age": re.compile(r"\d+"),
    "x-cache": re.compile(r".*\bhit\b.*", re.IGNORECASE),
    "cache-control": re.compile(r".*(\bpublic\b|max-age=0*[1-9]).*", re.IGNORECASE),
}
"""Headers by which a cache shows, or which ask one to keep the answer (RFC 9111)."""


def cached(answers: Sequence[Answer]) -> Iterator[Diagnosis]:
    """The headers of a cache, each once."""
    for name, form in KEPT.items():
        if any(form.fullmatch(value) for answer in answers for _, value in answer.named(name)):
            yield error("address.cached", header=name)
