"""The second opinion on home-made vectors: OpenJDK, which runs the same classes as the marketplace."""

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.vectors import HERE

Question = Sequence[str | bytes]
"""An operation of ``Reference.java`` and its arguments."""
Ask = Callable[[Sequence[Question]], list[str]]
"""The answers to questions."""


@contextmanager
def answering() -> Iterator[Ask]:
    """Java, which takes longer to begin than to answer. Skips the test where there is none of version 17 or later."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("no JDK: the vectors keep the answers it gave")
    command = [java, "-XX:TieredStopAtLevel=1", str(HERE / "Reference.java")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        yield lambda questions: [_answer(process, question) for question in questions]


def _answer(process: "subprocess.Popen[str]", question: Question) -> str:
    assert process.stdin
    assert process.stdout
    operation, *arguments = question
    print(operation, *map(_encoded, arguments), sep="\t", file=process.stdin)
    answer = process.stdout.readline()
    assert answer, "Java has ended"
    return answer.rstrip("\n")


def _encoded(argument: str | bytes) -> str:
    return b64encode(argument.encode() if isinstance(argument, str) else argument).decode()
