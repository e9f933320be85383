"""What is deployed: the sources, the locked dependencies for the target platform, and their byte code.

``python -m emulator.packaging.artifacts function DIR`` and ``layer DIR`` fill a directory for ``sam build``;
``python -m emulator.packaging.artifacts functiongraph`` writes ``build/functiongraph.zip``.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from emulator.packaging.contents import packed_requirements, remove, strip
from emulator.platforms.interpreter import find_python

ROOT = Path(__file__).resolve().parents[2]
"""The repository; the folder of installed packages where the wheel is installed."""
PYTHON_VERSION = "3.12"
"""Deployed on both clouds: the newest Python that Lambda and FunctionGraph share."""
PLATFORM = "manylinux2014_x86_64"
"""Wheels for glibc 2.17 and later, which both clouds have."""


@dataclass(frozen=True, slots=True)
class BuildTarget:
    """What artifacts are built for: a version of Python, and the wheels' platform."""

    python: str = PYTHON_VERSION
    platform: str = PLATFORM


TARGETS = {"x86_64": BuildTarget(), "arm64": BuildTarget(platform="manylinux2014_aarch64")}
"""By the name that Lambda has for the processor."""
SOURCES = ("functions", "shared")
VENV_UV = ".venv/bin/uv"
STARTED = "bootstrap"
"""The file that FunctionGraph starts as an HTTP function."""
FUNCTIONGRAPH_LIMIT = 40_000_000
"""Largest archive FunctionGraph's console takes."""


def copy_sources(target: Path, runs_at: str, built_for: BuildTarget = TARGETS["x86_64"]) -> None:
    """Copy the bundle's own packages, and what ``INCLUDE`` names, into ``target``, with byte code for ``runs_at``.

    ``INCLUDE`` is for the seller's provisioner: packages or modules, separated by blanks, in the current folder.
    """
    for source in [*(ROOT / name for name in SOURCES), *map(Path, os.environ.get("INCLUDE", "").split())]:
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "Makefile")
            shutil.copytree(source, target / source.name, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
    compile_all(target, runs_at, built_for.python)


def install_dependencies(target: Path, runs_at: str, built_for: BuildTarget = TARGETS["x86_64"], *more: str) -> None:
    """Install what is imported of the locked runtime dependencies for the target platform into ``target``, and what
    the seller's provisioner needs beside them (``INCLUDE_REQUIREMENTS``, a list like ``requirements.txt``), with byte
    code. ``more``: further lock files.
    """
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        locked, versions = Path(folder) / "locked.txt", Path(folder) / "versions.txt"
        packed = packed_requirements("requirements.txt", *more)
        locked.write_text("".join(packed))
        versions.write_text("".join(line.split(" ")[0] + "\n" for line in packed))
        install(target, built_for, "--require-hashes", "--no-deps", "--requirement", str(locked))
        strip(target)
        if own := os.environ.get("INCLUDE_REQUIREMENTS"):
            install(target, built_for, "--requirement", own, "--constraint", str(versions))
    for name in ("bin", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED"):
        remove(target, name)
    compile_all(target, runs_at, built_for.python)


def install(target: Path, built_for: BuildTarget, *options: str) -> None:
    """Install for the target platform what ``options`` name."""
    if find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
        command += ["--platform", built_for.platform, "--implementation", "cp"]
    else:  # as in an environment that uv has made
        system, _, processor = built_for.platform.partition("_")
        command = ["uv", "pip", "install", "--python-platform", f"{processor}-{system}"]
    command += ["--quiet", "--only-binary=:all:", "--python-version", built_for.python, "--target", str(target)]
    subprocess.run([*command, *options], check=True)


def compile_all(target: Path, runs_at: str, python_version: str) -> None:
    """Byte code that survives packing: deployed code is read-only, so without it every cold start compiles anew."""
    python = find_python(python_version)
    if python is None:
        print(
            f"no python{python_version} on this machine: packed without byte code, so cold starts take twice as long.\n"
            f"To get one: {VENV_UV} python install {python_version}, put it on the PATH, and build again."
        )
        return
    command = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", str(target), "-p", runs_at, str(target)], check=True)


def functiongraph(output: Path) -> Path:
    """Write the archive for FunctionGraph, for event functions and HTTP functions alike, and return its path.

    :raises SystemExit: it is larger than FunctionGraph's console takes.
    """
    staging = output / "functiongraph"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    code_root = "/opt/function/code"
    install_dependencies(staging, code_root, TARGETS["x86_64"], "requirements-functiongraph.txt")
    shutil.copy(Path(__file__).with_name("functiongraph_index.py"), staging / "index.py")
    shutil.copy(Path(__file__).with_name("functiongraph_bootstrap"), staging / STARTED)
    copy_sources(staging, code_root)
    archive = output / "functiongraph.zip"
    pack(staging, archive)
    size = archive.stat().st_size
    print(f"{archive}: {size / 1e6:.1f} MB")
    if size > FUNCTIONGRAPH_LIMIT:
        raise SystemExit(f"larger than FunctionGraph takes ({FUNCTIONGRAPH_LIMIT / 1e6:.0f} MB)")
    return archive


def pack(directory: Path, archive: Path) -> None:
    """Zip ``directory``; the same content gives the same bytes."""
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            entry = ZipInfo(path.relative_to(directory).as_posix(), (2020, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = (0o755 if path == directory / STARTED else 0o644) << 16
            packed.writestr(entry, path.read_bytes())


def main(arguments: list[str]) -> None:
    built_for = TARGETS[os.environ.get("ARCHITECTURE") or "x86_64"]
    match arguments:
        case ["function", target]:
            copy_sources(Path(target), "/var/task", built_for)
        case ["layer", target]:
            install_dependencies(Path(target) / "python", "/opt/python", built_for)
        case ["functiongraph"]:
            functiongraph(Path("build"))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
