"""The documentation as data: pages, their parts, and which page is which one's translation."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, and its text without the indent of the list it stands in."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """The path from the top of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def chinese(self) -> bool:
        """Is it a translation?"""
        return self.path.name.endswith(".zh-CN.md")

    @property
    def original(self) -> "Page":
        """What a translation is one of; else the page itself."""
        return Page(self.path.with_name(self.path.name.replace(".zh-CN.", ".")))

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """All but the fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """The fenced blocks, in order."""
        found = _FENCE.finditer(self.text)
        return [Block(m["language"], re.sub(f"^{m['indent']}", "", m["text"], flags=re.MULTILINE)) for m in found]

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading."""
        return [(len(marks), text) for marks, text in re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link can point to on this page, as GitHub names it."""
        plain = (re.sub(r"[^\w\- ]", "", text.lower()) for _, text in self.headings)
        return {text.replace(" ", "-") for text in plain}

    @cached_property
    def tables(self) -> list[list[list[str]]]:
        """Each table as rows of cells, the title row first, without the row of dashes."""
        found = re.findall(r"(?:^ *\|.*\n)+", f"{self.prose}\n", re.MULTILINE)
        return [[_cells(row) for row in table.splitlines() if not re.fullmatch(r"[ |:-]+", row)] for table in found]

    @cached_property
    def links(self) -> list[str]:
        """Targets of all links."""
        return _LINK.findall(_CODE.sub("", self.prose))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def names_in(text: str) -> list[str]:
    """What stands in back quotes."""
    return re.findall(r"`([^`]+)`", text)


PAGES = [Page(path) for folder in (ROOT, ROOT / "docs") for path in sorted(folder.glob("*.md"))]
TRANSLATED = [page for page in PAGES if page.path.parent != ROOT or page.path.name.startswith("README")]


def page(name: str) -> Page:
    """The page at a path from the top of the repository."""
    return next(each for each in PAGES if each.name == name)


def both(name: str) -> list[Page]:
    """The English and the Chinese page of a name without ending."""
    return [page(f"{name}.md"), page(f"{name}.zh-CN.md")]


def named(each: Page) -> str:
    """What a test of ``each`` is called."""
    return each.name


def texts(each: Page, language: str) -> list[str]:
    """The blocks of ``each`` in ``language``."""
    return [block.text for block in each.blocks if block.language == language]
