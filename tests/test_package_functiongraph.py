"""The archive for FunctionGraph, run by the deployed Python where the platform's old libraries come first."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from emulator.development import KEYS
from emulator.packaging.artifacts import FUNCTIONGRAPH_LIMIT, PYTHON_VERSION, functiongraph
from emulator.packaging.sam_local import check
from emulator.platforms.event_shapes import functiongraph as make_event
from emulator.platforms.interpreter import find_python
from emulator.samples.calls import samples
from shared.clock import SystemClock
from tests.test_template import modules

ROOT = Path(__file__).parent.parent
EMULATOR = ROOT / "emulator"
INDEX, CONTEXTS = EMULATOR / "packaging" / "functiongraph_index.py", EMULATOR / "platforms" / "contexts.py"
OWN = {name: f"{value} of my own" for name, value in KEYS.items()}
DRIVER = """
import importlib.util, json, sys
import six, typing_extensions, urllib3  # the platform has loaded its own already
assert urllib3.__version__ == "1.25.11"
given = json.load(sys.stdin)
sys.path.append(given["code"])
spec = importlib.util.spec_from_file_location("contexts", given["contexts"])
contexts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contexts)
import index
index.gateway_initializer(contexts.LocalFunctionGraphContext(user_data=given["settings"]))
answer = index.gateway(given["event"], contexts.LocalFunctionGraphContext(user_data=given["settings"]))
import typing_extensions
print(json.dumps({"answer": answer, "library": typing_extensions.__file__}))
"""


def test_there_is_an_entry_for_each_handler() -> None:
    # Read, not imported: importing it rearranges where this process finds its libraries.
    entries = dict(re.findall(r'^(\w+) = _entry\("(\w+)"\)$', INDEX.read_text(), re.MULTILINE))

    assert entries == {module: module for module in modules()}
    initializers = re.findall(r'^(\w+)_initializer = _initializer\("(\w+)"\)$', INDEX.read_text(), re.MULTILINE)
    with_calls = {module for module in modules() if hasattr(import_module(f"functions.{module}").handler, "initialize")}
    assert dict(initializers) == {module: module for module in with_calls}


@pytest.mark.slow
@pytest.mark.e2e
def test_the_archive_answers_among_old_libraries(tmp_path: Path) -> None:
    python = find_python(PYTHON_VERSION)
    if python is None:
        pytest.skip(f"needs python{PYTHON_VERSION}, which FunctionGraph runs")
    archive = functiongraph(tmp_path / "build")
    code = tmp_path / "code"
    with ZipFile(archive) as packed:
        packed.extractall(code)
    sample = next(sample for sample in samples(OWN, SystemClock()) if sample.name == "purchase-v1")
    given: dict[str, Any] = {
        "code": str(code),
        "contexts": str(CONTEXTS),
        "event": make_event(sample.request),
        "settings": {
            **OWN,
            "KOOGALLERY_PROVISIONER": "demo",
            "KOOGALLERY_STORE": f"sqlite:{tmp_path / 'store.sqlite'}",
        },
    }

    done = subprocess.run(
        [python, "-c", DRIVER],
        input=json.dumps(given),
        env={"PYTHONPATH": str(old_libraries(tmp_path / "platform"))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    assert check(printed["answer"], sample.key) == ("000000", "")
    assert Path(printed["library"]).is_relative_to(code)
    assert archive.stat().st_size < FUNCTIONGRAPH_LIMIT
    names = {path.relative_to(code).as_posix() for path in code.rglob("*")}
    of_the_builder = [name for name in names if name.endswith(("/RECORD", "/INSTALLER", "/direct_url.json"))]
    assert of_the_builder == [], "what differs from one folder to another"
    assert not names & {"boto3", "botocore", "pycparser", "bin"}
    imported = subprocess.run(
        [python, "-I", "-S", "-c", IMPORT_ALL, str(code)], capture_output=True, text=True, check=False
    )
    assert imported.returncode == 0, imported.stderr
    found = json.loads(imported.stdout.splitlines()[-1])
    assert set(found["missing"]) == NOT_PACKED - ON_A_SERVER
    assert found["imported"] > 150


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
