"""``python -m emulator.packaging.lock`` resolves the dependencies in ``pyproject.toml`` anew and writes the lock files.

The lists are complete, hashed, valid for every supported Python on every platform, and name no package host.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
RUNTIME, DEVELOPMENT, SAM = "requirements.txt", "requirements-dev.txt", "requirements-sam.txt"
FUNCTIONGRAPH = "requirements-functiongraph.txt"
"""What is packed for FunctionGraph alone."""
OLDEST = "3.11"
EXTRAS = ("--extra", "bench", "--extra", "dev", "--extra", "postgresql")


def resolve(output: Path | str, *options: str) -> None:
    """Write the requirements that ``options`` select to ``output``."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal"]
    command += ["--python-version", OLDEST, "--generate-hashes", "--no-header", "--no-annotate"]
    subprocess.run([*command, "--output-file", str(output), *options], cwd=ROOT, check=True)


def main() -> None:
    """Runtime and development are resolved together, so that both lists fit into one environment."""
    with TemporaryDirectory() as folder:
        everything = Path(folder) / "all.txt"
        resolve(everything, *EXTRAS, "pyproject.toml")
        resolve(RUNTIME, "--constraint", str(everything), "--group", "bundle")
        resolve(FUNCTIONGRAPH, "--constraint", str(everything), "--group", "functiongraph")
    runtime = re.findall(r"^([a-z0-9._-]+)==", (ROOT / RUNTIME).read_text(), re.MULTILINE)
    already = [option for name in runtime for option in ("--no-emit-package", name)]
    resolve(DEVELOPMENT, "--constraint", RUNTIME, *already, *EXTRAS, "pyproject.toml")
    resolve(SAM, "--group", "sam")


if __name__ == "__main__":
    main()
