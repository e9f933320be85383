"""Every text is there in both languages with the same parameters, each place gives them, and none is left over."""

import re
import string

import pytest

from emulator.checks import CHECKS, Requirement
from emulator.conformance.case import CallCase
from emulator.conformance.catalogue import CASES
from emulator.journey import CHAPTERS, usage_story
from emulator.texts import LANGUAGES, Text, first, joined, named, texts, verbatim
from tests.emulator.console.english import sentences
from tests.emulator.texts.used import Use, constants, uses

CHINESE = re.compile(r"[\u4e00-\u9fff]")
REQUIREMENTS = [each for each in vars(usage_story).values() if isinstance(each, Requirement)]
REQUIRED = [*CHECKS, *REQUIREMENTS, *CASES]


def names(words: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def asked() -> set[str]:
    """Ids of the texts that the checks and cases have."""
    parts = [text for each in REQUIRED for text in (each.title, each.advice)]
    return {text.id for text in (*parts, *(case.why for case in CASES))}


def test_both_languages_say_the_same() -> None:
    for key, entry in texts().items():
        assert entry.keys() == LANGUAGES.keys(), key
        assert all(each.strip() for each in entry.values()), key
        assert names(entry["en"]) == names(entry["zh"]), f"{key}: the same values stand in both"


def test_chinese_is_chinese() -> None:
    foreign = {key for key, entry in texts().items() if not CHINESE.search(entry["zh"]) and entry["zh"] != entry["en"]}
    assert {key for key in foreign if sentences(texts()[key]["zh"])} == set()
    assert {key for key, entry in texts().items() if entry["zh"] == entry["en"] and sentences(entry["en"])} == set()


@pytest.fixture(scope="module")
def used() -> list[Use]:
    """All places where a text is made."""
    return uses()


def test_every_text_that_is_used_is_there(used: list[Use]) -> None:
    assert len(used) > 700
    assert {(use.where, use.key) for use in used if use.whole and use.key not in texts()} == set()
    beginnings = {(use.where, use.key) for use in used if not use.whole}
    assert {each for each in beginnings if not any(key.startswith(each[1]) for key in texts())} == set()
    assert asked() <= texts().keys()


def test_every_place_gives_what_the_text_has(used: list[Use]) -> None:
    wrong = [use for use in used if use.whole and not use.more and names(texts()[use.key]["en"]) != use.parameters]
    assert wrong == []


def test_a_text_of_several_is_given_what_each_has(used: list[Use]) -> None:
    some = [use for use in used if not use.whole and use.parameters and not use.more]
    assert some
    for use in some:
        assert all(names(texts()[key]["en"]) <= use.parameters for key in texts() if key.startswith(use.key)), use


def test_no_text_is_left_over(used: list[Use]) -> None:
    steps = {f"journey.steps.{name}" for name in constants("journey")}
    whole = {use.key for use in used if use.whole} | constants() | asked() | steps
    whole |= {f"journey.chapters.{name}" for name, _ in CHAPTERS}
    exact = ("cases.title.", "cases.why.", "cases.advice.", "checks.", "journey.steps.", "journey.chapters.")
    beginnings = tuple(use.key for use in used if not use.whole and not use.key.startswith(("cases.", *exact)))
    elsewhere = (*beginnings, "cases.debugging.", "commands.")  # the last by the test of the commands' help
    assert {key for key in texts().keys() - whole if not key.startswith(elsewhere)} == set()


def test_a_case_has_its_own_text_or_the_groups() -> None:
    found = {case.id: case for case in CASES if isinstance(case, CallCase)}
    assert found["v1.request.again"].why.id == "cases.why.v1.request.again"
    assert found["v2.refused.old"].why.id == "cases.why.refused.old"
    assert found["v2.refused.other-key"].why.id == "cases.why.refused.default"
    assert found["v2.refused.no-body"].why.id == "cases.why.refused.bad"
    with pytest.raises(KeyError):
        first("cases.why.nowhere")


def test_a_text_says_what_it_is_given_in_the_language_it_is_said_in() -> None:
    codes = joined("reasons.or", ("000000", "000004"))
    text = Text(
        "reasons.first", reason=Text("reasons.code", code="1", message="no", codes=codes), case="a", count=1, all=2
    )
    assert str(text) == "1 (no) instead of 000000 or 000004 (first in a; 1 of 2 answers)"
    assert text.said("zh") == "1（no），应为 000000 或 000004（首次出现于 a；2 个响应中有 1 个）"
    assert str(text.changed(lambda words: words.replace("no", "***"))).startswith("1 (***) instead")
    assert Text.read(text.document()) == text
    assert {text, Text.read(text.document())} == {text}


def test_a_name_that_nobody_knows_stays_as_it_is() -> None:
    assert named("market.purpose", "trial to formal").said("zh") == "试用转正"
    assert named("cases.debugging", "new, trialFlag 0").said("zh") == "新购，trialFlag 0"
    assert named("market.product", "somebody's {own}").said("zh") == "somebody's {own}"
    assert verbatim("[Errno 5] {x}").said("zh") == "[Errno 5] {x}"


@pytest.mark.parametrize("key", ["reasons.late", "calls.unmet"])
def test_what_is_missing_shows(key: str) -> None:
    with pytest.raises(KeyError):
        Text(key, wrong=1).said("en")


GROUPS_ADVICE = {
    "new.default": "v1.new: period trial no-trial package",
    "v1.life.default": "v1.life: renew renew-formal expire release upgrade freeze unfreeze",
    "v2.life.default": "v2.life: new renew renew-formal freeze unfreeze release",
    "v2.request.default": "v2.request: body-order body-spaces body-chinese body-escapes",
    "v1.refused.default": "v1.refused: wrong-token no-token other-key changed",
    "v1.refused.bad": "v1.refused: unknown-activity no-activity no-instance bad-status",
    "v2.refused.default": "v2.refused: wrong-signature no-signature other-key no-time no-nonce",
    "v2.refused.bad": "v2.refused: unknown-activity no-activity no-order no-instance bad-status bad-scene not-json "
    "no-object no-body",
    "sync.default": "v1.sync v2.sync: tenant users department departments",
    "sync.newer": "v2.sync: tenant-changed users-revoked",
    "sync-refused.default": "v1.sync-refused v2.sync-refused: wrong-signature no-signature changed",
    "v1.real.default": "v1.real: renew-twice upgrade-twice",
    "v2.real.default": "v2.real: renew-twice upgrade-twice",
    "real.unknown": "v1.real v2.real: renew-released unknown-instance",
}


def test_a_case_without_advice_of_its_own_is_named_here() -> None:
    """The group's advice must fit it: that is looked at when it is entered."""
    named_here = {
        (f"{group}.{name}", f"cases.advice.{text}")
        for text, cases in GROUPS_ADVICE.items()
        for groups, _, members in [cases.partition(": ")]
        for group in groups.split()
        for name in members.split()
    }
    found = {(case.id, case.advice.id) for case in CASES if isinstance(case, CallCase)}
    assert {(case, text) for case, text in found if case.rpartition(".")[2] != text.rpartition(".")[2]} == named_here
