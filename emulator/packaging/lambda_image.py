"""A base image like AWS Lambda's for Python, made from this machine's own interpreter: no image registry is needed.

It has the same layout, runtime client and bootstrap, but this machine's C library, so it cannot prove that a binary
wheel loads on Lambda; the wheels' platform tags do that.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.packaging.artifacts import PYTHON_VERSION, TARGETS, install
from emulator.packaging.contents import requirements
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
    locked = requirements("requirements.txt", "requirements-dev.txt")
    wanted = runtime / "requirements.txt"
    wanted.write_text("".join(entry for name, entry in locked if name in (*RUNTIME_CLIENT, *BROUGHT)))
    install(runtime, TARGETS["x86_64"], "--require-hashes", "--no-deps", "--requirement", str(wanted))
    bootstrap = runtime / "bootstrap"
    bootstrap.write_text(_BOOTSTRAP)
    bootstrap.chmod(0o755)
