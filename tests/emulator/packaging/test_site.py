"""The web site of the documentation: whole in both languages, and no link or anchor of it leads nowhere."""

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from emulator.packaging.site import build, pages
from tests.pages import ROOT

pytestmark = pytest.mark.docs

NAMES = set(pages(ROOT).values())
ADDRESS = re.compile(r'(?:href|src)="?([^"\s>]+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the pages as they are, which must have no fault."""
    work = tmp_path_factory.mktemp("docs")
    assert build(ROOT, work) == 0
    return work / "site"


def test_every_page_has_its_place_once() -> None:
    plan = tomllib.loads((ROOT / "docs" / "site.toml").read_text("utf-8"))
    placed = [name for group in plan["groups"] for name in group["pages"]]

    assert sorted(placed) == sorted(NAMES)


@pytest.mark.parametrize("folder", ["", "zh"])
def test_every_page_is_there_in_each_language(site: Path, folder: str) -> None:
    assert {each.stem for each in (site / folder).glob("*.html")} == NAMES | {"404"}
    index = (site / folder / "index.html").read_text("utf-8")
    assert f'lang="{folder or "en"}"' in index or f"lang={folder or 'en'}" in index


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for each in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=[^>]*", each.read_text("utf-8"))
        assert [tag for tag in loaded if re.search(r"(?:src|href)=\"?(?:https?:)?//", tag)] == [], each.name


def test_what_pages_link_to_is_there_in_the_other_language_too(site: Path) -> None:
    """Also what the builder does not look at: addresses of files, and of the same page in the other language."""
    for each in site.rglob("*.html"):
        own = [link for link in ADDRESS.findall(each.read_text("utf-8")) if not re.match(r"[a-z]+:|#|/", link)]
        targets = {(each.parent / unquote(link.partition("#")[0])).resolve() for link in own}
        assert [target for target in targets if not target.exists()] == [], each.name


def test_blocks_and_lists_are_seen_as_such(site: Path) -> None:
    """Markdown of the web site wants four spaces where GitHub is content with three."""
    for each in site.rglob("*.html"):
        assert "```" not in re.sub(r"<(code|pre)\b.*?</\1>", "", each.read_text("utf-8"), flags=re.DOTALL), each.name


PLANTED = ["[gone](gone.md)", "[gone](server.md#gone)", "[gone](../deploy/gone.conf)", "[gone](#gone)"]


def repository(root: Path, links: str) -> Path:
    """A small one whose pages are right but for these links."""
    (root / "docs").mkdir(parents=True)
    (root / "docs" / "site.toml").write_text(
        'name = "small"\n[[groups]]\nen = "All"\nzh = "All"\npages = ["index", "page"]'
    )
    for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "README.zh-CN", "docs/server", "docs/server.zh-CN"):
        (root / f"{name}.md").write_text("# A page\n\n[Itself](#a-page)\n")
    for name in ("docs/page", "docs/page.zh-CN"):
        (root / f"{name}.md").write_text(f"# A page\n\nSee {links}.\n")
    return root


@pytest.mark.sweep
def test_each_link_that_leads_nowhere_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert build(repository(tmp_path / "repository", " ".join(PLANTED)), tmp_path / "work") == 1
    told = "".join(capfd.readouterr())
    assert set(re.findall(r"(\S+) leads nowhere", told)) == {"gone.md", "../deploy/gone.conf"}
    assert len(set(re.findall(r"page\.md:3:\d+", told))) == 3, "all but the file, by the builder"


def test_links_that_lead_somewhere_are_none(tmp_path: Path) -> None:
    right = "[there](server.md#a-page) [there](../README.md)"
    assert build(repository(tmp_path / "repository", right), tmp_path / "work") == 0
