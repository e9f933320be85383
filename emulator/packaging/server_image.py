"""The container image of ``deploy/server/Containerfile``, built here: without image registry and package index where
the engine reaches none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.packaging.artifacts import PLATFORM, PYTHON_VERSION, ROOT
from emulator.packaging.own_python import fill, import_image

NAME = "local/koogallery"
BASE = f"local/python{PYTHON_VERSION.replace('.', '')}"
WHEELS = ROOT / "build" / "wheels"
_ENVIRONMENT = "ENV PATH=/usr/local/bin:/usr/bin:/bin LD_LIBRARY_PATH=/usr/local/lib LANG=C.UTF-8"
_APPLETS = ("echo", "mkdir", "chown", "chmod")
_LOCKS = ("requirements.txt", "requirements-dev.txt")
_TOOLS = "uv\nhatchling\n"
"""What installs the bundle in the image's first stage."""


def build(environment: dict[str, str], *, offline: bool) -> str:
    """Build the image on the engine that ``environment`` names; its name.

    :param offline: on a base made of this machine's own Python, of wheels that are fetched here.
    :raises Missing: this machine has not what it takes.
    """
    command = ["docker", "build", "--file", "deploy/server/Containerfile", "--tag", NAME]
    if offline:
        _make_base(environment)
        _fetch_wheels()
        command += ["--build-arg", f"PYTHON={BASE}", "--build-arg", "OFFLINE=1"]
    done = subprocess.run(
        [*command, "."], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit((done.stdout + done.stderr)[-4000:])
    return NAME


def _make_base(environment: dict[str, str]) -> None:
    with TemporaryDirectory(prefix="koogallery-image-") as folder:
        fill(Path(folder), "usr/local", PYTHON_VERSION, _APPLETS)
        import_image(Path(folder), BASE, [_ENVIRONMENT], environment)


def _fetch_wheels() -> None:
    """What the bundle and its tools need, in the locked versions."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    with TemporaryDirectory() as folder:
        tools, wanted = Path(folder) / "tools.in", Path(folder) / "wanted.txt"
        tools.write_text(_TOOLS)
        locked = [option for name in _LOCKS for option in ("--constraint", name)]
        resolve = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", *locked]
        resolve += ["--python-version", PYTHON_VERSION, "--python-platform", "x86_64-manylinux2014"]
        resolve += ["--extra", "postgresql", "pyproject.toml", str(tools), "--output-file", str(wanted)]
        subprocess.run(resolve, cwd=ROOT, check=True)
        fetch = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
        fetch += ["--require-hashes", "--only-binary=:all:", "--python-version", PYTHON_VERSION]
        fetch += ["--platform", PLATFORM, "--dest", str(WHEELS), "--requirement", str(wanted)]
        subprocess.run(fetch, check=True)
