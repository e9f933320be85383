"""Languages, and that there are words for everything."""

import re

import pytest

from shared.login.refusals import RefusalReason
from shared.login.texts import PAGE_ACTIONS, PAGE_TEXTS, REFERENCE, SIGNED_OUT, SIGNED_OUT_TEXT, Language, language_of


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh", "zh-CN"),
        ("ZH-Hant-TW", "zh-CN"),
        ("de-DE,de;q=0.9,zh;q=0.5,en;q=0.4", "zh-CN"),
        ("de,fr", "en"),
        ("*", "en"),
        ("en;q=0.1,zh;q=0.2", "zh-CN"),
        ("zh;q=0", "en"),
        ("zh;q=x,en;q=0.1", "en"),
        ("zh ; q=0.9 , en", "en"),
        (",;,q=;;zhx", "en"),
        ("zh;q=nan", "en"),
    ],
)
def test_the_readers_language(accept: str, language: str) -> None:
    assert language_of(accept).value == language


def test_there_are_words_for_every_trouble_in_every_language() -> None:
    assert set(PAGE_TEXTS) == set(RefusalReason)
    for words in PAGE_TEXTS.values():
        assert words.status.value >= 400
        for texts in (words.title, words.text):
            assert set(texts) == set(Language)


def test_chinese_is_chinese_and_english_is_not() -> None:
    pairs = [PAGE_TEXTS[reason].title for reason in RefusalReason] + [
        PAGE_TEXTS[reason].text for reason in RefusalReason
    ]
    for texts in [*pairs, *PAGE_ACTIONS.values(), REFERENCE, SIGNED_OUT, SIGNED_OUT_TEXT]:
        assert re.search(r"[\u4e00-\u9fff]", texts[Language.CHINESE])
        assert texts[Language.ENGLISH].isascii()
