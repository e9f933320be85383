"""Writes the repository from the templates in ``template/``."""

from collections.abc import Iterator
from pathlib import Path

from shared import __version__

DEPLOYMENTS = {
    "server": {"Dockerfile": "Dockerfile", "compose.yaml": "compose.yaml"},
    "huawei": {},
    "aws": {},
}
"""Where to deploy to: template, and the file it becomes. A cloud's own files are made by ``koogallery deploy``."""

_TEMPLATES = Path(__file__).parent / "template"


def write(folder: Path, *, deploy: str, language: str) -> list[Path]:
    """Write the repository of the product that ``folder`` is named after, and return its files.

    :raises FileExistsError: something is there already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(None, "is not empty", str(folder))
    texts = {folder / path: text for path, text in _texts(folder.name, deploy, language)}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _texts(name: str, deploy: str, language: str) -> Iterator[tuple[str, str]]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    package, product = name.replace("-", "_"), "".join(part.capitalize() for part in name.split("-"))
    files = {
        f"README.{language}.md": "README.md",
        "package.py": f"{package}/__init__.py",
        "provisioner.py": f"{package}/provisioner.py",
        "backend.py": f"{package}/backend.py",
        "test_provisioner.py": "tests/test_provisioner.py",
        "koogallery.env": "koogallery.env",
        "pyproject.toml": "pyproject.toml",
        "requirements.txt": "requirements.txt",
        "requirements-dev.txt": "requirements-dev.txt",
        "ci.yml": ".github/workflows/ci.yml",
        "gitignore": ".gitignore",
        **DEPLOYMENTS[deploy],
    }
    environment = Environment(  # noqa: S701 - no HTML, and the name is checked
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    values = {"name": name, "package": package, "product": product, "version": __version__, "deploy": deploy}
    for template, path in files.items():
        yield path, environment.get_template(f"{template}.jinja").render(values)
