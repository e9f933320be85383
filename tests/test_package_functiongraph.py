"""What the archive for FunctionGraph has that Lambda's has not, and what neither has."""

import re
from importlib import import_module
from pathlib import Path

from tests.test_template import modules

ROOT = Path(__file__).parent.parent
INDEX = ROOT / "emulator" / "packaging" / "functiongraph_index.py"


def test_there_is_an_entry_for_each_handler() -> None:
    # Read, not imported: importing it rearranges where this process finds its libraries.
    entries = dict(re.findall(r'^(\w+) = _entry\("(\w+)"\)$', INDEX.read_text(), re.MULTILINE))

    assert entries == {module: module for module in modules()}
    initializers = re.findall(r'^(\w+)_initializer = _initializer\("(\w+)"\)$', INDEX.read_text(), re.MULTILINE)
    with_calls = {module for module in modules() if hasattr(import_module(f"functions.{module}").handler, "initialize")}
    assert dict(initializers) == {module: module for module in with_calls}


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
