"""The forms of the report: complete, well-formed, and without secrets."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from emulator.checks import Expected, Reading
from emulator.conformance import CallFactory, Keys, Report, Runner, chosen
from emulator.conformance.case import CallCase, CaseVerdict, Exchange, Result
from emulator.conformance.catalogue import CASES
from emulator.conformance.explain import canonical
from emulator.conformance.report_html import as_html
from emulator.conformance.report_junit import as_junit
from emulator.conformance.report_table import show, show_list
from emulator.conformance.unproven import unproven
from emulator.marketplace.delivery.call import RecordedCall
from emulator.texts import speaking, verbatim
from emulator.wire.client import Answer, NoAnswer, Reply
from shared.commands import Version
from shared.http import HttpRequest
from shared.protocol.signing import body_sign
from tests.emulator.console.calls import AT, every_kind
from tests.emulator.console.calls import KEYS as OUR_KEYS
from tests.fakes import FakeClock

KEYS = Keys("key-of-version-1-secret", "access-key-secret", "notify-key-secret")
HOSTILE = "<script>alert(1)</script>[red]&\x00\x0b"


def answered(request: HttpRequest) -> Reply:
    """Success with a password, hostile text and a key in it; upgrades of version 2 get no answer."""
    if b"upgradeInstance" in request.body:
        return NoAnswer(verbatim("nothing came"))
    members: dict[str, Any] = {"resultCode": "000000", "resultMsg": f"{HOSTILE} {KEYS.key}"}
    members["info"] = [
        {"instanceId": "other", "appInfo": {"frontEndUrl": "x", "password": 'top"secret', "memo": "欢迎"}}
    ]
    body = json.dumps(members, ensure_ascii=False).encode()
    return Answer(200, (("body-sign", body_sign(KEYS.key, body)), ("X-Odd", HOSTILE)), body, 12.5)


@pytest.fixture(scope="module")
def report() -> Report:
    factory = CallFactory(KEYS, FakeClock(), "/isv")
    results = Runner("https://isv.example.com/isv", factory, answered).run(chosen([], ("v1", "v2"), real=False))
    return Report("https://isv.example.com/isv", "2026-11-20T08:30:00+00:00", 1.5, results)


def test_the_summary_counts_and_the_verdict_follows_the_failures(report):
    verdicts = [result.verdict for result in report.results]
    assert not report.passed
    assert report.summary == ", ".join(
        f"{verdicts.count(each)} {each}" for each in ("passed", "failed", "warning", "skipped") if each in verdicts
    )


def test_json_has_every_case_with_what_was_sent_and_what_came_back(report):
    document = json.loads(report.as_json())
    cases = {case["id"]: case for case in document["cases"]}
    assert sum(document["summary"].values()) == len(cases) == len(report.results)
    query = cases["v1.life.query"]
    assert query["verdict"] == "failed"
    assert query["console"]["zh"].startswith("调用失败")
    (call,) = query["calls"]
    assert call["sent"]["parameters"]["activity"] == "queryInstance"
    assert call["received"]["status"] == 200
    assert call["expected"] == ["000000"]
    assert cases["v2.life.upgrade"]["calls"][0]["received"] == {"none": "nothing came", "milliseconds": 0.0}


def test_the_signature_is_explained_piece_by_piece(report):
    cases = {case["id"]: case for case in json.loads(report.as_json())["cases"]}
    v1 = cases["v1.life.query"]["calls"][0]["sent"]["signature"]
    _, data = v1[0].split(" = ")
    assert re.fullmatch(
        "activity=queryInstance&instanceId=huaweitest123456&testFlag=1&timeStamp=2026112008300[0-9]{4}", data
    )
    assert v1[1] == f"secret = <Key>{data[-17:]}"
    assert v1[3].endswith("…: the same")
    changed = cases["v1.refused.wrong-token"]["calls"][0]["sent"]["signature"]
    assert changed[3].endswith("…: another, on purpose")
    v2 = cases["v2.refused.no-signature"]["calls"][0]["sent"]
    assert v2["signature"][1].startswith("data = <access key>")
    assert v2["signature"][3] == "signature sent = (none): another, on purpose"


@pytest.mark.parametrize("kind", ["v1", "v2", "sync-v1", "sync-v2"])
def test_every_kind_of_signature_is_explained_without_its_key(kind):
    call = every_kind()[kind]
    key = getattr(OUR_KEYS, call.key_name)
    expected = Expected(Version(call.version), call.activity, key)
    reading = Reading(NoAnswer(verbatim("nothing came")), expected)
    pieces = canonical(Exchange("case", call.sent.request(), reading, AT, Keys(key)))
    assert pieces[-1][1].endswith("…: the same")
    assert any(f"<{'Key' if kind.endswith('1') else 'access key'}>" in text for _, text in pieces)
    assert not any(key in text or re.search("[0-9A-Fa-f]{64}", text.replace(nonce_of(call), "")) for _, text in pieces)


def nonce_of(call: RecordedCall) -> str:
    """A nonce is as long as a signature, and no secret."""
    return call.sent.request().first("nonce") or dict(call.sent.headers).get("x-nonce", "no nonce")


@pytest.mark.parametrize("write", [Report.as_json, as_junit, as_html])
def test_no_report_holds_a_key_a_password_or_a_whole_signature(report, write):
    text = write(report)
    assert [secret for secret in (*KEYS.all, 'top"secret', 'top\\"secret') if secret in text] == []
    tokens = [dict(each.request.query).get("authToken") for result in report.results for each in result.exchanges]
    assert [token for token in tokens if token and token in text] == []


def test_junit_has_a_test_for_each_case(report):
    suite = ET.fromstring(as_junit(report))[0]  # noqa: S314 - our own text
    tests = list(suite)
    assert suite.get("tests") == str(len(tests)) == str(len(report.results))
    failed = [test for test in tests if test.find("failure") is not None]
    assert suite.get("failures") == str(len(failed))
    assert failed
    (query,) = [test for test in tests if test.get("name", "").startswith("query: queryInstance") and test in failed][
        :1
    ]
    text = query.findtext("failure") or ""
    assert query.get("classname") == "conformance.v1.life"
    assert "seller console: 调用失败" in text
    assert "do: With testFlag=1" in text


class Page(HTMLParser):
    """Element names, what they load, and the ids of cases."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        if tag == "details" and "id" in values:
            self.ids.append(values["id"] or "")


