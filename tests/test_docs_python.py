"""Every Python block of the documentation runs, and does what the page says."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.development import defaults
from emulator.journey import JourneyRow, play_all
from emulator.journey.brief import show_parts
from emulator.provisioner_contract import ProvisionerContract
from emulator.texts import texts as texts_of_pages
from shared.store.dynamodb.schema import TABLES
from tests import engines
from tests.emulator.journey_player import metered_player
from tests.pages import PAGES, ROOT, Page, both, named, names_in, page, texts

pytestmark = pytest.mark.docs

TESTED_ELSEWHERE = {"docs/provisioning.md": ROOT / "tests" / "test_provisioning_docs.py"}
"""Pages whose programs another test runs whole."""


def test_what_is_left_out_is_tested_elsewhere() -> None:
    for name, test in TESTED_ELSEWHERE.items():
        assert Path(name).name in test.read_text(encoding="utf-8")


def run(each: Page) -> dict[str, Any]:
    """All Python of a page, each block by itself, as who copies one of them has it; what they define."""
    defined: dict[str, Any] = {}
    for text in texts(each, "python"):
        block: dict[str, Any] = {"__name__": each.name}
        exec(compile(text, each.name, "exec"), block)  # noqa: S102 - our own documentation
        defined |= block
    return defined


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_python_runs(each: Page) -> None:
    """What a server needs at its start is there: ``server.py`` asks for the settings when it is imported."""
    for text in texts(each, "python"):
        ast.parse(text)
    if each.name.replace(".zh-CN.md", ".md") not in TESTED_ELSEWHERE:
        run(each)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
class TestTheProvisionerOfTheReadme(ProvisionerContract):
    @pytest.fixture
    def provisioner(self, name: str) -> Any:
        return run(page(name))["Acme"]()

    def instances(self, provisioner: Any) -> int | None:
        return len(provisioner.sites)

    def snapshot(self, provisioner: Any, instance: Any) -> Any:
        return dict(provisioner.sites[instance.instance_id])


def test_the_provisioner_of_the_readme_is_short() -> None:
    (text,) = texts(page("README.md"), "python")

    assert len([line for line in text.splitlines() if line.strip()]) <= 25


WITH_THE_QUERY = (
    r"\$(request|request_uri|args|query_string|is_args|arg_\w+|http_referer)\b",
    r"\$context\.(requestOverride|identity\.user|authorizer)|querystring",
)


@pytest.mark.parametrize("each", both("docs/deploy"), ids=named)
def test_no_access_log_that_is_shown_keeps_the_query(each: Page) -> None:
    lines = [line for block in each.blocks for line in block.text.splitlines()]
    (gateway,) = [line for line in lines if line.startswith('{"requestId":"$context')]
    nginx = (ROOT / "deploy" / "server" / "nginx.conf").read_text()
    (proxy,) = re.findall(r"log_format[^;]*;", nginx)

    assert [each for each in (gateway, proxy) for pattern in WITH_THE_QUERY if re.search(pattern, each)] == []
    assert "$context.path" in gateway
    assert '"$uri"' in proxy


@pytest.mark.engines
def test_the_tables_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in engines.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with engines.ministack() as endpoint:
        run(page("docs/deploy.md"))["make_tables"](endpoint)
        from boto3.session import Session

        client = Session().client("dynamodb", endpoint_url=endpoint, region_name="cn-north-4")
        made_tables = client.list_tables()["TableNames"]

    assert set(made_tables) == {f"koogallery-{name}" for name in TABLES}
    for each in both("docs/deploy"):
        assert set(made_tables) <= set(names_in(each.prose))


# --- what the README shows --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> list[JourneyRow]:
    """The rows of ``make run``, played with the README's provisioner."""
    store = tmp_path_factory.mktemp("journey") / "store.sqlite"
    environ = {**defaults({}), "KOOGALLERY_STORE": f"sqlite:{store}"}
    with metered_player(environ, provisioner=run(page("README.md"))["Acme"]()) as (player, metering):
        play_all(player, metering)
    return player.rows


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_how_the_journey_goes(
    name: str, journey: list[JourneyRow], capsys: pytest.CaptureFixture[str]
) -> None:
    show_parts(journey, 1.8)
    printed = capsys.readouterr().out
    assert "✗" not in printed
    assert printed in page(name).text


WHERE_TO_CLICK, LABEL = "skuCode", re.compile(r"\*([^*]+)\*|“([^”]+)”")


@pytest.mark.parametrize("each", both("README"), ids=named)
def test_what_the_readme_says_to_click_is_on_the_pages(each: Page) -> None:
    (table,) = [table for table in each.tables if any(WHERE_TO_CLICK in row[0] for row in table)]
    named_ = {next(filter(None, found)).removesuffix(":") for row in table[1:] for found in LABEL.findall(row[1])}
    known = {text["zh" if each.chinese else "en"].rstrip(":：") for text in texts_of_pages().values()}
    assert named_ - known == set()
    assert len(named_) > 5
