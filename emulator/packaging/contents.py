"""What of the locked dependencies is packed: what is imported, and nothing else."""

import re
import shutil
from pathlib import Path

from emulator.platforms.shipped import shipped

NOT_PACKED = frozenset({"boto3", "botocore", "s3transfer", "urllib3", "python-dateutil", "six", "pycparser"})
"""Not on the way of a call. Lambda's runtime brings boto3 with what it needs, for the queue of metering and for
credentials that are not in the environment; on FunctionGraph nothing asks for either. cffi needs pycparser to build.
"""
POWERTOOLS = frozenset(
    {"exceptions", "logging", "metrics", "package_logger", "shared", "tracing", "utilities", "warnings"}
)
"""What its logger imports; the rest is most of it."""
POWERTOOLS_UTILITIES = frozenset({"jmespath_utils"})


def requirements(*locks: str) -> list[tuple[str, str]]:
    """The entries of these lock files: the name, and all of it with its hashes."""
    text = "".join(shipped(lock).read_text() for lock in locks)
    return [(each.partition("==")[0], each) for each in re.findall(r"^[a-z].*\n(?: .*\n)*", text, re.MULTILINE)]


def packed_requirements(*locks: str) -> list[str]:
    """The entries of these lock files that are packed."""
    return [entry for name, entry in requirements(*locks) if name not in NOT_PACKED]


def strip(target: Path) -> None:
    """Remove what is never imported of the packages in ``target``."""
    powertools = target / "aws_lambda_powertools"
    for folder, kept in ((powertools, POWERTOOLS), (powertools / "utilities", POWERTOOLS_UTILITIES)):
        for path in folder.iterdir():
            if path.stem not in {*kept, "__init__"}:
                remove(folder, path.name)
    for pattern in ("**/tests", "**/*.pyi", "pydantic/v1"):
        remove(target, pattern)


def remove(folder: Path, pattern: str) -> None:
    """Remove what ``pattern`` finds."""
    for path in list(folder.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
