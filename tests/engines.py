"""DynamoDB engines for tests: each a process of its own on a free loopback port, ended when the block is left.

Each is a context manager that yields the engine's URL, and skips the test with one line where the engine cannot be had.
"""

import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What a process needs in its environment to talk to one of these engines."""

_CACHE = Path(__file__).parent.parent / ".cache"
_DYNALITE = Path(__file__).parent / "dynalite"
_START_SECONDS = 30


@contextmanager
def moto_endpoint() -> Iterator[str]:
    """moto's server. It knows ``ALL_OLD`` on a failed condition."""
    _need("moto", "flask", "flask_cors")
    with _running(lambda port: [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]) as url:
        yield url


@contextmanager
def ministack() -> Iterator[str]:
    """ministack, DynamoDB only: the strictest of the three."""
    _need("ministack")
    environment = {"BIND_HOST": "127.0.0.1", "SERVICES": "dynamodb", "LOG_LEVEL": "WARNING"}
    with _running(lambda _: [sys.executable, "-m", "ministack"], environment, port_variable="GATEWAY_PORT") as url:
        yield url


@contextmanager
def dynalite() -> Iterator[str]:
    """dynalite: without transactions, TTL and ``ALL_OLD``, as GeminiDB is."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("dynalite needs node and npm")
    script = _installed_dynalite() / "node_modules" / "dynalite" / "cli.js"
    options = ["--host", "127.0.0.1", "--createTableMs", "0"]
    with _running(lambda port: [node, str(script), "--port", str(port), *options]) as url:
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


@contextmanager
def _running(
    command: Callable[[int], list[str]], environment: Mapping[str, str] | None = None, port_variable: str = "PORT"
) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        variables = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, port_variable: str(port)}
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(port), cwd=folder, env={**variables, **(environment or {})}, stdout=output, stderr=output
            )
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text()[-1000:]}")
