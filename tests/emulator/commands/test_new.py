"""A seller's own repository: what is written, in which language, and what is refused. The wheel's tests run it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from emulator.development import completed, kept
from emulator.scaffold.repository import DEPLOYMENTS
from shared import __version__
from tests.command_line import command

new = command("new")


def written(folder: Path, *options: str) -> dict[str, str]:
    """Every file, by its name in the repository."""
    assert new([str(folder / "my-product"), *options], {}) == 0
    root = folder / "my-product"
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("deploy", DEPLOYMENTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_depends_on_this_version_and_says_how_it_is_deployed(tmp_path: Path, deploy: str, language: str) -> None:
    files = written(tmp_path, "--deploy", deploy, "--lang", language)

    assert f"koogallery-functions=={__version__}\n" in files["requirements.txt"]
    assert ("docker compose" if deploy == "server" else f"koogallery deploy {deploy}") in files["README.md"]
    assert ("compose.yaml" in files) is (deploy == "server")
    assert bool(re.search(r"[\u4e00-\u9fff]", files["README.md"])) is (language == "zh")
    assert [name for name, text in files.items() if "{{" in text or "{%" in text] == []


def test_both_readmes_say_the_same(tmp_path: Path) -> None:
    english, chinese = (
        written(tmp_path / language, "--lang", language)["README.md"].splitlines() for language in ("en", "zh")
    )
    commands = [[line.partition("  #")[0].strip() for line in page] for page in (english, chinese)]
    named = [[re.findall(r"`[^`]+`", line) for line in page if line.startswith("|")] for page in (english, chinese)]
    assert named[0] == named[1]
    assert [line for line in commands[0] if re.match(r"(pip|pytest|koogallery|export|docker|python3)", line)] == [
        line for line in commands[1] if re.match(r"(pip|pytest|koogallery|export|docker|python3)", line)
    ]


def test_its_files_can_be_read_and_its_code_is_in_order(tmp_path: Path) -> None:
    files = written(tmp_path)
    assert tomllib.loads(files["pyproject.toml"])["project"]["name"] == "my-product"
    assert yaml.safe_load(files[".github/workflows/ci.yml"])["jobs"]["test"]["steps"]
    assert yaml.safe_load(files["compose.yaml"])["services"]["bundle"]["env_file"] == "koogallery.env"
    for tool in (["check", "--select", "F,I,UP,B"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *tool, "--isolated", "--no-cache"]
        done = subprocess.run(ruff, cwd=tmp_path / "my-product", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path)
    (tmp_path / "my-product/README.md").write_text("mine")
    assert new([str(tmp_path / "my-product")], {}) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (tmp_path / "my-product/README.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["My-Product", "1-product", "my_product", "my--product", "產品", "my-product-"])
def test_a_name_that_gives_no_package_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new([str(tmp_path / name)], {}) == 2
    assert "my-product" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_its_settings_are_those_of_the_local_commands_and_the_environment_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    monkeypatch.chdir(tmp_path / "my-product")
    with Path("koogallery.env").open("a") as file:
        file.write("\nKOOGALLERY_BASE_PATH = /shop\nKOOGALLERY_KEY=a=b\n")

    assert kept() == {
        "KOOGALLERY_PROVISIONER": "my_product:MyProduct",
        "KOOGALLERY_BASE_PATH": "/shop",
        "KOOGALLERY_KEY": "a=b",
    }
    values, made_up = completed({"KOOGALLERY_KEY": "mine", "KOOGALLERY_BASE_PATH": ""})
    assert values["KOOGALLERY_KEY"] == "mine"
    assert values["KOOGALLERY_BASE_PATH"] == "/shop"
    assert values["KOOGALLERY_PROVISIONER"] == "my_product:MyProduct"
    assert "KOOGALLERY_ACCESS_KEY" in made_up
    assert "KOOGALLERY_PROVISIONER" not in made_up
