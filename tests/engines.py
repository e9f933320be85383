"""DynamoDB engines for tests: each a process of its own on a free loopback port, ended when the block is left.

Each is a context manager that yields the engine's URL, and skips the test with one line where the engine cannot be had.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from emulator.platforms import engines

ENVIRONMENT = engines.ENVIRONMENT
"""What a process needs in its environment to talk to one of these engines."""

_CACHE = Path(__file__).parent.parent / ".cache"
_DYNALITE = Path(__file__).parent / "dynalite"


@contextmanager
def moto_endpoint() -> Iterator[str]:
    """moto's server. It knows ``ALL_OLD`` on a failed condition."""
    _need("moto", "flask", "flask_cors")
    with engines.running(lambda port: [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]) as url:
        yield url


@contextmanager
def ministack() -> Iterator[str]:
    """ministack, DynamoDB only: the strictest of the three."""
    _need("ministack")
    with engines.ministack() as url:
        yield url


@contextmanager
def dynalite() -> Iterator[str]:
    """dynalite: without transactions, TTL and ``ALL_OLD``, as GeminiDB is."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("dynalite needs node and npm")
    script = _installed_dynalite() / "node_modules" / "dynalite" / "cli.js"
    options = ["--host", "127.0.0.1", "--createTableMs", "0"]
    with engines.running(lambda port: [node, str(script), "--port", str(port), *options]) as url:
        yield url


def _need(*modules: str) -> None:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def _installed_dynalite() -> Path:
    lock = (_DYNALITE / "package-lock.json").read_bytes()
    target = _CACHE / f"dynalite-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not target.exists():
        _CACHE.mkdir(exist_ok=True)
        (_CACHE / ".gitignore").write_text("*\n")
        # Made aside and then moved, because several test processes may come here at once.
        with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
            made = shutil.copytree(_DYNALITE, Path(folder) / "made")
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=120, check=False)
            if done.returncode:
                pytest.skip(f"npm cannot install dynalite: {done.stderr.strip()[-200:]}")
            with suppress(OSError):
                made.rename(target)
    return target
