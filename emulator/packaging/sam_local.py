"""``python -m emulator.packaging.sam_local``: every function with every sample event in a container, as AWS Lambda runs
it.

Builds the bundle with SAM, invokes, checks each answer as the marketplace would, prints a table, and cleans up.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from emulator.development import KEYS, rsa_key
from emulator.packaging import lambda_image
from emulator.packaging.artifacts import ROOT
from emulator.packaging.docker_engine import Missing, engine
from emulator.platforms.event_shapes import Event, api_gateway_rest
from emulator.samples.calls import Sample
from emulator.samples.files import content, signed, unsigned
from shared.clock import SystemClock
from shared.errors import ResultCode
from shared.protocol.signing import BODY_SIGN, BodySignError, verify_body_sign

SAM = ROOT / ".venv-sam" / "bin" / "sam"
SETTINGS = {
    **KEYS,
    "KOOGALLERY_PROVISIONER": "demo",
    "KOOGALLERY_STORE": "sqlite:/tmp/koogallery.sqlite",
    "KOOGALLERY_METERING_QUEUE": "",
    "KOOGALLERY_DAILY_PRODUCTS": "",
    "KOOGALLERY_SHARDS": "4",
    "KOOGALLERY_RSA_PRIVATE_KEY": rsa_key(),
}
"""Each container starts with an empty store of its own. There is no queue, so one run takes all shards."""


@dataclass(frozen=True)
class Invocation:
    """One invocation: ``problem`` is empty if all is well."""

    function: str
    event: str
    result: str
    seconds: float
    problem: str


def logical_id(function: str) -> str:
    """Name in ``template.yaml`` of a module of ``functions``."""
    return "".join(word.capitalize() for word in function.split("_")) + "Function"


class Lambda:
    """``sam local invoke`` against one engine and base image."""

    def __init__(self, environment: Mapping[str, str], image: str | None, folder: Path) -> None:
        self._environment = environment
        self._image = ["--invoke-image", image, "--skip-pull-image"] if image else []
        self._folder = folder
        (folder / "settings.json").write_text(json.dumps({"Parameters": SETTINGS}))

    def invoke(self, function: str, event: Event) -> Any:
        """The function's answer.

        :raises ValueError: it gave none; the text is the end of what SAM said.
        """
        (self._folder / "event.json").write_text(json.dumps(event))
        command = [str(SAM), "local", "invoke", logical_id(function), "--event", str(self._folder / "event.json")]
        command += ["--env-vars", str(self._folder / "settings.json"), *self._image]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            raise ValueError(" ".join(done.stderr.split())[-300:])
        return json.loads(lines[-1])


def rows(platform: Lambda) -> Iterator[Invocation]:
    """All invocations, one after the other; each event is signed just before it is sent."""
    for number, sample in enumerate(signed(SystemClock())):
        for function in served_by(sample):
            fresh = signed(SystemClock())[number]
            yield _row(platform, function, fresh.name, api_gateway_rest(fresh.request), partial(check, key=fresh.key))
    for each in unsigned(SystemClock()):
        if each.platform == "aws":
            yield _row(platform, each.interface, each.name, each.event, partial(compare, expected=each.answer))


def served_by(sample: Sample) -> list[str]:
    """The functions of ``template.yaml`` that answer a call: that at its address, and that of its interface alone."""
    return ["sync"] if "/produceAPI/" in sample.request.path else list(dict.fromkeys(("gateway", sample.interface)))


def _row(
    platform: Lambda, function: str, name: str, event: Event, judge: Callable[[Any], tuple[str, str]]
) -> Invocation:
    started = time.monotonic()
    try:
        result, problem = judge(platform.invoke(function, event))
    except ValueError as error:
        result, problem = "", str(error)
    return Invocation(function, name, result, time.monotonic() - started, problem)


def compare(answer: Any, expected: dict[str, Any]) -> tuple[str, str]:
    """As :func:`check`, of an answer that has no ``resultCode`` and must be this one."""
    found = content(answer)
    return "", "" if found == expected else f"{json.dumps(expected)} expected: {json.dumps(found)[:200]}"


def check(answer: Any, key: str) -> tuple[str, str]:
    """The ``resultCode`` of an answer in API Gateway's format, and what is wrong with the answer, if anything.

    :raises ValueError: it is not in that format.
    """
    if not isinstance(answer, dict) or answer.get("statusCode") != 200:
        raise ValueError(f"statusCode 200 expected: {json.dumps(answer)[:200]}")
    result = str(json.loads(answer["body"]).get("resultCode"))
    try:
        verify_body_sign(key, answer["headers"].get(BODY_SIGN), answer["body"].encode())
    except BodySignError as error:
        return result, str(error)
    return result, "" if result == ResultCode.SUCCESS else "success expected"


def run() -> bool:
    """Everything; ``True`` if all is well.

    :raises Missing: this machine has not what it takes.
    """
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # With credentials SAM asks AWS for the account at each call.
    quiet |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "eu-west-1", "SAM_CLI_TELEMETRY": "0"}
    print("Building the bundle with SAM ...", flush=True)
    for command in (["validate", "--lint"], ["build"]):
        done = subprocess.run([str(SAM), *command], cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
    with engine() as environment, TemporaryDirectory(prefix="koogallery-sam-") as folder:
        print("Making the base image ...", flush=True)
        image = lambda_image.build(environment) if environment else None
        print("Invoking every function ...", flush=True)
        shown = list(rows(Lambda(quiet | environment, image, Path(folder))))
    _print(shown)
    return all(not row.problem for row in shown)


def _print(shown: list[Invocation]) -> None:
    table = Table("function", "event", "resultCode", "seconds", "verdict", title="sam local invoke")
    for row in shown:
        table.add_row(row.function, row.event, row.result, f"{row.seconds:.1f}", row.problem or "pass")
    Console(width=110).print(table)
    print(f"{sum(not row.problem for row in shown)} of {len(shown)} passed")


if __name__ == "__main__":
    try:
        raise SystemExit(0 if run() else 1)
    except Missing as missing:
        raise SystemExit(f"sam-local needs {missing}") from None