def test_html_is_one_file_that_loads_nothing_and_runs_nothing(report):
    page = Page()
    page.feed(as_html(report))
    assert page.ids == [result.case.id for result in report.results]
    assert page.loads == []
    assert "script" not in page.tags
    text = as_html(report)
    assert '<meta name="viewport" content="width=device-width' in text
    assert "prefers-color-scheme: dark" in text
    assert "url(" not in text


def test_the_table_shows_what_to_do_and_takes_no_markup_from_the_wire(report, capsys):
    show(report, calls=True)
    out = capsys.readouterr().out
    assert "[red]" in out
    assert "✗ 1" in out
    assert "again     koogallery check --only sign." in out
    assert "serve HTTP/1.1" in out
    assert "secret = <Key>" in out
    assert report.summary in out
    assert not any(secret in out for secret in KEYS.all)


def test_what_is_to_be_mended_stands_first_in_both_languages(report):
    explained = [result.case.id for cause in report.causes for result in cause.results]
    assert len(set(explained)) == len(explained) > 2 * len(report.causes)
    document = json.loads(report.as_json())
    assert [each["id"] for each in document["causes"]] == [each.id for each in report.causes]
    assert ["header-name"] in [each["mistakes"] for each in document["causes"]]
    english = as_html(report)
    with speaking("zh"):
        chinese = as_html(report)
    assert english.index("To mend before you go live") < english.index('<details id="')
    assert '<html lang="zh-CN">' in chinese
    assert "上线前需要修正" in chinese
    assert "本次检查未能证明" in chinese
    assert "Every requirement" not in chinese


def test_the_code_of_one_language_is_printed(report, capsys):
    show(report, language="python")
    assert "body_sign(key: str, body: bytes)" in capsys.readouterr().out
    show(report)
    out = capsys.readouterr().out
    assert "--mend java" in out
    assert out.index("\ndo ") < out.index("\nfound ") < out.index("\nsent "), "what to do first, then what shows it"


def test_the_list_shows_every_case(capsys):
    cases = chosen([], ("v1", "v2"), real=True)
    show_list(cases)
    out = capsys.readouterr().out
    assert [case.id for case in cases if case.id not in out] == []


# --- what a run does not prove ----------------------------------------------------------------------------------------


def of(*cases: CallCase, verdict: CaseVerdict = CaseVerdict.PASSED) -> str:
    return "\n".join(map(str, unproven([Result(case, verdict) for case in cases])))


def test_debug_calls_prove_neither_store_nor_keys_nor_open_api(report, capsys):
    told = "\n".join(report.unproven)
    for name in ("STORAGE_KEY", "AK", "SK", "STORE", "PROVISIONER", "USAGE_KEY", "SESSION_KEY", "SYNC_ACCESS_KEY"):
        assert f"KOOGALLERY_{name}" in told
    assert "koogallery doctor" in told
    assert json.loads(report.as_json())["unproven"] == report.unproven
    show(report)
    printed = " ".join(capsys.readouterr().out.split())
    for text in report.unproven:
        assert " ".join(text.split()[:6]) in printed
        assert str(escape(text)) in as_html(report)


def test_what_real_orders_and_sync_have_proven_is_not_mentioned():
    real = {case.version: case for case in CASES if isinstance(case, CallCase) and case.real}
    sync = next(case for case in CASES if isinstance(case, CallCase) and case.sync)

    assert "STORAGE_KEY" not in of(*real.values())
    assert "KOOGALLERY_API_URLS" not in of(real["v2"])
    assert "KOOGALLERY_API_URLS" in of(real["v1"])
    assert "STORAGE_KEY" in of(*real.values(), verdict=CaseVerdict.SKIPPED)
    assert ("--sync" in of(real["v1"]), "--sync" in of(sync)) == (True, False)
