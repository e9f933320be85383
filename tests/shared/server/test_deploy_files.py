"""The files in ``deploy/server``: read as those read them who use them."""

import re
import shutil
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.commands.cli import MODULES
from shared.runtimes.wsgi import MAX_BODY
from shared.server import health, listener, supervisor
from tests.pages import ROOT, page
from tests.test_docs import SETTING

FOLDER = ROOT / "deploy" / "server"
UNITS = sorted(FOLDER.glob("*.service")) + sorted(FOLDER.glob("*.timer"))


def unit(name: str) -> dict[str, dict[str, str]]:
    """The last value of each name, by section."""
    parser = RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / name)
    return {section: dict(parser[section]) for section in parser.sections()}


def compose() -> Any:
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


def test_settings_are_known() -> None:
    named = {name for path in FOLDER.iterdir() for name in SETTING.findall(path.read_text())}

    assert named
    assert named <= set(SETTING.findall(page("docs/settings.md").text))


def test_commands_exist() -> None:
    started = re.findall(r"bin/koogallery (\w+)", "".join(each.read_text() for each in UNITS))

    assert sorted(started) == ["backup", "serve"]
    assert set(started) <= MODULES.keys()


# --- container --------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (FOLDER / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line]  # type: ignore[misc]


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    found = instructions()
    stages = [number for number, (name, _) in enumerate(found) if name == "FROM"]
    last = found[stages[-1] :]

    assert [value for name, value in found if name == "FROM"] == ["${PYTHON} AS build", "${PYTHON}"]
    assert found[0] == ("ARG", "PYTHON=python:3.12-slim")
    assert ("USER", "10001") in last
    assert [name for name, _ in last[last.index(("USER", "10001")) :] if name in ("RUN", "COPY")] == []
    assert [value for name, value in last if name == "COPY"] == ["--from=build /opt/koogallery /opt/koogallery"]
    (check,) = [value for name, value in last if name == "HEALTHCHECK"]
    assert health.PATH in check
    assert [value for name, value in last if name in ("ENTRYPOINT", "CMD")] == [
        '["koogallery"]',
        '["serve", "--host", "0.0.0.0", "--port", "8000"]',
    ]


def test_what_the_image_copies_is_there() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_the_image_has_what_the_wheel_is_made_of_and_its_context_has_no_secret() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    context = (ROOT / ".dockerignore").read_text().splitlines()

    assert {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]} <= copied()
    assert copied() | {"build/wheels"} == {line.removeprefix("!") for line in context if line.startswith("!")}
    assert "*" in context
    assert not any("deploy/server".startswith(name) for name in {*wheel["force-include"], *copied()})


def copied() -> set[str]:
    """What the image copies, but for the wheels, which may be there."""
    values = [value.split()[:-1] for name, value in instructions() if name == "COPY" and "--from" not in value]
    return {name for names in values for name in names if "[" not in name}


def test_compose_gives_secrets_as_files_and_takes_away_what_is_not_needed() -> None:
    services, secrets = compose()["services"], compose()["secrets"]
    server = services["server"]

    assert (server["read_only"], server["cap_drop"], server["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108
    files = [value for value in server["environment"].values() if value.startswith("file:")]
    assert sorted(files) == sorted(f"file:/run/secrets/{name}" for name in server["secrets"])
    assert {name for each in services.values() for name in each.get("secrets", ())} == secrets.keys()
    assert "ports" not in server
    assert "ports" not in services["database"]
    (subnet,) = [each["subnet"] for each in compose()["networks"]["inside"]["ipam"]["config"]]
    assert server["environment"]["KOOGALLERY_TRUSTED_PROXIES"] == subnet


def test_everybody_waits_as_long_as_the_server_takes_to_end() -> None:
    assert listener.GRACE < supervisor.GRACE
    for text in (
        compose()["services"]["server"]["stop_grace_period"],
        unit("koogallery.service")["Service"]["TimeoutStopSec"],
    ):
        assert int(text.removesuffix("s")) > supervisor.GRACE


# --- systemd ----------------------------------------------------------------------------------------------------------


def test_the_unit_ends_and_renews_the_server_as_it_wants() -> None:
    service = unit("koogallery.service")["Service"]

    assert service["KillMode"] == "mixed", "the supervisor ends its processes by itself"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["User"] not in ("", "root")
    hardened = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "CapabilityBoundingSet": ""}
    assert hardened.items() <= service.items()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_units(path: Path, tmp_path: Path) -> None:
    assert unit(path.name).keys() <= {"Unit", "Service", "Timer", "Install"}
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = tmp_path / "koogallery"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for each in UNITS:
        (tmp_path / each.name).write_text(each.read_text().replace("/opt/koogallery/bin/koogallery", str(program)))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / path.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert [line for line in done.stderr.splitlines() if path.name in line] == []


def test_what_the_server_may_do_is_little() -> None:
    """By systemd's own count, from 0 for nothing to 10 for everything."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(FOLDER / "koogallery.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    (exposure,) = re.findall(r"Overall exposure level for koogallery.service: ([\d.]+)", said)

    assert float(exposure) <= 1.5


# --- proxies ----------------------------------------------------------------------------------------------------------


def test_caddy_keeps_no_query_and_writes_headers_as_they_are() -> None:
    text = (FOLDER / "Caddyfile").read_text()
    logs = re.findall(r"\n\t+log( default)? \{.*?\n\t\}", text, re.DOTALL)
    filtered = re.findall(r'request>uri regexp \\\?\.\* ""\n\s+request>headers delete', text)

    assert len(logs) == len(filtered) == 2, "the site's log, and that of the errors"
    assert "protocols h1\n" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxies_take_what_the_server_takes(name: str) -> None:
    (size,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)", (FOLDER / name).read_text())

    assert int(size) * 1024 * 1024 >= MAX_BODY
