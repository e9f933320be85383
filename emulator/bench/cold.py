"""Cold starts: every handler in fresh interpreters, in turns with the reference."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from compileall import compile_dir
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from emulator.bench.market import SETTINGS
from emulator.bench.requests import LIMIT, PREFIX
from emulator.bench.starters import REFERENCE, Starter, starters
from emulator.bench.timing import ROOT, BenchError, Size, Timing, Track, whole_rounds
from emulator.platforms.engines import ENVIRONMENT
from shared.clock import SystemClock

IMPORT, STORELESS, STORED = "import", "first answer without a store", "first answer with a store"

_TELL = """
import os, sys
def tell(text):
    os.write({pipe}, text.encode() + b"\\n")
def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        from resource import RUSAGE_SELF, getrusage
        return getrusage(RUSAGE_SELF).ru_maxrss // 1024
answer = None
"""
"""What a child begins with. The peak is that of its own memory: ``ru_maxrss`` begins at that of its parent on Linux."""


@dataclass(frozen=True)
class ColdStage:
    """From the start of the interpreter to the end of a stage: time, and time as a multiple of the reference's."""

    timing: Timing
    ratio: float


@dataclass(frozen=True)
class ColdStart:
    """A handler as measured: its stages by name, and the peaks of resident memory in MiB."""

    name: str
    stages: Mapping[str, ColdStage]
    imported_mib: float
    peak_mib: float


class _Start(NamedTuple):
    imported: float
    answered: float
    imported_kib: int
    peak_kib: int


def measure(endpoint: str, size: Size, track: Track) -> list[ColdStart]:
    """Measure every starter; the tables at ``endpoint`` are there already.

    :raises BenchError: a child fails, or answers otherwise than it must.
    """
    for folder in ("functions", "shared"):
        compile_dir(ROOT / folder, quiet=1)
    environment = _environment(endpoint)
    subjects = starters(SystemClock())
    runs: list[tuple[Starter, str]] = [(each, kind) for each in subjects for kind in _kinds(each)]
    starts: dict[tuple[str, str], list[_Start]] = {(each.name, kind): [] for each, kind in runs}
    for each, kind in whole_rounds(track(runs * size.starts, "cold starts"), len(runs), LIMIT):
        starts[each.name, kind].append(_start(each, kind, environment))
    reference = Timing([[start.imported] for start in starts[REFERENCE, IMPORT]])
    return [_row(each, {kind: starts[each.name, kind] for kind in _kinds(each)}, reference) for each in subjects]


def _kinds(starter: Starter) -> list[str]:
    """A process that goes on to answer tells about the import too."""
    answering = [(STORELESS, starter.storeless), (STORED, starter.stored)]
    return [kind for kind, code in answering if code] or [IMPORT]


def _row(starter: Starter, starts: Mapping[str, list[_Start]], reference: Timing) -> ColdStart:
    imports = Timing([[start.imported for start in run] for run in zip(*starts.values(), strict=True)])
    stages = {IMPORT: ColdStage(imports, imports.over(reference))}
    for kind, runs in starts.items():
        if kind != IMPORT:
            answered = Timing([[start.answered] for start in runs])
            stages[kind] = ColdStage(answered, answered.over(reference))
    every = [start for runs in starts.values() for start in runs]
    imported = median(start.imported_kib for start in every) / 1024
    return ColdStart(
        starter.name, stages, imported, max(max(start.imported_kib, start.peak_kib) for start in every) / 1024
    )


def _start(starter: Starter, kind: str, environment: Mapping[str, str]) -> _Start:
    calling = {STORELESS: starter.storeless, STORED: starter.stored}.get(kind)
    told, pipe = os.pipe()
    code = [_TELL.format(pipe=pipe), starter.importing, 'tell("imported")\nimported = peak()']
    code += [calling() if calling else "", 'tell("answered")\ntell(f"{imported} {peak()} {answer}")']
    command = [sys.executable, "-c", "\n".join(code)]
    with open(told, "rb") as lines:  # noqa: PTH123 - a descriptor, not a path
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=[pipe], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        os.close(pipe)
        try:
            lines.readline()
            imported = time.perf_counter() - started
            lines.readline()
            answered = time.perf_counter() - started
            report = lines.read().decode()
            errors = process.communicate(timeout=60)[1].decode()
        finally:
            process.kill()
            process.wait()
    if process.returncode or (calling and starter.proof not in report):
        raise BenchError(f"cold start of {starter.name}: {errors[-500:] or report}")
    imported_kib, peak_kib = report.split(maxsplit=2)[:2]
    return _Start(imported, answered, int(imported_kib), int(peak_kib))


def _environment(endpoint: str) -> dict[str, str]:
    """Nothing of the caller's but the path, so that no profile or proxy of theirs is measured."""
    return {
        "PATH": os.environ["PATH"],
        **ENVIRONMENT,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        **SETTINGS,
        "AWS_SAM_LOCAL": "true",  # on a platform the published keys would be refused
        "KOOGALLERY_STORE": "dynamodb",
        "KOOGALLERY_DYNAMODB_ENDPOINT": endpoint,
        "KOOGALLERY_TABLE_PREFIX": PREFIX,
    }
