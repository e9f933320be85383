"""``python -m emulator.packaging.site`` makes the pages a web site, ``build/docs/site``, Chinese below ``zh``.

Pages stay where they are read in the repository; here each gets its place in the site, one folder for each language,
and links that fit it. What a link or an anchor names must be there, or the exit code is 1. The site needs no network.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "zh")
ENGLISH_ONLY = ("changelog", "contributing", "security")
_LINK_OR_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`|(?<=\]\()(?P<link>[^)\s]+)(?=\))", re.DOTALL | re.MULTILINE)


def main() -> int:
    """Build both languages; the exit code."""
    work = ROOT / "build" / "docs"
    shutil.rmtree(work, ignore_errors=True)
    return build(ROOT, work)


def build(root: Path, work: Path) -> int:
    """Lay the pages below ``root`` out in ``work`` and write ``work/site``; 1 if a link of theirs leads nowhere."""
    plan = tomllib.loads((root / "docs" / "site.toml").read_text("utf-8"))
    return max([_build(root, work, language, plan) for language in LANGUAGES])


def pages(root: Path) -> dict[Path, str]:
    """Every page in every language, and its name in the site, where each language has a folder."""
    english = {root / f"{name.upper()}.md": name for name in ENGLISH_ONLY}
    found = [*(root / "docs").glob("*.md"), *root.glob("README*.md")]
    return english | {each: each.name.split(".")[0].replace("README", "index") for each in found}


def _build(root: Path, work: Path, language: str, plan: Mapping[str, Any]) -> int:
    known, missing = pages(root), []
    for source, name in known.items():
        if language == _language(source) or name in ENGLISH_ONLY:
            missing += [f"{source}: {link}" for link in _lay_out(root, source, work / language / f"{name}.md", known)]
    configuration = work / f"{language}.yml"
    configuration.write_text(json.dumps(_configuration(language, plan)), "utf-8")  # JSON is YAML
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(configuration)]
    done = subprocess.run(command, check=False)
    print("".join(f"{each} leads nowhere\n" for each in missing), end="")
    return int(done.returncode != 0 or bool(missing))


def _language(page: Path) -> str:
    return "zh" if page.name.endswith(".zh-CN.md") else "en"


def _lay_out(root: Path, source: Path, target: Path, known: Mapping[Path, str]) -> list[str]:
    """Write one page, and beside it what it links to that is no page. Links to nothing are returned."""
    missing, language = [], target.parent.name

    def place(found: re.Match[str]) -> str:
        link, mark, anchor = (found["link"] or "").partition("#")
        if not link or re.match(r"[a-z]+:", link):
            return found[0]
        file = (source.parent / link).resolve()
        if file in known:
            return _address(file, mark + anchor)
        if not file.is_file():
            missing.append(link)
            return found[0]
        copy = target.parent / "files" / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
        return copy.relative_to(target.parent).as_posix()

    def _address(page: Path, anchor: str) -> str:
        name = known[page]
        if _language(page) != _language(source) and name == target.stem:
            return f"../{name}.html" if language == "zh" else f"zh/{name}.html"
        # An English page among the Chinese ones links to translations, whose headings have names of their own.
        return f"{name}.md{anchor if language == _language(source) else ''}"

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_LINK_OR_CODE.sub(place, source.read_text("utf-8")), "utf-8")
    return missing


def _configuration(language: str, plan: Mapping[str, Any]) -> dict[str, Any]:
    """What Zensical is told, in the format of MkDocs. No fonts, no offline mode: both would load from elsewhere."""
    return {
        "site_name": plan["name"],
        "docs_dir": language,
        "site_dir": "site" if language == "en" else f"site/{language}",
        "use_directory_urls": False,
        "nav": [{each[language]: [f"{name}.md" for name in each["pages"]]} for each in plan["groups"]],
        "theme": {
            "language": language,
            "font": False,
            "features": [
                "navigation.sections",
                "navigation.top",
                "content.code.copy",
                "search.highlight",
                "toc.follow",
            ],
        },
        "markdown_extensions": [
            "tables",
            "pymdownx.highlight",
            "pymdownx.superfences",
            {"toc": {"permalink": True, "slugify": {"object": "pymdownx.slugs.slugify", "kwds": {"case": "lower"}}}},
        ],
        "validation": {"invalid_links": True, "invalid_link_anchors": True},
    }


if __name__ == "__main__":
    sys.exit(main())
