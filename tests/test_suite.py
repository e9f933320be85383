"""What the suite promises about itself: where all is required, nothing is skipped; nothing is collected in a test."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import ROOT

TESTS = """
import pytest

@pytest.fixture
def moon():
    pytest.skip("no moon in the fixture")

def test_fixture(moon):
    pass

def test_itself():
    pytest.skip("no moon in the test")

@pytest.mark.skipif(True, reason="no moon for the mark")
def test_mark():
    pass

@pytest.mark.xfail(reason="known to fail")
def test_known():
    raise AssertionError
"""
MODULE = 'import pytest\n\npytest.skip("no moon for the module", allow_module_level=True)\n'


def run(folder: Path, required: str) -> "subprocess.CompletedProcess[str]":
    """The tests above under the suite's own ``conftest.py``."""
    (folder / "test_some.py").write_text(TESTS)
    (folder / "test_whole.py").write_text(MODULE)
    plugins = ["-p", "no:cacheprovider", "-p", "tests.conftest"]
    # Else it would look through every folder above.
    place = ["--rootdir", str(folder), "--confcutdir", str(folder), "-c", os.devnull]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--continue-on-collection-errors", *plugins, *place, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.sweep
def test_where_all_is_required_whatever_is_skipped_has_failed_and_says_why(tmp_path: Path) -> None:
    done = run(tmp_path, "1")
    assert done.returncode == 1
    for where in ("in the fixture", "in the test", "for the mark", "for the module"):
        assert f"nothing may be skipped here: Skipped: no moon {where}" in done.stdout
    assert "SKIPPED" not in done.stdout
    assert "XFAIL" in done.stdout, "what is known to fail was run"


@pytest.mark.sweep
def test_elsewhere_it_is_skipped_with_its_reason(tmp_path: Path) -> None:
    done = run(tmp_path, "")
    assert done.returncode == 0
    assert sum(line.startswith("SKIPPED") for line in done.stdout.splitlines()) == 4


def test_garbage_waits_until_the_test_is_over() -> None:
    assert not gc.isenabled()
