"""Fenced blocks of the documentation: commands can be given or run, JSON parses. Python has tests of its own."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from emulator.development import KEYS
from tests.command_line import found
from tests.pages import PAGES, ROOT, Page, named, page, texts
from tests.test_docs import SETTING
from tests.test_template import resources

pytestmark = pytest.mark.docs

LANGUAGES = {"bash", "python", "json", "javascript", "sql", "toml", "text", ""}


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert {block.language for each in PAGES for block in each.blocks} <= LANGUAGES


# --- bash -------------------------------------------------------------------------------------------------------------


def commands(each: Page) -> Iterator[list[str]]:
    """The words of every command of a page."""
    for block in each.blocks:
        if block.language == "bash":
            for line in block.text.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield words


@pytest.mark.sweep
@pytest.mark.parametrize("each", PAGES, ids=named)
def test_commands_can_be_given(each: Page, tmp_path: Path) -> None:
    elsewhere = list(commands(each.original)) if each.chinese else []
    for words in commands(each):
        if words in elsewhere:
            continue
        settings = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        check(
            [word for word in words if word not in [f"{name}={value}" for name, value in settings.items()]],
            settings,
            tmp_path,
        )


ON_A_SERVER = re.compile(
    "apt-get|cat|cd|chgrp|chmod|chown|cp|curl|docker|echo|install|ln|nginx|pg_dump|pg_restore|pip|runuser|systemctl|umask|"
    "useradd"
)
"""What sets up a machine; of these only the files that they name are looked at."""


def check(words: list[str], settings: Mapping[str, str], folder: Path) -> None:
    """One command without its assignments, and those."""
    match words:
        case ["export"]:
            assert all(SETTING.fullmatch(name) for name in settings)
        case ["make", *targets]:
            made(targets, settings, folder)
        case ["python3", "-c", code] | ["python3", "-c", code, ">", _]:
            assert printed([sys.executable, "-c", code])
        case ["koogallery", *arguments]:
            found(*arguments)
        case (
            ["node", "server.js"]
            | ["pipx", "install", "."]
            | [".", ".venv/bin/activate"]
            | ["python3", "-m", "venv", _]
        ):
            pass  # done by the tests of the checker's page and of the wheel
        case ["aws", service, operation, *options]:
            offered(service, operation, options)
        case [".venv-sam/bin/sam", *arguments]:
            with_sam(arguments)
        case _:
            on_a_server(words)


def on_a_server(words: list[str]) -> None:
    """Known, and the files that it names are there, but for what never is in the repository."""
    if not ON_A_SERVER.fullmatch(words[0].rpartition("/")[2]):
        pytest.fail(f"nobody checks: {shlex.join(words)}")
    own = (ROOT / ".gitignore").read_text().splitlines()
    named = [each for each in words if each.startswith("deploy/") and f"{each}/" not in own]
    assert [each for each in named if not (ROOT / each).exists()] == []


def with_sam(arguments: list[str]) -> None:
    match arguments:
        case ["local", "invoke", function, "--event", event, "--env-vars", "settings.json"]:
            assert function in resources("AWS::Serverless::Function")
            assert (ROOT / event).exists()
        case _:
            assert arguments[0] == "deploy"
            assert "aws-sam-cli" in (ROOT / "requirements-sam.txt").read_text()


def made(targets: list[str], variables: Mapping[str, str], folder: Path) -> None:
    """The target is there; ``invoke`` really runs, on a store of its own."""
    dry = [] if targets == ["invoke"] else ["-n"]
    environment = {**os.environ, "KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}"}
    assert printed(["make", *dry, *targets, *(f"{name}={value}" for name, value in variables.items())], environment)


def printed(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def offered(service: str, operation: str, options: list[str]) -> None:
    """AWS's command line is made from the same descriptions as boto3."""
    from botocore.session import Session

    name = "".join(word.capitalize() for word in operation.split("-"))
    model = Session().get_service_model(service).operation_model(name)
    members = {re.sub(r"(?<!^)(?=[A-Z])", "-", member).lower() for member in getattr(model.input_shape, "members", ())}
    assert {option.removeprefix("--") for option in options if option.startswith("--")} <= members


# --- json -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_json_can_be_read(each: Page) -> None:
    for text in texts(each, "json"):
        assert isinstance(json.loads(text), dict)


def test_the_secret_of_the_pages_has_the_members_the_template_asks_for() -> None:
    asked = set(re.findall(r"\$\{From\}#(\w+)", (ROOT / "template.yaml").read_text()))
    shown = [json.loads(text) for name in ("docs/settings.md", "docs/aws.md") for text in texts(page(name), "json")]

    assert [set(secret) for secret in shown if "access_key" in secret] == [asked, asked]


def test_the_settings_for_sam_are_the_development_values() -> None:
    (settings,) = [
        json.loads(text)["Parameters"] for text in texts(page("docs/aws.md"), "json") if "Parameters" in text
    ]
    own = {
        "KOOGALLERY_PROVISIONER": "demo",
        "KOOGALLERY_STORE": "sqlite:/tmp/store.sqlite",
        "KOOGALLERY_METERING_QUEUE": "",
    }

    assert settings == {name: {**KEYS, **own}[name] for name in settings}
