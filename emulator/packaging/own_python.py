"""A base image with this machine's own interpreter, for an engine that reaches no image registry."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from emulator.packaging.docker_engine import Missing
from emulator.platforms.interpreter import find_python

BUSYBOX = "/bin/busybox"
_LIBRARIES = ("rt", "pthread", "dl", "util", "m", "gcc_s", "stdc++", "nss_files", "nss_dns", "resolv")
_LEFT_OUT = ("site-packages", "test", "idlelib", "tkinter", "lib2to3", "__pycache__", "config-*", "*.a")
_FOLDERS = ("bin", "usr/bin", "tmp", "dev", "proc", "sys", "etc/ssl/certs", "opt", "root")
_CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


def fill(root: Path, home: str, version: str, applets: Iterable[str]) -> None:
    """Make ``root`` a system with a shell, these applets of busybox, and Python below ``home``.

    :param version: of Python, such as ``3.12``.
    :raises Missing: this machine has not what it takes.
    """
    python = find_python(version)
    if python is None or sys.platform != "linux" or not Path(BUSYBOX).exists():
        raise Missing(f"Linux with a python{version} and {BUSYBOX}, to make the base image from")
    _copy_system(root, applets)
    _copy_interpreter(root / home, Path(python), f"python{version}")
    _copy_shared_libraries(root, root / home)


def import_image(root: Path, name: str, changes: Sequence[str], environment: dict[str, str]) -> None:
    """``root`` as the image ``name`` with these ``changes``, on the engine that ``environment`` names."""
    options = [option for change in changes for option in ("--change", change)]
    packed = subprocess.Popen(["tar", "-C", str(root), "-cf", "-", "."], stdout=subprocess.PIPE)
    command = ["docker", "import", *options, "-", name]
    subprocess.run(command, stdin=packed.stdout, stdout=subprocess.DEVNULL, env=os.environ | environment, check=True)
    if packed.wait():
        raise Missing("tar, to pack the base image")


def _copy_system(root: Path, applets: Iterable[str]) -> None:
    for name in _FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    (root / "tmp").chmod(0o1777)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    for applet in ("sh", "env", *applets):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "usr/bin/env").symlink_to("/bin/env")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    if Path("/", _CERTIFICATES).exists():
        shutil.copy(Path("/", _CERTIFICATES), root / _CERTIFICATES)


def _copy_interpreter(home: Path, python: Path, name: str) -> None:
    probe = "import sys; print(sys.base_prefix)"
    prefix = Path(subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True).stdout.strip())
    (home / "bin").mkdir(parents=True)
    shutil.copy(prefix / "bin" / name, home / "bin" / name)
    for link in ("python3", "python"):
        (home / "bin" / link).symlink_to(name)
    shutil.copytree(prefix / "lib" / name, home / "lib" / name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for library in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy(library, home / "lib")


def _copy_shared_libraries(root: Path, home: Path) -> None:
    binaries = [*(home / "bin").glob("python3.*"), *home.rglob("*.so*")]
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
