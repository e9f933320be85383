"""The seller's own products, given to a command."""

from pathlib import Path

import pytest

from emulator.commands import local_run
from emulator.commands.cli import main
from emulator.marketplace.catalogue.product_entry import ProductFile
from emulator.marketplace.catalogue.product_files import read
from tests.emulator.marketplace.catalogue.own import OWN


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KOOGALLERY_PRODUCTS", raising=False)
    made = tmp_path / "own.toml"
    made.write_text(OWN)
    return made


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[ProductFile | None]:
    """What the run was given."""
    found: list[ProductFile | None] = []

    def run(_environ: object, *, keep_serving: bool, verbose: bool, products: ProductFile | None) -> int:
        assert verbose != keep_serving
        found.append(products)
        return int(keep_serving)

    monkeypatch.setattr(local_run, "run", run)
    return found


@pytest.mark.parametrize("command", ["run", "demo"])
def test_by_an_option(command: str, file: Path, given: list[ProductFile | None]) -> None:
    assert main([command, "--products", str(file)]) == (command == "run")
    assert given == [read(OWN)]


def test_by_the_environment_and_by_the_file_of_settings(
    file: Path, given: list[ProductFile | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["demo"]) == 0
    Path("koogallery.env").write_text("KOOGALLERY_PRODUCTS=own.toml\n")
    assert main(["demo"]) == 0
    monkeypatch.setenv("KOOGALLERY_PRODUCTS", str(file))
    Path("koogallery.env").unlink()
    assert main(["demo"]) == 0
    assert given == [None, read(OWN), read(OWN)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("console", "http://127.0.0.1:1/saas", "--development-keys"),
        ("trigger", "newInstance", "--product", "crm"),
    ],
)
def test_a_file_that_is_wrong_is_wrong_use(
    arguments: tuple[str, ...], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(OWN.replace('price = "99.00"', 'price = "cheap"'))
    assert main([*arguments, "--products", str(file)]) == 2
    assert "products.0.plans.0.price: An amount such as 99.00, please." in capsys.readouterr().err
    assert main([*arguments, "--products", "none.toml"]) == 2
    assert "none.toml" in capsys.readouterr().err
