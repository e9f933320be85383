"""The second opinion on home-made vectors: OpenJDK, which runs the same classes as the marketplace."""

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence

import pytest

from tests.vectors import HERE

Question = Sequence[str | bytes]
"""An operation of ``Reference.java`` and its arguments."""


def ask(questions: Sequence[Question]) -> list[str]:
    """The answers, all from one run. Skips the test where there is no Java of version 17 or later."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("no JDK: the vectors keep the answers it gave")
    lines = ["\t".join([str(operation), *map(_encoded, arguments)]) for operation, *arguments in questions]
    command = [java, "-XX:TieredStopAtLevel=1", str(HERE / "Reference.java")]
    run = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def _encoded(argument: str | bytes) -> str:
    return b64encode(argument.encode() if isinstance(argument, str) else argument).decode()
