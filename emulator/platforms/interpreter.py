"""Other Python versions on this machine."""

import os
import shutil
import subprocess
from pathlib import Path


def find_python(version: str) -> str | None:
    """Path of an interpreter of ``version`` (``3.12``) that runs, or ``None``. Looks on PATH and in pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(map(str, pyenv.glob(f"{version}.*/bin/python{version}")))]
    return next((path for path in candidates if path and _is(path, version)), None)


def _is(path: str, version: str) -> bool:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        # A pyenv shim is on PATH even where its version is not enabled.
        answer = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == version
