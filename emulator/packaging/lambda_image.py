"""A base image like AWS Lambda's for Python, made from this machine's own interpreter: no image registry is needed.

It has the same layout, runtime client and bootstrap, but this machine's C library, so it cannot prove that a binary
wheel loads on Lambda; the wheels' platform tags do that.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.packaging.artifacts import PLATFORM, PYTHON_VERSION, ROOT
from emulator.packaging.own_python import fill, import_image

NAME = f"local/lambda-python{PYTHON_VERSION.replace('.', '')}"
"""One name per Python version: SAM drops the tag and would mix two versions up."""
RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
BROUGHT = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
_APPLETS = ("mv", "chmod", "cp", "rm", "cat", "ls", "mkdir")
_BOOTSTRAP = f"""#!/bin/sh
export PYTHONPATH=/var/task:/opt/python/lib/python{PYTHON_VERSION}/site-packages:/opt/python:/var/runtime
exec /var/lang/bin/python{PYTHON_VERSION} -m awslambdaric "$_HANDLER"
"""
_ENVIRONMENT = (
    "LANG=en_US.UTF-8 TZ=:UTC PATH=/var/lang/bin:/usr/bin:/bin:/opt/bin LAMBDA_TASK_ROOT=/var/task "
    "LD_LIBRARY_PATH=/var/lang/lib:/lib64:/var/runtime:/var/task:/opt/lib LAMBDA_RUNTIME_DIR=/var/runtime"
)
_CHANGES = (f"ENV {_ENVIRONMENT}", "WORKDIR /var/task", 'ENTRYPOINT ["/var/runtime/bootstrap"]')


def build(environment: dict[str, str]) -> str:
    """Make the image on the engine that ``environment`` names, and return the image's name.

    :raises Missing: this machine has not what it takes.
    """
    with TemporaryDirectory(prefix="koogallery-image-") as folder:
        root = Path(folder)
        fill(root, "var/lang", PYTHON_VERSION, _APPLETS)
        for name in ("var/task", "var/rapid"):
            (root / name).mkdir()
        _install_runtime(root / "var/runtime")
        import_image(root, NAME, _CHANGES, environment)
    return NAME


def _install_runtime(runtime: Path) -> None:
    runtime.mkdir()
    lock = "".join((ROOT / name).read_text() for name in ("requirements.txt", "requirements-dev.txt"))
    wanted = [
        re.search(rf"^{name}==.*\n(?:    --hash.*\n?)+", lock, re.MULTILINE) for name in (*RUNTIME_CLIENT, *BROUGHT)
    ]
    requirements = runtime / "requirements.txt"
    requirements.write_text("".join(found[0] for found in wanted if found))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    command += ["--no-deps", "--only-binary=:all:", "--platform", PLATFORM, "--python-version", PYTHON_VERSION]
    subprocess.run([*command, "--target", str(runtime), "--requirement", str(requirements)], check=True)
    bootstrap = runtime / "bootstrap"
    bootstrap.write_text(_BOOTSTRAP)
    bootstrap.chmod(0o755)
