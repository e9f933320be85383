"""A Docker engine: the one that runs, or one of our own on a private socket for as long as it is needed."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

START_SECONDS = 30
PACKAGES = ("docker.io", "busybox-static")
_BRIDGE = "docker0"


class Missing(Exception):
    """Something this needs is not on this machine; the text says what."""


@contextmanager
def engine() -> Iterator[dict[str, str]]:
    """The environment variables with which ``docker`` reaches the engine; empty for the one that runs already.

    :raises Missing: there is none, and none can be started.
    """
    if _answers({}):
        yield {}
        return
    _install()
    with TemporaryDirectory(prefix="koogallery-docker-") as folder, _started(Path(folder)) as environment:
        yield environment


def _answers(environment: dict[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, check=False).returncode == 0


def _install() -> None:
    if shutil.which("dockerd") and Path("/bin/busybox").exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing("a running Docker engine (or, to start one here: root on Debian or Ubuntu)")
    print(f"Installing {' and '.join(PACKAGES)} ...", flush=True)
    commands = [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]]
    for command in commands:
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            raise Missing(f"a Docker engine, and `{' '.join(command)}` fails")


@contextmanager
def _started(folder: Path) -> Iterator[dict[str, str]]:
    environment = {"DOCKER_HOST": f"unix://{folder}/docker.sock"}
    command = ["dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    command += ["--pidfile", f"{folder}/docker.pid", "--host", environment["DOCKER_HOST"]]
    # The machine's firewall and routing stay as they are; containers reach nothing outside.
    command += ["--iptables=false", "--ip6tables=false", "--ip-masq=false", "--ip-forward=false"]
    bridge_was_there = _bridge_exists()
    with (folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(process, environment, folder / "dockerd.log")
        yield environment
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        if _bridge_exists() and not bridge_was_there:
            subprocess.run(["ip", "link", "del", _BRIDGE], check=False)


def _wait(process: "subprocess.Popen[bytes]", environment: dict[str, str], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not _answers(environment):
        if process.poll() is not None or time.monotonic() > end:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no word from it"]
            raise Missing(f"a Docker engine: dockerd does not start here: {last[0][:200]}")
        time.sleep(0.2)


def _bridge_exists() -> bool:
    return Path("/sys/class/net", _BRIDGE).exists()
