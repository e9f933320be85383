"""A base image like AWS Lambda's for Python, made from this machine's own interpreter: no image registry is needed.

It has the same layout, runtime client and bootstrap, but this machine's C library, so it cannot prove that a binary
wheel loads on Lambda; the wheels' platform tags do that.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.packaging.artifacts import PLATFORM, PYTHON_VERSION, ROOT
from emulator.packaging.docker_engine import Missing
from emulator.platforms.interpreter import find_python

NAME = f"local/lambda-python{PYTHON_VERSION.replace('.', '')}"
"""One name per Python version: SAM drops the tag and would mix two versions up."""
RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
BROUGHT = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
BUSYBOX = "/bin/busybox"
_LIBRARIES = ("rt", "pthread", "dl", "util", "m", "gcc_s", "stdc++", "nss_files", "nss_dns", "resolv")
_LEFT_OUT = ("site-packages", "test", "idlelib", "tkinter", "lib2to3", "ensurepip", "__pycache__", "config-*", "*.a")
_BOOTSTRAP = f"""#!/bin/sh
export PYTHONPATH=/var/task:/opt/python/lib/python{PYTHON_VERSION}/site-packages:/opt/python:/var/runtime
exec /var/lang/bin/python{PYTHON_VERSION} -m awslambdaric "$_HANDLER"
"""
_ENVIRONMENT = (
    "LANG=en_US.UTF-8 TZ=:UTC PATH=/var/lang/bin:/usr/bin:/bin:/opt/bin LAMBDA_TASK_ROOT=/var/task "
    "LD_LIBRARY_PATH=/var/lang/lib:/lib64:/var/runtime:/var/task:/opt/lib LAMBDA_RUNTIME_DIR=/var/runtime"
)


def build(environment: dict[str, str]) -> str:
    """Make the image on the engine that ``environment`` names, and return the image's name.

    :raises Missing: this machine has not what it takes.
    """
    python = find_python(PYTHON_VERSION)
    if python is None or sys.platform != "linux" or not Path(BUSYBOX).exists():
        raise Missing(f"Linux with a python{PYTHON_VERSION} and {BUSYBOX}, to make the Lambda base image from")
    with TemporaryDirectory(prefix="koogallery-image-") as folder:
        root = Path(folder)
        _copy_system(root)
        _copy_interpreter(root, Path(python))
        _copy_shared_libraries(root)
        _install_runtime(root)
        _import(root, environment)
    return NAME


def _copy_system(root: Path) -> None:
    for name in (
        "bin",
        "usr/bin",
        "tmp",
        "dev",
        "proc",
        "sys",
        "etc/ssl/certs",
        "var/task",
        "var/rapid",
        "opt",
        "root",
    ):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    for applet in ("sh", "mv", "chmod", "cp", "rm", "cat", "env", "ls", "mkdir"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "usr/bin/env").symlink_to("/bin/env")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")


def _copy_interpreter(root: Path, python: Path) -> None:
    probe = "import sys; print(sys.base_prefix)"
    prefix = Path(subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True).stdout.strip())
    language, name = root / "var/lang", f"python{PYTHON_VERSION}"
    (language / "bin").mkdir(parents=True)
    shutil.copy(prefix / "bin" / name, language / "bin" / name)
    (language / "bin/python3").symlink_to(name)
    shutil.copytree(prefix / "lib" / name, language / "lib" / name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for library in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy(library, language / "lib")


def _copy_shared_libraries(root: Path) -> None:
    language = root / "var/lang"
    binaries = [*(language / "bin").glob("python3.*"), *language.rglob("*.so*")]
    for library in sorted({*_linked(binaries), *_wanted_by_wheels()}):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


def _linked(binaries: Iterable[Path]) -> set[Path]:
    """What the binaries are linked against, the dynamic loader among it."""
    listed = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    found = re.findall(r"(?:=> |^\t)(/\S+) \(0x", listed, re.MULTILINE)
    return {Path(path) for path in found if "libpython" not in path}


def _wanted_by_wheels() -> set[Path]:
    """What manylinux wheels may expect of the system."""
    folder = Path(f"/lib/{os.uname().machine}-linux-gnu")
    return {path for name in _LIBRARIES for path in folder.glob(f"lib{name}.so.[0-9]")}


def _install_runtime(root: Path) -> None:
    runtime = root / "var/runtime"
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


def _import(root: Path, environment: dict[str, str]) -> None:
    changes = [f"ENV {_ENVIRONMENT}", "WORKDIR /var/task", 'ENTRYPOINT ["/var/runtime/bootstrap"]']
    options = [option for change in changes for option in ("--change", change)]
    packed = subprocess.Popen(["tar", "-C", str(root), "-cf", "-", "."], stdout=subprocess.PIPE)
    command = ["docker", "import", *options, "-", NAME]
    subprocess.run(command, stdin=packed.stdout, stdout=subprocess.DEVNULL, env=os.environ | environment, check=True)
    if packed.wait():
        raise Missing("tar, to pack the Lambda base image")
