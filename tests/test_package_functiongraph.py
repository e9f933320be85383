"""What the archive for FunctionGraph has that Lambda's has not, and what neither has."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from tests.test_template import modules

ROOT = Path(__file__).parent.parent
INDEX = ROOT / "emulator" / "packaging" / "functiongraph_index.py"


def test_there_is_an_entry_for_each_handler() -> None:
    # In a process of its own: importing it rearranges where a process finds its libraries.
    names = "import runpy, sys; print(*runpy.run_path(sys.argv[1]))"
    told = subprocess.run([sys.executable, "-c", names, INDEX], capture_output=True, text=True, check=True).stdout
    found = {name for name in told.split() if name.islower() and not name.startswith("_")} - {"sys", "import_module"}
    with_calls = {module for module in modules() if hasattr(import_module(f"functions.{module}").handler, "initialize")}

    assert found == {*modules(), *(f"{module}_initializer" for module in with_calls)}


def test_what_is_packed_for_functiongraph_alone_is_what_the_tests_run() -> None:
    locked, tested = ((ROOT / name).read_text() for name in ("requirements-functiongraph.txt", "requirements-dev.txt"))

    assert set(re.findall(r"^(\w+)==", locked, re.MULTILINE)) == ON_A_SERVER
    assert locked in tested, "other versions than in the development environment"


ON_A_COMMAND_LINE = {"rich"}
ON_A_SERVER = {"waitress"}
AN_EXTRA = {"psycopg"}
"""Packed by who keeps the tables in PostgreSQL."""
# Lambda's runtime brings these; they are not on the way of a call.
BROUGHT = {"boto3", "botocore", "snapshot_restore_py"}
NOT_PACKED = BROUGHT | ON_A_COMMAND_LINE | ON_A_SERVER | AN_EXTRA
OLD_LIBRARIES = ("six", "typing_extensions", "urllib3")

IMPORT_ALL = """
import ast, importlib, importlib.util, json, pathlib, sys
code = pathlib.Path(sys.argv[1])
sys.path[:0] = sys.argv[1:]
names, wanted = [], set()
for file in sorted(path for top in ("functions", "shared") for path in (code / top).rglob("*.py")):
    names.append(".".join(file.relative_to(code).with_suffix("").parts).removesuffix(".__init__"))
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            wanted.add(node.module)
apart = ("shared.store.postgresql", "shared.server")
names = [name for name in names if not name.endswith("__main__") and not name.startswith(apart)]
for name in names:
    importlib.import_module(name)
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
missing = {name.partition(".")[0] for name in wanted if not there(name)}
print(json.dumps({"imported": len(names), "missing": sorted(missing)}))
"""
"""Every module of the bundle, and whatever a function of theirs imports when it is called."""


def old_libraries(folder: Path) -> Path:
    """What FunctionGraph brings, too old for boto3 and pydantic."""
    (folder / "urllib3").mkdir(parents=True)
    (folder / "urllib3" / "__init__.py").write_text('__version__ = "1.25.11"\n')
    (folder / "typing_extensions.py").write_text("from typing import *\n")
    (folder / "six.py").write_text('__version__ = "1.16.0"\n')
    return folder
