"""Both languages of the documentation say the same, links lead somewhere, and settings are those of the code."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from emulator import development
from shared.config import Settings, of
from tests.pages import PAGES, ROOT, TRANSLATED, Page, both, named, names_in, page

pytestmark = pytest.mark.docs

SETTING = re.compile(r"(?<![A-Z_])KOOGALLERY_(?:[A-Z0-9]+_)*[A-Z0-9]+(?![A-Z0-9_])")
CODE = [path for name in ("functions", "shared", "emulator") for path in (ROOT / name).rglob("*.py")]
ENGLISH = [page for page in TRANSLATED if not page.chinese]


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("english", ENGLISH, ids=named)
def test_both_languages_have_the_same_parts(english: Page) -> None:
    chinese = page(english.name.replace(".md", ".zh-CN.md"))

    assert [level for level, _ in chinese.headings] == [level for level, _ in english.headings]
    assert [[len(row) for row in rows] for rows in chinese.tables] == [
        [len(row) for row in rows] for rows in english.tables
    ]
    assert [(block.language, bare(block.text)) for block in chinese.blocks] == [
        (block.language, bare(block.text)) for block in english.blocks
    ]


@pytest.mark.parametrize("english", ENGLISH, ids=named)
def test_both_languages_name_the_same_things(english: Page) -> None:
    """Settings, codes and activities in each table, row by row."""
    chinese = page(english.name.replace(".md", ".zh-CN.md"))
    word = re.compile(r"KOOGALLERY_\w*[A-Z0-9]|\b000\d{3}\b|\b[A-Z]{4,}(?:_[A-Z]+)*\b")

    def things(each: Page) -> list[list[Counter[str]]]:
        return [[Counter(word.findall(" ".join(map(code, row)))) for row in rows] for rows in each.tables]

    def code(cell: str) -> str:
        return " ".join(names_in(cell))

    assert things(chinese) == things(english)


def bare(text: str) -> str:
    """A block without its comments, which are translated."""
    return re.sub(r" *(?:^|\s)# .*$", "", text, flags=re.MULTILINE)


def test_every_translated_page_has_its_pair() -> None:
    names = {each.name for each in TRANSLATED}

    assert {name for name in names if name.replace(".zh-CN.md", ".md") not in names} == set()
    assert {each.name.replace(".md", ".zh-CN.md") for each in ENGLISH} <= names


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_links_lead_somewhere(each: Page) -> None:
    broken = [link for link in each.links if not link.startswith("https://") and not resolves(each, link)]

    assert broken == []


@pytest.mark.parametrize("each", [each for each in TRANSLATED if each.chinese], ids=named)
def test_chinese_pages_link_to_chinese_pages(each: Page) -> None:
    own = each.path.name.replace(".zh-CN.md", ".md")
    to_english = [
        link
        for link in each.links
        if link.split("#")[0].endswith(".md")
        and link.split("#")[0] != own
        and (each.path.parent / link.split("#")[0].replace(".md", ".zh-CN.md")).exists()
        and ".zh-CN.md" not in link
    ]

    assert to_english == []


def resolves(source: Page, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (source.path.parent / path).resolve() if path else source.path
    return target.exists() and (not anchor or anchor in Page(target).anchors)


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_repository_paths_exist(each: Page) -> None:
    """Paths in back quotes that begin with a folder of ours."""
    paths = [
        name
        for name in names_in(each.prose)
        if re.fullmatch(r"(functions|shared|emulator|tests|events)/[\w./-]*", name)
    ]

    assert [path for path in paths if not (ROOT / path).exists()] == []


# --- settings ---------------------------------------------------------------------------------------------------------


def settings_in(*texts: str) -> set[str]:
    return {name for text in texts for name in SETTING.findall(text)}


@pytest.mark.parametrize("each", both("docs/settings"), ids=named)
def test_settings_of_the_code_and_of_the_page_are_the_same(each: Page) -> None:
    code = settings_in((ROOT / "template.yaml").read_text(), *(path.read_text() for path in CODE))

    assert settings_in(each.text) == code


@pytest.mark.parametrize("each", PAGES, ids=named)
def test_no_page_names_a_setting_that_is_not_there(each: Page) -> None:
    assert settings_in(each.text) <= settings_in(page("docs/settings.md").text)


DEFAULTS: dict[str, Callable[[Settings], str]] = {
    "KOOGALLERY_API_URLS": lambda settings: ",".join(settings.api_urls),
    "KOOGALLERY_AES_BITS": lambda settings: str(settings.cipher_bits),
    "KOOGALLERY_V1_UTC_OFFSET": lambda settings: f"{settings.v1_zone.utcoffset(None).total_seconds() / 3600:g}",
    "KOOGALLERY_V1_PENDING": lambda settings: settings.v1_pending,
    "KOOGALLERY_V1_WINDOW": lambda settings: f"{settings.v1_window or 0:g}",
    "KOOGALLERY_BASE_PATH": lambda settings: settings.base_path,
    "KOOGALLERY_DEADLINE": lambda settings: f"{settings.deadline:g}",
    "KOOGALLERY_LEASE": lambda settings: f"{settings.lease.total_seconds():g}",
    "KOOGALLERY_SHARDS": lambda settings: str(settings.shards),
    "KOOGALLERY_USAGE_BATCH": lambda settings: str(settings.usage_batch),
    "KOOGALLERY_GIVE_UP": lambda settings: f"{settings.give_up.total_seconds():g}",
}


@pytest.mark.parametrize("each", both("docs/settings"), ids=named)
def test_defaults_are_those_of_the_code(each: Page) -> None:
    rows = {row[0].strip("`"): row for table in each.tables for row in table if len(row) == 4}
    settings = Settings(of({}), lambda store, name: name)

    assert {name: rows[name][2].strip("`") for name in DEFAULTS} == {
        name: read(settings) for name, read in DEFAULTS.items()
    }


@pytest.mark.parametrize("each", both("docs/settings"), ids=named)
def test_development_values_are_those_of_the_code(each: Page) -> None:
    tables = [{row[0].strip("`"): row[1] for row in table[1:] if len(row) == 2} for table in each.tables]
    (shown,) = [table for table in tables if "KOOGALLERY_APP_TOKEN" in table]
    defaults = development.defaults({})

    assert set(shown) == set(defaults)
    store = f"sqlite:{development.FOLDER / 'store.sqlite'}"
    assert {name: names_in(shown[name])[0] for name in defaults} == {**defaults, "KOOGALLERY_STORE": store}


@pytest.mark.parametrize("each", both("README"), ids=named)
def test_the_readme_leads_to_every_page(each: Page) -> None:
    linked = {(each.path.parent / link).resolve() for link in each.links if not link.startswith("https://")}
    own = {other.path for other in TRANSLATED if other.chinese == each.chinese and other.path.parent != ROOT}

    assert own - linked == set()
