"""The wheel, installed in an environment that has nothing else: its command works from anywhere and leaves the code as
it was; a repository that it makes passes its own tests and plays the journey.
"""

import os
import re
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from shared import __version__
from tests.command_line import every_command
from tests.pages import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.txt", "requirements-dev.txt")


def names(requirements: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", requirements, re.MULTILINE))


def test_what_is_deployed_is_part_of_what_is_installed_in_the_same_words() -> None:
    bundle = PYPROJECT["dependency-groups"]["bundle"]
    assert [each for each in PYPROJECT["project"]["dependencies"] if each in bundle] == bundle
    locked = names((ROOT / "requirements.txt").read_text())
    assert {re.split(r"[\[>]", each)[0] for each in bundle} <= locked
    assert not locked & {"click", "flask", "jinja2", "rich", "waitress"}


class Installed:
    """An environment with the wheel and pytest. Python's byte code is kept elsewhere, so that nothing need be written
    beside the code, nor compiled by each command.
    """

    def __init__(self, folder: Path) -> None:
        self.bin, self._byte_code = folder / "venv" / "bin", str(folder / "byte code")
        run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT)
        (wheel,) = folder.glob("*.whl")
        run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, str(folder / "venv"), cwd=folder)
        limits = [option for name in LOCKS for option in ("--constraint", str(ROOT / name))]
        into = ["--python", str(self.bin / "python"), *limits, str(wheel), "pytest"]
        run(sys.executable, "-m", "uv", "pip", "install", "--quiet", *into, cwd=folder, **dict(os.environ))

    def command(self, name: str, *arguments: str, cwd: Path, **more: str) -> str:
        return run(str(self.bin / name), *arguments, cwd=cwd, PYTHONPYCACHEPREFIX=self._byte_code, **more)

    def content(self) -> dict[Path, int]:
        """What is installed, by the time it was written."""
        return {path: path.stat().st_mtime_ns for path in self.bin.parent.rglob("*") if path.is_file()}


def run(*command: str, cwd: Path, **more: str) -> str:
    """What a command prints, in an environment with nothing of this one."""
    environment = {"PATH": os.environ["PATH"], "PORT": "0", "CONSOLE_PORT": "0"} | more
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def packed(folder: Path, name: str) -> set[str]:
    """The files of an artifact."""
    with ZipFile(folder / "build" / f"{name}.zip") as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_the_version_is_said_and_every_command_has_what_it_imports(installed: Installed, tmp_path: Path) -> None:
    assert installed.command("koogallery", "--version", cwd=tmp_path) == f"{__version__}\n"
    calls = [[*name, "--help"] for name in every_command()]
    code = f"import sys; from emulator.commands.cli import main; sys.exit(sum(map(main, {calls})))"
    assert "koogallery" in installed.command("python", "-c", code, cwd=tmp_path)


@pytest.mark.slow
def test_the_samples_go_with_it_and_nothing_is_written_beside_the_code(installed: Installed, tmp_path: Path) -> None:
    before = installed.content()
    assert '"statusCode": 200' in installed.command("koogallery", "invoke", "purchase", cwd=tmp_path)
    assert "passed, 0 failed" in installed.command("koogallery", "demo", cwd=tmp_path)
    assert installed.content() == before
    assert {path.name for path in tmp_path.iterdir()} == {".local"}


@pytest.fixture
def console(installed: Installed, tmp_path: Path) -> Iterator[str]:
    """The address of a console."""
    command = [str(installed.bin / "koogallery"), "console", "http://127.0.0.1:9/saas", "--development-keys"]
    with subprocess.Popen([*command, "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[2]
        finally:
            process.terminate()


@pytest.mark.slow
def test_the_console_has_its_pages(console: str) -> None:
    for path in ("", "static/console.css", "static/htmx.min.js", "static/uplot.min.js"):
        with urllib.request.urlopen(console + path, timeout=30) as answer:  # noqa: S310 - http, on loopback
            assert answer.status == 200


@pytest.mark.slow
def test_a_new_repository_passes_its_tests_and_plays_the_journey(installed: Installed, tmp_path: Path) -> None:
    installed.command("koogallery", "new", "my-product", cwd=tmp_path)
    mine = tmp_path / "my-product"
    assert " passed" in installed.command("pytest", "-q", "-p", "no:cacheprovider", cwd=mine)
    # Its own provisioner, which takes its time.
    printed = installed.command("koogallery", "demo", cwd=mine)
    assert "the instance is pending" in printed
    assert "passed, 0 failed" in printed
    # The environment has no pip.
    uv = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "INCLUDE": "my_product"}
    assert "functiongraph.zip" in installed.command(
        "koogallery", "deploy", "huawei", cwd=mine, **(dict(os.environ) | uv)
    )
    assert {"index.py", "my_product/provisioner.py", "shared/app.py", "jwt/__init__.py"} <= packed(
        mine, "functiongraph"
    )
    assert "main.tf" in packed(mine, "huawei")
    (mine / "my_product/provisioner.py").write_text("raise ValueError\n")
    with pytest.raises(AssertionError, match=r"my_product/provisioner\.py"):
        installed.command("koogallery", "demo", cwd=mine)
