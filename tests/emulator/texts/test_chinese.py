"""One Chinese word for one thing, in pages, commands, reports and documentation; punctuation as Chinese is printed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.texts import texts

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.zh-CN.md", *sorted(ROOT.glob("docs/*.zh-CN.md")), *sorted(ROOT.glob("emulator/**/*.zh-CN.md"))]

WORDS = {
    "卖家(?!中心)": "商家; the marketplace itself calls its console 卖家中心",
    "函数包|本软件|本项目|本程序包": "本程序",
    "应答": "响应",
    "使用量": "用量",
    "实例 ?(id|Id|编号|标识)(?![A-Za-z_])": "实例 ID",
    "它不是什么": "局限",
    "可以信赖什么": "可靠性保证",
    "桌面上的": "本地云商店",
    "浸泡": "长稳测试",
    "旅程": "全流程演示",
    "送入": "上报用量",
    "回头看": "一个实在的说法：译文里没有英文的习语",
}
"""What is not said, and what is said instead."""

SAID_BY_OTHERS = re.compile("响应Http Body签名校验失败,预期的签名值")
HAN = "[\u4e00-\u9fff”]"
HALF_WIDTH = re.compile(f"(?<={HAN})[,;:!?(]|[,;:!?)](?={HAN})")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)\n]*\)|https?://\S+", re.DOTALL)


def chinese() -> Iterator[tuple[str, str]]:
    """Where it stands, and the words."""
    yield from ((key, entry["zh"]) for key, entry in texts().items())
    yield from ((str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")) for page in PAGES)


@pytest.mark.parametrize("word", WORDS)
def test_one_thing_has_one_word(word: str) -> None:
    found = [(where, text[max(each.start() - 12, 0) : each.end() + 12])
             for where, text in chinese() for each in re.finditer(word, text)]  # fmt: skip
    assert found == [], WORDS[word]


def test_punctuation_is_full_width() -> None:
    found = []
    for where, text in chinese():
        spoken = SAID_BY_OTHERS.sub("", _CODE.sub(lambda match: "]" if match[0][0] == "]" else "·", text))
        found += [(where, spoken[max(each.start() - 12, 0) : each.end() + 12]) for each in HALF_WIDTH.finditer(spoken)]
    assert found == []


def test_the_pages_are_there() -> None:
    assert len(PAGES) > 20
